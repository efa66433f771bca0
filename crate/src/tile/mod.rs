//! The innermost loops: a tile of sums kept in registers, from operands that are read where they lie.
//!
//! | loop | a | used by |
//! | --- | --- | --- |
//! | [`rows_by_panel`] | four rows, contiguous along the sum, in segments | direct convolution, Winograd |
//! | [`rows_times_panel`] | any number of rows, contiguous along the sum, by the tile of six in the relaxed build | products, dense layers |
//! | [`outer_products`] | a few neighbouring floats in each step of the sum | gradients of a convolution's weights |
//!
//! b is eight neighbouring floats in each step: a packed panel, or channels as they lie. V8 keeps 15 vectors in
//! registers: 4 x 8 sums, two vectors of b, one of a and one product leave no spill. Neither loop is unrolled: LLVM
//! would keep a and b of all unrolled steps alive. The tile of six is in assembly, see `wide`. All are functions of their own, so that the addresses of the loops
//! around them stay out of their registers.

#[cfg(all(target_arch = "wasm32", target_feature = "relaxed-simd"))]
mod assembly;
mod panel;
mod target;
mod wide;

pub use panel::{RowsOf, rows_times_panel, touch};
pub use target::{Add, BiasFloor, Cells, Finish, Shared, Target, Write};
pub use wide::WIDE_ROWS;

use crate::simd::{F32x4, LANES};
use target::{Part, Place};

/// Rows of a tile.
pub const ROWS: usize = 4;

/// Columns of a tile.
pub const COLUMNS: usize = 8;

/// Where the terms of a sum lie: `count` runs of `len`, each `stride` behind the one before.
#[derive(Clone, Copy, Debug)]
pub struct Segments {
    /// Number of runs.
    pub count: usize,
    /// Terms in a run.
    pub len: usize,
    /// Distance between the starts of two runs.
    pub stride: usize,
}

impl Segments {
    /// One run.
    pub fn one(len: usize) -> Self {
        Self {
            count: 1,
            len,
            stride: len,
        }
    }

    /// Number of terms.
    #[inline(always)]
    pub fn terms(&self) -> usize {
        self.count * self.len
    }

    /// Places from the first term to behind the last.
    #[inline(always)]
    fn span(&self) -> usize {
        match self.count {
            0 => 0,
            count => (count - 1) * self.stride + self.len,
        }
    }
}

/// `sums[i][j] = sum over segments s and places p of a[starts[i] + s * stride + p] * panel[(s * len + p) * 8 + j]`, into
/// `target`.
///
/// # Panics
/// When a row, the panel or the target is too short.
#[inline(always)]
pub fn rows_by_panel<F: Finish>(
    a: &[f32],
    starts: [usize; ROWS],
    segments: Segments,
    panel: &[f32],
    target: Target<F, impl Cells>,
) {
    let last = starts.into_iter().fold(0, usize::max);
    assert!(last + segments.span() <= a.len(), "rows of a tile");
    assert!(segments.terms() * COLUMNS <= panel.len(), "panel of a tile");
    let part = target.part::<ROWS>();
    // SAFETY: by the asserts every row and the panel hold all terms; the target holds its place until the call returns.
    unsafe {
        let rows = starts.map(|start| a.as_ptr().add(start));
        if part.is_whole() {
            run_rows(rows, segments, panel.as_ptr(), &part.place);
        } else {
            run_part_of_rows(rows, segments, panel.as_ptr(), &part);
        }
    }
}

/// As [`run_rows`], where not all of the tile exists. Not inlined: few tiles are such, and every caller would have a copy.
///
/// # Safety
/// As [`run_rows`], and the part is readable and writable.
#[inline(never)]
unsafe fn run_part_of_rows<F: Finish>(
    rows: [*const f32; ROWS],
    segments: Segments,
    panel: *const f32,
    part: &Part<F>,
) {
    // SAFETY: the caller's contract.
    unsafe { part.by_stand_in(|place| run_rows(rows, segments, panel, place)) };
}

