//! Many rows times one panel: tile by tile, the wide ones first.

use super::wide::{HAS_WIDE_ROWS, WIDE_ROWS, wide_rows_by_panel};
use super::{COLUMNS, Cells, Finish, ROWS, Segments, Target, rows_by_panel};

/// Rows, each contiguous along the sum: number `i` from `start + i * stride`.
#[derive(Clone, Copy)]
pub struct RowsOf<'a> {
    /// What they are rows of.
    pub data: &'a [f32],
    /// Where the first one starts.
    pub start: usize,
    /// From one row to the next.
    pub stride: usize,
    /// How many there are.
    pub count: usize,
}

/// `c[at + i * c_stride + j] = finish(sum over p < terms of row i [p] * panel[p * 8 + j])`, for the first `columns` of
/// eight columns.
///
/// # Panics
/// When a row, the panel or C is too short.
#[inline(always)]
pub fn rows_times_panel<F: Finish>(
    rows: RowsOf<'_>,
    (terms, panel): (usize, &[f32]),
    (c, at, c_stride): (impl Cells + Copy, usize, usize),
    columns: usize,
    finish: F,
) {
    debug_assert!(columns <= COLUMNS);
    let target = |row: usize, rows: usize| Target {
        c,
        at: at + row * c_stride,
        stride: c_stride,
        rows,
        columns,
        finish,
    };
    let start = |row: usize| rows.start + row * rows.stride;
    let wide = if HAS_WIDE_ROWS {
        wide_tiles(rows.count) * WIDE_ROWS
    } else {
        0
    };
    wide_rows_by_panel(
        rows.data,
        (rows.start, rows.stride),
        terms,
        panel,
        target(0, wide),
    );
    for row in (wide..rows.count).step_by(ROWS) {
        let height = ROWS.min(rows.count - row);
        // Rows that do not exist repeat the last.
        let starts = std::array::from_fn(|i| start(row + i.min(height - 1)));
        let target = target(row, height);
        rows_by_panel(rows.data, starts, Segments::one(terms), panel, target);
    }
}

/// Reads a float of each cache line, so that all are in the cache when they are needed: one after the other they come
/// faster than from between products, which wait for each line at its turn.
#[inline(never)]
pub fn touch(floats: &[f32]) {
    for line in floats.chunks(LINE) {
        // SAFETY: the first float of a chunk. Volatile, since nobody looks at the value.
        unsafe { line.as_ptr().read_volatile() };
    }
}

/// Floats of a cache line.
const LINE: usize = 16;

/// How many of the tiles for so many rows are wide: as many as leave no nearly empty tile at the end.
fn wide_tiles(count: usize) -> usize {
    let whole = count / WIDE_ROWS;
    match count % WIDE_ROWS {
        rest if rest.div_ceil(ROWS) * ROWS <= rest + 1 => whole,
        // 7, 8 or 11 rows are two or three tiles of four.
        _ => whole.saturating_sub(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pool::Split;
    use crate::tile::{Add, Shared};

    #[test]
    fn every_number_of_rows_is_summed_in_the_order_of_its_terms() {
        for count in 1..=2 * WIDE_ROWS + 3 {
            for (terms, columns) in [(0, 8), (1, 8), (7, 8), (9, 5), (18, 1)] {
                let stride = terms + 2;
                let value = |i: usize| ((i * 37 + 11) % 101) as f32 / 64.0 - 0.7;
                let data: Vec<f32> = (0..count * stride).map(value).collect();
                let panel: Vec<f32> = (0..terms * COLUMNS).map(|i| value(i + 5)).collect();
                let mut c: Vec<f32> = (0..count * 9 + 1).map(|i| i as f32).collect();
                let cells = Split::new(&mut c);
                let rows = RowsOf {
                    data: &data,
                    start: 1,
                    stride,
                    count,
                };
                // SAFETY: one thread.
                let shared = unsafe { Shared::new(&cells) };
                rows_times_panel(rows, (terms, &panel), (shared, 1, 9), columns, Add);
                for (i, &got) in c.iter().enumerate().skip(1) {
                    let (row, col) = ((i - 1) / 9, (i - 1) % 9);
                    let sum = (0..terms).fold(0.0, |sum, p| {
                        data[1 + row * stride + p] * panel[p * COLUMNS + col.min(7)] + sum
                    });
                    let expected = i as f32 + if col < columns { sum } else { 0.0 };
                    assert_eq!(got, expected, "{count} rows, {terms} terms, [{row}, {col}]");
                }
            }
        }
    }
}
