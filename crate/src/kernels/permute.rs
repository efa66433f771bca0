//! Between channels last and channels first, sample by sample.

use crate::pool::{self, Work};
use crate::simd::{F32x4, LANES};

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

/// In blocks of four rows and four columns; what is left below and at the right one by one.
fn transpose(rows: usize, columns: usize, input: &[f32], output: &mut [f32]) {
    let (whole_rows, whole_columns) = (rows / LANES * LANES, columns / LANES * LANES);
    for i in (0..whole_rows).step_by(LANES) {
        let band: [&[f32]; LANES] = std::array::from_fn(|k| &input[(i + k) * columns..][..columns]);
        for j in (0..whole_columns).step_by(LANES) {
            let block = F32x4::transpose(band.map(|row| F32x4::load(&row[j..])));
            for (k, column) in block.into_iter().enumerate() {
                column.store(&mut output[(j + k) * rows + i..]);
            }
        }
    }
    for i in whole_rows..rows {
        let row = &input[i * columns..][..whole_columns];
        for (j, &value) in row.iter().enumerate() {
            output[j * rows + i] = value;
        }
    }
    for j in whole_columns..columns {
        let column = &mut output[j * rows..][..rows];
        for (place, row) in column.iter_mut().zip(input.chunks_exact(columns)) {
            *place = row[j];
        }
    }
}
