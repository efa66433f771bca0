//! The comparator of all kernel tests.

/// Largest absolute value.
pub fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |most, v| most.max(v.abs()))
}

/// What rounding in f32 may do to sums of `terms` products, in any order: each of the products and sums, and the few
/// steps around them (alpha, beta, bias), is off by at most 2^-24 of the sum of magnitudes so far.
///
/// `magnitude` is the largest entry of the operation on absolute values. It is used instead of the largest entry
/// itself, which cancellation can make as small as it likes where there are few outputs.
pub fn sum_tolerance(terms: usize, magnitude: f64) -> f64 {
    (terms as f64 + 4.0) * f64::from(f32::EPSILON) / 2.0 * magnitude
}

/// Fails at the first entry that is NaN, or further than `tolerance` from what is expected.
#[track_caller]
pub fn assert_close(what: &str, got: &[f32], expected: &[f64], tolerance: f64) {
    assert_eq!(got.len(), expected.len(), "{what}: lengths");
    for (i, (&got, &expected)) in got.iter().zip(expected).enumerate() {
        let error = (f64::from(got) - expected).abs();
        assert!(
            error <= tolerance,
            "{what}: [{i}] is {got}, expected {expected}; off by {error:e}, allowed {tolerance:e}"
        );
    }
}

/// Fails at the first entry that is further from what is expected than `units` roundings of it (2^-24 each), or that is
/// NaN where a number is expected. Next to 0 the distance of denormal floats is allowed.
#[track_caller]
pub fn assert_rounded(what: &str, got: &[f32], expected: &[f64], units: f64) {
    assert_eq!(got.len(), expected.len(), "{what}: lengths");
    for (i, (&got, &expected)) in got.iter().zip(expected).enumerate() {
        let error = (f64::from(got) - expected).abs();
        let tolerance = units * (f64::from(f32::EPSILON) / 2.0 * expected.abs() + 2f64.powi(-149));
        assert!(
            error <= tolerance || (got.is_nan() && expected.is_nan()),
            "{what}: [{i}] is {got:e}, expected {expected:e}; off by {error:e}, allowed {tolerance:e}"
        );
    }
}

/// Fails when two numbers differ by more than `tolerance`, or one is NaN.
#[track_caller]
pub fn assert_near(what: &str, got: f64, expected: f64, tolerance: f64) {
    let error = (got - expected).abs();
    assert!(
        error <= tolerance,
        "{what}: {got}, expected {expected}; off by {error:e}, allowed {tolerance:e}"
    );
}
