//! Plain gradient descent.

use super::share::share_map;
use crate::simd::{F32x4, InOut};

/// `parameter -= learning_rate (gradient + weight_decay parameter)`.
///
/// # Panics
/// When the lengths differ.
pub fn sgd_update(learning_rate: f32, weight_decay: f32, parameter: &mut [f32], gradient: &[f32]) {
    let rate = F32x4::splat(learning_rate);
    let decay = F32x4::splat(weight_decay);
    assert_eq!(parameter.len(), gradient.len(), "parameter and gradient");
    share_map(InOut::in_place(parameter), 3, |range, part| {
        part.map_with(&gradient[range], |g, p| p - rate * (g + decay * p));
    });
}
