//! The innermost loop: one tile of C from one packed panel of A and one of B.

use crate::simd::{F32x4, LANES};

/// Rows of the tile that [`super::gemm`] uses.
pub const MR: usize = 4;

/// Columns of the tile that [`super::gemm`] uses.
pub const NR: usize = 8;

/// The microkernel that [`super::gemm`] uses in this build: the one line to change when a build has a better one.
pub type Chosen = Tile<{ NR / LANES }>;

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

/// `MR x NR` floats in `MR * VECTORS` accumulators, `NR = 4 * VECTORS`.
///
/// Not unrolled: LLVM would keep A and B of all unrolled steps alive and V8 would spill them. A function of its own,
/// so that the addresses of the loops around it stay out of its registers.
pub struct Tile<const VECTORS: usize>;

impl<const MR: usize, const NR: usize, const VECTORS: usize> Microkernel<MR, NR> for Tile<VECTORS> {
    #[inline(never)]
    fn run(depth: usize, a: &[f32], b: &[f32], tile: &mut [[f32; NR]; MR]) {
        const { assert!(NR == LANES * VECTORS) };
        assert!(a.len() / MR >= depth && b.len() / NR >= depth);
        let (mut a, mut b) = (a.as_ptr(), b.as_ptr());
        let mut sums = [[F32x4::splat(0.0); VECTORS]; MR];
        for _ in 0..depth {
            // SAFETY: step p reads a[MR p..MR (p + 1)] and b[NR p..NR (p + 1)], inside the slices by the assert; the
            // pointers end one past the last step at most.
            unsafe {
                let columns: [F32x4; VECTORS] =
                    std::array::from_fn(|j| F32x4::load_ptr(b.add(LANES * j)));
                for (i, row) in sums.iter_mut().enumerate() {
                    let value = F32x4::splat_ptr(a.add(i));
                    for (sum, column) in row.iter_mut().zip(columns) {
                        *sum = value.madd(column, *sum);
                    }
                }
                (a, b) = (a.add(MR), b.add(NR));
            }
        }
        for (row, sums) in tile.iter_mut().zip(sums) {
            for (target, sum) in row.as_chunks_mut::<LANES>().0.iter_mut().zip(sums) {
                sum.store(target);
            }
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
        check::<4, 8, Tile<2>>();
        check::<3, 12, Tile<3>>();
        check::<6, 8, Tile<2>>();
    }

    #[test]
    #[should_panic(expected = "depth")]
    fn short_panels_are_refused() {
        <Tile<2> as Microkernel<4, 8>>::run(2, &[0.0; 8], &[0.0; 15], &mut [[0.0; 8]; 4]);
    }
}
