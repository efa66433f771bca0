//! A finished tile of sums into C.

use super::epilogue::Epilogue;
use crate::simd::{F32x4, LANES};

/// How one block of k changes C.
pub struct Update<'e, E> {
    /// Factor of the sums.
    pub alpha: f32,
    /// Factor of what C holds: the caller's beta in the first block of k, 1 in later ones.
    pub beta: f32,
    /// Given in the last block of k only.
    pub epilogue: Option<&'e E>,
    /// Columns of C.
    pub n: usize,
}

impl<E: Epilogue> Update<'_, E> {
    /// `C = epilogue(alpha tile + beta C)` at `row`, `col`, for as many rows as `tile` has and its first `cols` columns.
    #[inline(always)]
    pub fn apply<const NR: usize>(
        &self,
        tile: &[[f32; NR]],
        row: usize,
        col: usize,
        cols: usize,
        c: &mut [f32],
    ) {
        for (i, sums) in tile.iter().enumerate() {
            let target = &mut c[(row + i) * self.n + col..][..cols];
            for (j, (sums, target)) in sums.chunks(LANES).zip(target.chunks_mut(LANES)).enumerate()
            {
                let whole = target.len() == LANES;
                let mut values = F32x4::splat(self.alpha) * F32x4::load(sums);
                if self.beta != 0.0 {
                    let old = if whole {
                        F32x4::load(target)
                    } else {
                        F32x4::load_partial(target, 0.0)
                    };
                    values = old.madd(F32x4::splat(self.beta), values);
                }
                if let Some(epilogue) = self.epilogue {
                    values = epilogue.apply(row + i, col + j * LANES, values);
                }
                if whole {
                    values.store(target);
                } else {
                    values.store_partial(target);
                }
            }
        }
    }
}
