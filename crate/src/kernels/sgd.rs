//! Plain gradient descent.

use crate::simd::{F32x4, InOut};

/// `parameter -= learning_rate (gradient + weight_decay parameter)`.
///
/// # Panics
/// When the lengths differ.
pub fn sgd_update(learning_rate: f32, weight_decay: f32, parameter: &mut [f32], gradient: &[f32]) {
    let rate = F32x4::splat(learning_rate);
    let decay = F32x4::splat(weight_decay);
    InOut::in_place(parameter).map_with(gradient, |g, p| p - rate * (g + decay * p));
}
