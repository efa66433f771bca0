//! A tile of six rows, in assembly, since LLVM would not keep the order of its instructions. In the relaxed build only.
//!
//! The same bits as the tile by intrinsics: each sum is one chain of multiply-adds in the order of its terms.
//!
//! Percent of the peak, tile by intrinsics / this one, one thread of an EPYC (Zen 4 class, 59 GFLOP/s) shared with other
//! work; the best of a dozen runs in turn:
//!
//! | | Node 24 | Node 26 | Node 22 |
//! | --- | --- | --- | --- |
//! | gemm 512, nn | 86 / 91 | 83 / 86 | 80 / 84 |
//! | gemm 512, tt | 81 / 87 | 80 / 83 | 77 / 80 |
//! | dense 100 x 3872 to 2048, forward | 79 / 83 | 78 / 82 | 79 / 82 |
//! | its gradient of the input | 77 / 80 | 76 / 77 | 78 / 80 |
//! | its gradient of the weight | 81 / 85 | 80 / 82 | 80 / 82 |
//!
//! What was tried beside it, alone in a loop over panels in L1, relaxed: 4 x 8 and 3 x 12 by intrinsics 90 to 92 %, 5 x 8 in
//! assembly 94, 6 x 8 in assembly 97 (unrolled twice or four times 98, but `wasm-opt` then joins steps into chains, whose
//! many loads V8 spills: 61), 6 x 8 and 5 x 8 by intrinsics 38 to 45 (spilled). Without a fused multiply-add every product
//! takes a register more: 6 x 8 spills in any form.

use super::target::Part;
use super::{COLUMNS, Cells, Finish, Target};
#[cfg(not(all(target_arch = "wasm32", target_feature = "relaxed-simd")))]
use crate::simd::{F32x4, LANES};

/// Rows of the tile: twelve sums hide the latency of a multiply-add, where eight leave a tenth of the time unused.
pub const WIDE_ROWS: usize = 6;

/// Whether the tile is used: in native tests as well, by a twin, so that they go the same ways.
pub const HAS_WIDE_ROWS: bool = cfg!(any(
    not(target_arch = "wasm32"),
    target_feature = "relaxed-simd"
));

/// Tiles one below the other: `target` has the rows of all of them, and those of a start at `start + i * stride`.
///
/// # Panics
/// When a row, the panel or the target is too short.
#[inline(always)]
pub fn wide_rows_by_panel<F: Finish>(
    a: &[f32],
    (start, stride): (usize, usize),
    terms: usize,
    panel: &[f32],
    target: Target<F, impl Cells>,
) {
    let rows = target.rows;
    if rows == 0 {
        return;
    }
    assert!(rows.is_multiple_of(WIDE_ROWS), "rows of wide tiles");
    let end = start + (rows - 1) * stride + terms;
    assert!(end <= a.len(), "rows of a tile");
    assert!(terms * COLUMNS <= panel.len(), "panel of a tile");
    let part = target.part::<{ usize::MAX }>();
    // SAFETY: by the asserts every row and the panel hold all terms; the target holds its place until the call returns.
    unsafe { run(a.as_ptr().add(start), stride, terms, panel.as_ptr(), part) };
}

/// # Safety
/// The part is writable, every row readable over `terms`, the panel over eight times as many.
#[inline(never)]
unsafe fn run<F: Finish>(
    mut a: *const f32,
    stride: usize,
    terms: usize,
    panel: *const f32,
    mut part: Part<F>,
) {
    let mut sums = [[0.0; COLUMNS]; WIDE_ROWS];
    loop {
        // SAFETY: the caller's contract.
        unsafe {
            sum(a, stride, terms, panel, &mut sums);
            part.take_rows(&sums);
            if !part.next_rows(WIDE_ROWS) {
                return;
            }
            a = a.add(WIDE_ROWS * stride);
        }
    }
}

/// # Safety
/// As [`run`].
#[cfg(all(target_arch = "wasm32", target_feature = "relaxed-simd"))]
#[inline(always)]
unsafe fn sum(
    a: *const f32,
    stride: usize,
    terms: usize,
    panel: *const f32,
    sums: &mut [[f32; COLUMNS]; WIDE_ROWS],
) {
    let out = sums.as_flattened_mut().as_mut_ptr();
    // SAFETY: the caller's contract.
    unsafe { super::assembly::fourlane_wide_tile(terms, a, 4 * stride, panel, out) };
}

/// The assembly's twin, for native tests.
///
/// # Safety
/// As [`run`].
#[cfg(not(all(target_arch = "wasm32", target_feature = "relaxed-simd")))]
unsafe fn sum(
    a: *const f32,
    stride: usize,
    terms: usize,
    panel: *const f32,
    sums: &mut [[f32; COLUMNS]; WIDE_ROWS],
) {
    for (i, row) in sums.iter_mut().enumerate() {
        for (half, target) in row.as_chunks_mut::<LANES>().0.iter_mut().enumerate() {
            let mut sum = F32x4::splat(0.0);
            for p in 0..terms {
                // SAFETY: the caller's contract.
                unsafe {
                    let b = F32x4::load_ptr(panel.add(p * COLUMNS + half * LANES));
                    sum = F32x4::splat_ptr(a.add(i * stride + p)).madd(b, sum);
                }
            }
            sum.store(target);
        }
    }
}
