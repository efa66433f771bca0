//! Plain gradient descent.

use crate::simd::{F32x4, InOut};

/// `parameter -= learning_rate gradient`.
///
/// # Panics
/// When the lengths differ.
pub fn sgd_update(learning_rate: f32, parameter: &mut [f32], gradient: &[f32]) {
    let rate = F32x4::splat(learning_rate);
    InOut::in_place(parameter).map_with(gradient, |g, p| p - rate * g);
}
