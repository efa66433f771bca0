//! Sums of tensors, and the step of gradient descent, against f64.

mod reference;

use fourlane_core::kernels::elementwise::{add, add_into};
use fourlane_core::kernels::sgd::sgd_update;
use proptest::prelude::*;
use reference::compare::{assert_close, assert_rounded};
use reference::{LENS, elementwise, property_tests, sgd, values};

fn check(a: &[f32], b: &[f32], rate: f32) {
    let what = format!("{} elements", a.len());
    let expected = elementwise::add(a, b);
    let mut output = vec![f32::NAN; a.len()];
    add(a, b, &mut output);
    assert_rounded(&what, &output, &expected, 1.0);
    let mut target = b.to_vec();
    add_into(a, &mut target);
    assert_eq!(target, output, "{what}");

    let mut parameter = a.to_vec();
    sgd_update(rate, &mut parameter, b);
    // The product and the difference are rounded, both below 3.
    let tolerance = 3.0 * f64::from(f32::EPSILON);
    assert_close(&what, &parameter, &sgd::update(rate, a, b), tolerance);
}

#[test]
fn lengths_around_vectors() {
    for &len in LENS {
        check(&values(1, len), &values(2, len), 0.01);
    }
}

#[test]
fn nan_stays_in_its_place() {
    let mut a = [0.5; 9];
    a[6] = f32::NAN;
    let mut output = [0.0; 9];
    add(&a, &[1.0; 9], &mut output);
    let mut parameter = [0.0; 9];
    sgd_update(0.5, &mut parameter, &a);
    for (i, (sum, parameter)) in output.into_iter().zip(parameter).enumerate() {
        assert_eq!((sum.is_nan(), parameter.is_nan()), (i == 6, i == 6), "{i}");
    }
}

#[test]
#[should_panic(expected = "the other operand")]
fn gradients_of_another_length_are_refused() {
    sgd_update(0.1, &mut [0.0; 5], &[0.0; 4]);
}

proptest! {
    #![proptest_config(property_tests(200))]
    #[test]
    fn any_lengths(len in 0..300usize, rate in 0.0f32..2.0) {
        check(&values(3, len), &values(4, len), rate);
    }
}
