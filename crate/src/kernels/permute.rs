//! Between channels last and channels first, sample by sample.

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
        return;
    }
    for (input, output) in input.chunks_exact(len).zip(output.chunks_exact_mut(len)) {
        for (i, row) in input.chunks_exact(columns).enumerate() {
            for (j, &value) in row.iter().enumerate() {
                output[j * rows + i] = value;
            }
        }
    }
}
