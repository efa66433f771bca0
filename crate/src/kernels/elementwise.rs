//! Sums of two tensors of one shape.

use super::share::share_map;
use crate::simd::InOut;

/// `output = a + b`; overwrites `output`.
///
/// # Panics
/// When the lengths differ.
pub fn add(a: &[f32], b: &[f32], output: &mut [f32]) {
    assert_eq!(a.len(), b.len(), "both terms");
    share_map(InOut::apart(b, output), 3, |range, part| {
        part.map_with(&a[range], |a, b| a + b);
    });
}

/// `target += source`.
///
/// # Panics
/// When the lengths differ.
pub fn add_into(source: &[f32], target: &mut [f32]) {
    assert_eq!(source.len(), target.len(), "source and target");
    share_map(InOut::in_place(target), 3, |range, part| {
        part.map_with(&source[range], |s, t| t + s);
    });
}
