//! Loops over tiles and blocks, shared by the passes.

use crate::tile::{Finish, ROWS, Segments, Target, rows_by_panel};
use std::ops::Range;

/// Calls `visit(first row, rows)` for all tiles of `count` rows.
#[inline(always)]
pub fn for_each_tile(count: usize, mut visit: impl FnMut(usize, usize)) {
    for row in (0..count).step_by(ROWS) {
        visit(row, ROWS.min(count - row));
    }
}

/// Where the rows of a tile start; rows that do not exist repeat the last.
#[inline(always)]
pub fn starts(row: usize, rows: usize, stride: usize, offset: usize) -> [usize; ROWS] {
    std::array::from_fn(|i| (row + i.min(rows - 1)) * stride + offset)
}

/// All rows of `a [count, a_stride]`, of which the sum takes the columns `depth`, times one panel.
#[inline(always)]
pub fn tiles_of_panel<F: Finish>(
    (a, a_stride, depth, panel): (&[f32], usize, &Range<usize>, &[f32]),
    count: usize,
    (c, c_stride): (&mut [f32], usize),
    (col, columns): (usize, usize),
    finish: F,
) {
    for_each_tile(count, |row, rows| {
        let target = Target {
            at: row * c_stride + col,
            stride: c_stride,
            rows,
            columns,
            finish,
            c: &mut *c,
        };
        let starts = starts(row, rows, a_stride, depth.start);
        rows_by_panel(a, starts, Segments::one(depth.len()), panel, target);
    });
}
