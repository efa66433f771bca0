//! Softmax against that of f64.

mod reference;

use fourlane_core::kernels::softmax::{softmax_backward, softmax_forward};
use proptest::prelude::*;
use reference::compare::{assert_close, assert_near, assert_rounded};
use reference::softmax as naive;
use reference::{central_differences, dot, property_tests, values, wide};

fn forward(columns: usize, input: &[f32]) -> Vec<f32> {
    let mut output = vec![f32::NAN; input.len()];
    softmax_forward(columns, input, &mut output);
    output
}

fn backward(columns: usize, output: &[f32], grad_output: &[f32]) -> Vec<f32> {
    let mut grad_input = vec![f32::NAN; output.len()];
    softmax_backward(columns, output, grad_output, &mut grad_input);
    grad_input
}

fn check(columns: usize, input: &[f32], grad_output: &[f32]) {
    let what = format!("{} entries in rows of {columns}", input.len());
    let output = forward(columns, input);
    let range = input.iter().fold(0.0f32, |most, x| most.max(x.abs())) * 2.0;
    // The argument of exp is rounded, as an absolute error of its size; exp takes 4 units, its sum and the quotient 4.
    let expected = naive::forward(columns, input);
    assert_rounded(&what, &output, &expected, f64::from(range) + 8.0);
    for row in output.chunks(columns.max(1)) {
        assert_near(&what, row.iter().map(|&y| f64::from(y)).sum(), 1.0, 1e-6);
    }
    let got = backward(columns, &output, grad_output);
    let expected = naive::backward(columns, &output, grad_output);
    assert_close(&what, &got, &expected, 4.0 * f64::from(f32::EPSILON));
    // Softmax does not change when a constant is added to a row, so that its gradient sums to 0 there.
    for row in got.chunks(columns.max(1)) {
        assert_near(&what, dot(row, &vec![1.0; row.len()]), 0.0, 1e-6);
    }
}

#[test]
fn rows_around_vectors() {
    let sizes: &[usize] = if cfg!(miri) {
        &[1, 5]
    } else {
        &[1, 2, 3, 4, 5, 7, 8, 10, 131, 1009]
    };
    for &columns in sizes {
        for rows in [0, 1, 3] {
            let input: Vec<f32> = values(1, rows * columns).iter().map(|x| 8.0 * x).collect();
            check(columns, &input, &values(2, rows * columns));
        }
    }
    check(0, &[], &[]);
}

#[test]
fn gradient_is_that_of_central_differences() {
    let (input, weights) = (values(3, 7), values(4, 7));
    let weighted = |x: &[f64]| -> f64 {
        let pairs = naive::row(x).into_iter().zip(&weights);
        pairs.map(|(y, &w)| y * f64::from(w)).sum()
    };
    let expected = central_differences(&wide(&input), weighted);
    let got = backward(7, &forward(7, &input), &weights);
    assert_close("softmax", &got, &expected, 1e-6);
}

#[test]
fn nothing_overflows_and_shifts_change_nothing() {
    assert_eq!(forward(2, &[3e38, -3e38]), [1.0, 0.0]);
    assert_eq!(forward(3, &[-1e30; 3]), [1.0 / 3.0; 3]);
    assert_eq!(forward(3, &[f32::NEG_INFINITY, 2.0, 2.0]), [0.0, 0.5, 0.5]);
    let row = [0.5, -3.0, 2.25, 1.0, 7.5];
    let shifted = row.map(|x| x + 1024.0);
    assert_eq!(forward(5, &row), forward(5, &shifted));
}

#[test]
fn nan_and_infinity_spoil_their_row_only() {
    for bad in [f32::NAN, f32::INFINITY] {
        for at in 0..5 {
            let mut input = [0.5; 15];
            input[5 + at] = bad;
            let output = forward(5, &input);
            assert!(output[5..10].iter().all(|y| y.is_nan()), "{bad} at {at}");
            assert!(output[..5].iter().chain(&output[10..]).all(|&y| y == 0.2));
        }
    }
}

#[test]
#[should_panic(expected = "rows of 3")]
fn broken_rows_are_refused() {
    softmax_forward(3, &[0.0; 7], &mut [0.0; 7]);
}

proptest! {
    #![proptest_config(property_tests(300))]
    #[test]
    fn any_rows(rows in 0..4usize, columns in 1..20usize, scale in 0.0f32..40.0) {
        let input: Vec<f32> = values(rows as u32, rows * columns).iter().map(|x| scale * x).collect();
        check(columns, &input, &values(9, rows * columns));
    }
}
