//! Between channels last and channels first, sample by sample.

use crate::pool::{self, Work};
use crate::simd::{F32x4, LANES, lane_groups};

/// `output[n, c, y, x] = input[n, y, x, c]`; overwrites `output`.
///
/// `plane` is height times width. Any size may be zero.
///
/// # Panics
/// When the slices are no whole samples or differ in length.
pub fn nhwc_to_nchw(plane: usize, channels: usize, input: &[f32], output: &mut [f32]) {
    transpose_each(plane, channels, input, output);
}

/// `output[n, y, x, c] = input[n, c, y, x]`; overwrites `output`.
///
/// `plane` is height times width. Any size may be zero.
///
/// # Panics
/// When the slices are no whole samples or differ in length.
pub fn nchw_to_nhwc(plane: usize, channels: usize, input: &[f32], output: &mut [f32]) {
    transpose_each(channels, plane, input, output);
}

/// Matrices `[rows, columns]` to `[columns, rows]`.
fn transpose_each(rows: usize, columns: usize, input: &[f32], output: &mut [f32]) {
    assert_eq!(input.len(), output.len(), "input and output");
    let len = rows * columns;
    if len == 0 {
        assert!(input.is_empty(), "samples without elements");
        return;
    }
    assert!(input.len().is_multiple_of(len), "samples of {len}");
    let work = Work::floats(2 * input.len());
    pool::run_pieces(output, len, work, |sample, output, _| {
        transpose(rows, columns, &input[sample * len..][..len], output);
    });
}

/// In blocks of four rows and four columns, where there are as many; one by one elsewhere.
fn transpose(rows: usize, columns: usize, input: &[f32], output: &mut [f32]) {
    if rows < LANES || columns < LANES {
        for (i, row) in input.chunks_exact(columns).enumerate() {
            for (place, &value) in output[i..].iter_mut().step_by(rows).zip(row) {
                *place = value;
            }
        }
        return;
    }
    for i in lane_groups(rows) {
        for j in lane_groups(columns) {
            let block = std::array::from_fn(|k| F32x4::load(&input[(i + k) * columns + j..]));
            for (k, column) in F32x4::transpose(block).into_iter().enumerate() {
                column.store(&mut output[(j + k) * rows + i..]);
            }
        }
    }
}
