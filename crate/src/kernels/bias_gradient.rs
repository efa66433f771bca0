//! Gradient of a bias: sums over the rows of a matrix.
//!
//! The order of the additions hangs on the sizes alone: rows of a sample in blocks of [`ROWS`] (where they are short,
//! several count as one), then the samples one after the other. So the sum may be formed by a pass that has the rows at hand,
//! sample by sample on any thread ([`column_sums`], [`add_up`]), or later from the whole gradient ([`bias_gradient`]).

use crate::pool::{self, Work};
use crate::simd::{F32x4, LANES};

/// Rows whose sum is formed in registers before it is added to the gradient. Short partial sums keep the rounding
/// error of a large batch small; 16 floats of a row are a cache line.
const ROWS: usize = 64;
const STRIP: usize = 4 * LANES;

/// `grad_bias[j] = sum over i of grad_output[i, j]`, added to what `grad_bias` holds if `accumulate`.
///
/// # Shapes
/// `grad_output` is `[rows, grad_bias.len()]`, of any number of rows, zero included: all of them one sample.
///
/// # Panics
/// When the length of `grad_output` is no multiple of that of `grad_bias`.
pub fn bias_gradient(grad_output: &[f32], grad_bias: &mut [f32], accumulate: bool) {
    let rows = grad_output.len() / grad_bias.len().max(1);
    bias_gradient_of_samples(rows, grad_output, grad_bias, accumulate);
}

/// As [`bias_gradient`], of samples of `plane` rows each.
///
/// # Panics
/// When `grad_output` is no whole samples.
pub fn bias_gradient_of_samples(
    plane: usize,
    grad_output: &[f32],
    grad_bias: &mut [f32],
    accumulate: bool,
) {
    let columns = grad_bias.len();
    let len = plane * columns;
    assert!(
        grad_output.is_empty() || (len > 0 && grad_output.len().is_multiple_of(len)),
        "{} values for samples of {plane} rows of {columns}",
        grad_output.len()
    );
    let samples = || grad_output.chunks_exact(len.max(1));
    if columns < STRIP {
        let mut sums = [0.0; STRIP];
        let (sums, mut part) = (&mut sums[..columns], [0.0; STRIP]);
        for sample in samples() {
            column_sums(sample, &mut part[..columns]);
            add(&part, sums);
        }
        put(sums, grad_bias, accumulate);
        return;
    }
    let work = Work::floats(grad_output.len());
    pool::run_pieces(grad_bias, STRIP, work, |strip, grad_bias, _| {
        let first = first_of_strip(strip * STRIP, columns);
        let mut sums = [0.0; STRIP];
        for sample in samples() {
            add(&strip_sums(sample, columns, first), &mut sums);
        }
        put(&sums[strip * STRIP - first..], grad_bias, accumulate);
    });
}

/// Adds up the sums of all samples, `[samples, grad_bias.len()]`.
///
/// # Panics
/// When they are no whole samples.
pub fn add_up(sample_sums: &[f32], grad_bias: &mut [f32], accumulate: bool) {
    let columns = grad_bias.len();
    assert!(
        sample_sums.is_empty() || sample_sums.len().is_multiple_of(columns),
        "sums of {columns}"
    );
    for (start, grad_bias) in (0..).step_by(STRIP).zip(grad_bias.chunks_mut(STRIP)) {
        let mut sums = [0.0; STRIP];
        for sample in sample_sums.chunks_exact(columns) {
            add(&sample[start..][..grad_bias.len()], &mut sums);
        }
        put(&sums, grad_bias, accumulate);
    }
}

/// `sums[j] = sum over i of rows[i, j]`; overwrites `sums`.
///
/// # Panics
/// When `rows` is no whole rows of `sums.len()`, which is not 0.
pub fn column_sums(rows: &[f32], sums: &mut [f32]) {
    let columns = sums.len();
    assert!(rows.len().is_multiple_of(columns), "rows of {columns}");
    if columns < STRIP {
        short_row_sums(rows, sums);
        return;
    }
    for start in (0..columns).step_by(STRIP) {
        let first = first_of_strip(start, columns);
        sums[first..first + STRIP].copy_from_slice(&strip_sums(rows, columns, first));
    }
}

fn add(terms: &[f32], sums: &mut [f32]) {
    for (sum, term) in sums.iter_mut().zip(terms) {
        *sum += term;
    }
}

fn put(sums: &[f32], grad_bias: &mut [f32], accumulate: bool) {
    for (grad_bias, sum) in grad_bias.iter_mut().zip(sums) {
        *grad_bias = if accumulate { *grad_bias + sum } else { *sum };
    }
}

/// The last strip overlaps the one before: a column's sum does not hang on where in a strip it is.
fn first_of_strip(start: usize, columns: usize) -> usize {
    start.min(columns - STRIP)
}

/// Sums of the columns `first..first + STRIP`.
fn strip_sums(rows: &[f32], columns: usize, first: usize) -> [f32; STRIP] {
    let mut totals = [F32x4::splat(0.0); STRIP / LANES];
    for block in rows.chunks(ROWS * columns) {
        let mut sums = [F32x4::splat(0.0); STRIP / LANES];
        for row in block.chunks_exact(columns) {
            let row = &row[first..first + STRIP];
            for (sum, values) in sums.iter_mut().zip(row.as_chunks::<LANES>().0) {
                *sum = *sum + F32x4::load(values);
            }
        }
        for (total, sum) in totals.iter_mut().zip(sums) {
            *total = *total + sum;
        }
    }
    let mut result = [0.0; STRIP];
    for (place, total) in result.as_chunks_mut::<LANES>().0.iter_mut().zip(totals) {
        *place = total.to_array();
    }
    result
}

/// Of rows shorter than a strip: as many of them as fill whole strips count as one row, whose sums are added up then.
fn short_row_sums(rows: &[f32], sums: &mut [f32]) {
    const MOST: usize = (STRIP - 1) * STRIP;
    let columns = sums.len();
    // Both counts are powers of two up to the strip's.
    let repeats = STRIP >> columns.trailing_zeros().min(STRIP.trailing_zeros());
    let mut wide_sums = [0.0; MOST];
    let wide_sums = &mut wide_sums[..repeats * columns];
    let (wide, rest) = rows.split_at(rows.len() / wide_sums.len() * wide_sums.len());
    column_sums(wide, wide_sums);
    sums.fill(0.0);
    for row in wide_sums
        .chunks_exact(columns)
        .chain(rest.chunks_exact(columns))
    {
        add(row, sums);
    }
}
