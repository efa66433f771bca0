//! Half the sum of squares against that of f64.

mod reference;

use fourlane_core::kernels::half_squared_error::{
    half_squared_error_backward, half_squared_error_forward,
};
use proptest::prelude::*;
use reference::compare::assert_rounded;
use reference::half_squared_error as naive;
use reference::{LENS, property_tests, values};

fn check(size: usize, samples: usize, scale: f32) {
    let what = format!("{samples} samples of {size}");
    let (prediction, target) = (values(1, samples * size), values(2, samples * size));
    let mut losses = vec![f32::NAN; samples];
    let total = half_squared_error_forward(size, &prediction, &target, &mut losses);
    let rows = |i: usize| i * size..(i + 1) * size;
    let expected: Vec<f64> = (0..samples)
        .map(|i| naive::loss(&prediction[rows(i)], &target[rows(i)]))
        .collect();
    // A difference counts twice in its square, which is rounded too, and so is the sum; all terms are positive.
    assert_rounded(&what, &losses, &expected, 4.0);
    assert_eq!(
        total,
        losses.iter().map(|&l| f64::from(l)).sum::<f64>(),
        "{what}"
    );

    let mut gradient = vec![f32::NAN; prediction.len()];
    half_squared_error_backward(&prediction, &target, scale, &mut gradient);
    let expected: Vec<f64> = naive::gradient(&prediction, &target)
        .map(|d| f64::from(scale) * d)
        .collect();
    assert_rounded(&what, &gradient, &expected, 2.0);
}

#[test]
fn sizes_around_vectors() {
    for &size in LENS {
        for samples in [0, 1, 3] {
            check(size, samples, 0.125);
        }
    }
}

/// In f32 the thousand small squares behind the large one would vanish, each being less than half an ulp of it.
#[test]
fn many_small_terms_count_beside_a_large_one() {
    let mut prediction = vec![1.0; 4 * 1001];
    prediction[0] = 8192.0;
    let mut loss = [f32::NAN];
    let total = half_squared_error_forward(4004, &prediction, &[0.0; 4004], &mut loss);
    assert_eq!((total, loss), (33_556_432.0, [33_556_432.0]));
}

#[test]
fn nan_spoils_its_sample_only() {
    for at in 0..5 {
        let mut prediction = [0.5; 10];
        prediction[5 + at] = f32::NAN;
        let mut losses = [0.0; 2];
        let total = half_squared_error_forward(5, &prediction, &[0.0; 10], &mut losses);
        assert!(
            losses[0] == 0.625 && losses[1].is_nan() && total.is_nan(),
            "{at}"
        );
    }
}

#[test]
#[should_panic(expected = "2 predictions of 3")]
fn broken_samples_are_refused() {
    half_squared_error_forward(3, &[0.0; 7], &[0.0; 7], &mut [0.0; 2]);
}

proptest! {
    #![proptest_config(property_tests(200))]
    #[test]
    fn any_sizes(size in 0..40usize, samples in 0..5usize, scale in -2.0f32..2.0) {
        check(size, samples, scale);
    }
}
