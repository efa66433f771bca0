//! Sums of tensors against f64.

mod reference;

use fourlane_core::kernels::elementwise::{add, add_into};
use proptest::prelude::*;
use reference::compare::assert_rounded;
use reference::{LENS, elementwise, property_tests, values};

fn check(a: &[f32], b: &[f32]) {
    let what = format!("{} elements", a.len());
    let expected = elementwise::add(a, b);
    let mut output = vec![f32::NAN; a.len()];
    add(a, b, &mut output);
    assert_rounded(&what, &output, &expected, 1.0);
    let mut target = b.to_vec();
    add_into(a, &mut target);
    assert_eq!(target, output, "{what}");
}

#[test]
fn lengths_around_vectors() {
    for &len in LENS {
        check(&values(1, len), &values(2, len));
    }
}

#[test]
fn nan_stays_in_its_place() {
    let mut a = [0.5; 9];
    a[6] = f32::NAN;
    let mut output = [0.0; 9];
    add(&a, &[1.0; 9], &mut output);
    for (i, sum) in output.into_iter().enumerate() {
        assert_eq!(sum.is_nan(), i == 6, "{i}");
    }
}

#[test]
#[should_panic(expected = "source and target")]
fn another_length_is_refused() {
    add_into(&[0.0; 4], &mut [0.0; 5]);
}

proptest! {
    #![proptest_config(property_tests(200))]
    #[test]
    fn any_lengths(len in 0..300usize) {
        check(&values(3, len), &values(4, len));
    }
}
