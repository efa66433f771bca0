//! `loss = 1/2 sum over j of (prediction[j] - target[j])^2` for each sample, and its gradient.
//!
//! Sizes: `prediction` and `target` are `[samples, size]`, `sample_loss` is `[samples]`. Any of them may be zero.

use super::share::{each_loss, share_map};
use crate::simd::{F32x4, InOut, sum_with};

/// Writes the loss of each sample; their sum.
///
/// # Panics
/// When the slices do not fit `size`.
pub fn half_squared_error_forward(
    size: usize,
    prediction: &[f32],
    target: &[f32],
    sample_loss: &mut [f32],
) -> f64 {
    let samples = sample_loss.len();
    assert_eq!(
        prediction.len(),
        samples * size,
        "{samples} predictions of {size}"
    );
    assert_eq!(target.len(), prediction.len(), "target");
    each_loss(size, sample_loss, |row| {
        let squares = sum_with(&prediction[row.clone()], &target[row], |p, t| {
            let difference = p - t;
            difference * difference
        });
        0.5 * squares
    })
}

/// `grad_prediction = scale (prediction - target)`; overwrites `grad_prediction`.
///
/// # Panics
/// When the lengths differ.
pub fn half_squared_error_backward(
    prediction: &[f32],
    target: &[f32],
    scale: f32,
    grad_prediction: &mut [f32],
) {
    let scale = F32x4::splat(scale);
    assert_eq!(prediction.len(), target.len(), "prediction and target");
    share_map(
        InOut::apart(prediction, grad_prediction),
        3,
        |range, part| {
            part.map_with(&target[range], |t, p| scale * (p - t));
        },
    );
}
