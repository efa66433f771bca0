//! Sums of two tensors of one shape.

use crate::simd::InOut;

/// `output = a + b`; overwrites `output`.
///
/// # Panics
/// When the lengths differ.
pub fn add(a: &[f32], b: &[f32], output: &mut [f32]) {
    InOut::apart(b, output).map_with(a, |a, b| a + b);
}

/// `target += source`.
///
/// # Panics
/// When the lengths differ.
pub fn add_into(source: &[f32], target: &mut [f32]) {
    InOut::in_place(target).map_with(source, |s, t| t + s);
}
