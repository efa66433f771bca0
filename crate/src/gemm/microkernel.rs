//! The innermost loop: one tile of C from one packed panel of A and one of B.

use crate::simd::F32x4;

/// Rows of the tile that [`super::gemm`] uses.
pub const MR: usize = 4;

/// Columns of the tile that [`super::gemm`] uses.
pub const NR: usize = 8;

/// The microkernel that [`super::gemm`] uses in this build: the one line to change when a build has a better one.
pub type Chosen = Tile4x8;

/// `tile[i][j] = sum over p of a[p][i] * b[p][j]`, for panels of any depth, in the order of p.
pub trait Microkernel<const MR: usize, const NR: usize> {
    /// Overwrites `tile`.
    ///
    /// # Shapes
    /// `a` is `[depth, MR]`, `b` is `[depth, NR]`, both contiguous.
    ///
    /// # Panics
    /// When the panels are shorter than `depth` says.
    fn run(depth: usize, a: &[f32], b: &[f32], tile: &mut [[f32; NR]; MR]);
}

/// 4 x 8 floats in eight accumulators.
///
/// V8 keeps 15 vectors in registers: 8 accumulators, 2 of B, 1 of A and 1 product leave no spill. Not unrolled: LLVM
/// would keep A and B of all unrolled steps alive and V8 would spill them. A function of its own, so that the
/// addresses of the loops around it stay out of its registers.
pub struct Tile4x8;

impl Microkernel<4, 8> for Tile4x8 {
    #[inline(never)]
    fn run(depth: usize, a: &[f32], b: &[f32], tile: &mut [[f32; 8]; 4]) {
        assert!(a.len() / 4 >= depth && b.len() / 8 >= depth);
        let (mut a, mut b) = (a.as_ptr(), b.as_ptr());
        let mut sums = [[F32x4::splat(0.0); 2]; 4];
        for _ in 0..depth {
            // SAFETY: step p reads a[4p..4p + 4] and b[8p..8p + 8], inside the slices by the assert; the pointers
            // end one past the last step at most.
            unsafe {
                let (b0, b1) = (F32x4::load_ptr(b), F32x4::load_ptr(b.add(4)));
                for (i, [left, right]) in sums.iter_mut().enumerate() {
                    let value = F32x4::splat_ptr(a.add(i));
                    *left = value.madd(b0, *left);
                    *right = value.madd(b1, *right);
                }
                (a, b) = (a.add(4), b.add(8));
            }
        }
        for ([left, right], row) in sums.iter().zip(tile) {
            left.store(&mut row[..4]);
            right.store(&mut row[4..]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Panels with small integers, so that the sums are exact in any order.
    fn check<const MR: usize, const NR: usize, K: Microkernel<MR, NR>>() {
        for depth in [0, 1, 2, 7] {
            let a: Vec<f32> = (0..depth * MR).map(|i| (i % 5) as f32 - 2.0).collect();
            let b: Vec<f32> = (0..depth * NR).map(|i| (i % 7) as f32 - 3.0).collect();
            let mut tile = [[f32::NAN; NR]; MR];
            K::run(depth, &a, &b, &mut tile);
            for (i, row) in tile.iter().enumerate() {
                for (j, &got) in row.iter().enumerate() {
                    let expected: f32 = (0..depth).map(|p| a[p * MR + i] * b[p * NR + j]).sum();
                    assert_eq!(got, expected, "depth {depth}, row {i}, column {j}");
                }
            }
        }
    }

    #[test]
    fn tile_is_the_product_of_its_panels() {
        check::<4, 8, Tile4x8>();
    }

    #[test]
    #[should_panic(expected = "depth")]
    fn short_panels_are_refused() {
        Tile4x8::run(2, &[0.0; 8], &[0.0; 15], &mut [[0.0; 8]; 4]);
    }
}
