//! A finished tile of sums into C.

use super::epilogue::Epilogue;
use crate::simd::{F32x4, LANES, copy_short};

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
    /// `C = epilogue(alpha tile + beta C)` at `row`, `col`, for the first `rows` rows and `cols` columns of the tile.
    #[inline(always)]
    pub fn apply<const MR: usize, const NR: usize>(
        &self,
        tile: &[[f32; NR]; MR],
        (row, rows): (usize, usize),
        (col, cols): (usize, usize),
        c: &mut [f32],
    ) {
        for (i, sums) in tile[..rows].iter().enumerate() {
            let target = &mut c[(row + i) * self.n + col..][..cols];
            if let Ok(target) = <&mut [f32; NR]>::try_from(&mut *target) {
                self.apply_row(sums, row + i, col, target);
            } else {
                let mut whole = [0.0; NR];
                if self.beta != 0.0 {
                    copy_short(target, &mut whole);
                }
                self.apply_row(sums, row + i, col, &mut whole);
                for (j, value) in whole.into_iter().enumerate() {
                    if let Some(place) = target.get_mut(j) {
                        *place = value;
                    }
                }
            }
        }
    }

    #[inline(always)]
    fn apply_row<const NR: usize>(
        &self,
        sums: &[f32; NR],
        row: usize,
        col: usize,
        target: &mut [f32; NR],
    ) {
        let (sums, _) = sums.as_chunks::<LANES>();
        let (target, _) = target.as_chunks_mut::<LANES>();
        for (j, (sums, target)) in sums.iter().zip(target).enumerate() {
            let mut values = F32x4::splat(self.alpha) * F32x4::load(sums);
            if self.beta != 0.0 {
                values = F32x4::load(target).madd(F32x4::splat(self.beta), values);
            }
            if let Some(epilogue) = self.epilogue {
                values = epilogue.apply(row, col + j * LANES, values);
            }
            values.store(target);
        }
    }
}
