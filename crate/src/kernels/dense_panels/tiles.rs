//! Loops over tiles, shared by the passes.

use crate::tile::{Finish, ROWS, Segments, Shared, Target, rows_by_panel};
use std::ops::Range;

/// Floats of a cache line.
const LINE: usize = 16;

/// The panels of one job: of `0..panels` those that job number `job` takes, of `jobs(panels)`.
pub fn job(panels: usize, job: usize) -> Range<usize> {
    let size = job_size(panels);
    job * size..panels.min((job + 1) * size)
}

/// Number of jobs, some 16 to 32 where there are enough panels.
pub fn jobs(panels: usize) -> usize {
    panels.div_ceil(job_size(panels))
}

fn job_size(panels: usize) -> usize {
    (panels / 16).clamp(1, 8)
}

/// All rows of `a [count, a_stride]`, of which the sum takes the columns `depth`, times one panel. Meanwhile
/// `touch(tile, tiles)` may fetch what comes next.
#[inline(always)]
pub fn tiles_of_panel<F: Finish>(
    (a, a_stride, depth, panel): (&[f32], usize, &Range<usize>, &[f32]),
    count: usize,
    (c, c_stride): (Shared<'_>, usize),
    (col, columns): (usize, usize),
    finish: F,
    touch: impl Fn(usize, usize),
) {
    let tiles = count.div_ceil(ROWS);
    for tile in 0..tiles {
        if tiles >= FEWEST_TO_TOUCH {
            touch(tile, tiles);
        }
        let row = tile * ROWS;
        let rows = ROWS.min(count - row);
        let target = Target {
            at: row * c_stride + col,
            stride: c_stride,
            rows,
            columns,
            finish,
            c,
        };
        // Rows that do not exist repeat the last.
        let starts = std::array::from_fn(|i| (row + i.min(rows - 1)) * a_stride + depth.start);
        rows_by_panel(a, starts, Segments::one(depth.len()), panel, target);
    }
}

/// Tiles of a panel from which on it pays to fetch the next one meanwhile: fewer are over before it comes.
const FEWEST_TO_TOUCH: usize = 8000;

/// Reads one float of each cache line of a part of `floats`, number `part` of `parts`, so that they are in the cache when
/// they are needed.
#[inline(always)]
pub fn touch(floats: &[f32], part: usize, parts: usize) {
    let lines = floats.len() / LINE;
    for line in lines * part / parts..lines * (part + 1) / parts {
        // SAFETY: inside the slice. Volatile, since nobody looks at the value.
        unsafe { floats.as_ptr().add(line * LINE).read_volatile() };
    }
}