/// # Safety
/// The place is writable, every row readable over the span of `segments`, the panel over eight times its terms.
#[inline(never)]
unsafe fn run_rows<F: Finish>(
    rows: [*const f32; ROWS],
    segments: Segments,
    panel: *const f32,
    place: &Place<F>,
) {
    let [mut a0, mut a1, mut a2, mut a3] = rows;
    let mut b = panel;
    let jump = segments.stride.wrapping_sub(segments.len);
    let zero = F32x4::splat(0.0);
    let mut sums = [[zero; 2]; ROWS];
    for _ in 0..segments.count {
        for _ in 0..segments.len {
            // SAFETY: the caller's contract.
            unsafe {
                let (b0, b1) = (F32x4::load_ptr(b), F32x4::load_ptr(b.add(LANES)));
                for (a, [left, right]) in [a0, a1, a2, a3].into_iter().zip(&mut sums) {
                    let value = F32x4::splat_ptr(a);
                    *left = value.madd(b0, *left);
                    *right = value.madd(b1, *right);
                }
                (a0, a1, a2, a3) = (a0.add(1), a1.add(1), a2.add(1), a3.add(1));
                b = b.add(COLUMNS);
            }
        }
        a0 = a0.wrapping_add(jump);
        a1 = a1.wrapping_add(jump);
        a2 = a2.wrapping_add(jump);
        a3 = a3.wrapping_add(jump);
    }
    // SAFETY: the caller's contract.
    unsafe { place.take(sums) };
}

/// How one operand of [`outer_products`] moves from step to step.
#[derive(Clone, Copy, Debug)]
pub struct Walk {
    /// Where it starts.
    pub start: usize,
    /// From one step to the next within a run.
    pub step: usize,
    /// From the start of one run to that of the next.
    pub stride: usize,
}

impl Walk {
    /// Places from the start to behind the last step's `width` floats.
    #[inline(always)]
    fn end(&self, runs: usize, len: usize, width: usize) -> usize {
        match (runs, len) {
            (0, _) | (_, 0) => self.start,
            _ => self.start + (runs - 1) * self.stride + (len - 1) * self.step + width,
        }
    }
}

/// `sums[i][j] = sum over runs r and steps p of a[at(r, p) + i] * b[at(r, p) + j]`, for `R` rows, into `target`, whose
/// further rows get zeros.
///
/// # Panics
/// When an operand is too short.
#[inline(always)]
pub fn outer_products<const R: usize, F: Finish>(
    (runs, len): (usize, usize),
    (a, a_walk): (&[f32], Walk),
    (b, b_walk): (&[f32], Walk),
    target: Target<F, impl Cells>,
) {
    const { assert!(R <= ROWS) };
    assert!(a_walk.end(runs, len, R) <= a.len(), "a of outer products");
    assert!(
        b_walk.end(runs, len, COLUMNS) <= b.len(),
        "b of outer products"
    );
    let part = target.part::<ROWS>();
    // SAFETY: by the asserts every step lies inside both; the target holds its place until the call returns.
    unsafe {
        let a = (a.as_ptr().add(a_walk.start), a_walk);
        let b = (b.as_ptr().add(b_walk.start), b_walk);
        if part.is_whole() {
            run_outer::<R, F>((runs, len), a, b, &part.place);
        } else {
            run_part_of_outer::<R, F>((runs, len), a, b, &part);
        }
    }
}

/// As [`run_outer`], where not all of the tile exists. Not inlined, as [`run_part_of_rows`].
///
/// # Safety
/// As [`run_outer`], and the part is readable and writable.
#[inline(never)]
unsafe fn run_part_of_outer<const R: usize, F: Finish>(
    steps: (usize, usize),
    a: (*const f32, Walk),
    b: (*const f32, Walk),
    part: &Part<F>,
) {
    // SAFETY: the caller's contract.
    unsafe { part.by_stand_in(|place| run_outer::<R, F>(steps, a, b, place)) };
}

/// # Safety
/// The place is writable, and all steps of both walks are readable: `R` floats of a, eight of b.
#[inline(never)]
unsafe fn run_outer<const R: usize, F: Finish>(
    (runs, len): (usize, usize),
    (mut a, a_walk): (*const f32, Walk),
    (mut b, b_walk): (*const f32, Walk),
    place: &Place<F>,
) {
    let a_jump = a_walk.stride.wrapping_sub(len.wrapping_mul(a_walk.step));
    let b_jump = b_walk.stride.wrapping_sub(len.wrapping_mul(b_walk.step));
    let zero = F32x4::splat(0.0);
    let mut sums = [[zero; 2]; ROWS];
    for _ in 0..runs {
        for _ in 0..len {
            // SAFETY: the caller's contract.
            unsafe {
                let (b0, b1) = (F32x4::load_ptr(b), F32x4::load_ptr(b.add(LANES)));
                for (i, [left, right]) in sums.iter_mut().enumerate().take(R) {
                    let value = F32x4::splat_ptr(a.add(i));
                    *left = value.madd(b0, *left);
                    *right = value.madd(b1, *right);
                }
            }
            // The last step may leave what is allocated; it is not read.
            (a, b) = (a.wrapping_add(a_walk.step), b.wrapping_add(b_walk.step));
        }
        (a, b) = (a.wrapping_add(a_jump), b.wrapping_add(b_jump));
    }
    // SAFETY: the caller's contract.
    unsafe { place.take(sums) };
}
