//! What happens to an element of C once its sum is complete, while it is still in a register.

use crate::simd::F32x4;

/// Applied to every element of C exactly once, after the last block of k.
pub trait Epilogue {
    /// New values of C at `row`, columns `col..col + 4`.
    ///
    /// Columns at or behind n are padding: what is returned for them is dropped, but it must not panic.
    fn apply(&self, row: usize, col: usize, values: F32x4) -> F32x4;
}

/// Leaves C as it is.
pub struct Identity;

impl Epilogue for Identity {
    #[inline(always)]
    fn apply(&self, _row: usize, _col: usize, values: F32x4) -> F32x4 {
        values
    }
}
