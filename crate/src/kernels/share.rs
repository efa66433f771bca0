//! Passes that treat every element alike, shared by the pool.

use crate::pool::{self, Work};
use crate::simd::InOut;
use std::ops::Range;

/// Elements of a piece: some microseconds of work, and small enough that a layer of a small network has several.
pub const PIECE: usize = if cfg!(miri) { 64 } else { 8192 };

/// `job(range)` for ranges that cover `0..len`, each a multiple of the vector's length but for the last.
pub fn share(len: usize, work: Work, job: impl Fn(Range<usize>) + Sync) {
    pool::run(len.div_ceil(PIECE), work, |block, _| {
        let start = block * PIECE;
        job(start..len.min(start + PIECE));
    });
}

/// `job(range, part)`, where `part` is that range of `in_out`. Each element touches `floats` floats of memory, or
/// computes for as long as that takes.
pub fn share_map(in_out: InOut<'_>, floats: usize, job: impl Fn(Range<usize>, InOut<'_>) + Sync) {
    let in_out = &in_out;
    share(in_out.len(), Work::floats(floats * in_out.len()), |range| {
        // SAFETY: ranges of different blocks do not overlap.
        let part = unsafe { in_out.part(range.clone()) };
        job(range, part);
    });
}

/// Rows of `columns` elements that make a piece, each as much work as a row of exponentials.
fn rows_of_piece(columns: usize) -> usize {
    (PIECE / 4 / columns.max(1)).max(1)
}

fn work_of_rows(columns: usize, rows: usize) -> Work {
    Work::floats(8 * columns * rows)
}

/// `job(range, row)` for each row of `columns` elements, which are not 0; `range` is where in `output` it lies.
pub fn each_row(columns: usize, output: &mut [f32], job: impl Fn(Range<usize>, &mut [f32]) + Sync) {
    let piece_len = rows_of_piece(columns) * columns;
    let work = work_of_rows(columns, output.len() / columns);
    pool::run_pieces(output, piece_len, work, |block, piece, _| {
        let starts = (block * piece_len..).step_by(columns);
        for (start, row) in starts.zip(piece.chunks_exact_mut(columns)) {
            job(start..start + columns, row);
        }
    });
}

/// Writes `loss(range)` of each sample, where `range` is where its `size` elements lie; their sum, in order.
pub fn each_loss(
    size: usize,
    sample_loss: &mut [f32],
    loss: impl Fn(Range<usize>) -> f64 + Sync,
) -> f64 {
    let rows = rows_of_piece(size);
    let work = work_of_rows(size, sample_loss.len());
    pool::run_pieces(sample_loss, rows, work, |block, losses, _| {
        for (i, sample_loss) in losses.iter_mut().enumerate() {
            let start = (block * rows + i) * size;
            *sample_loss = loss(start..start + size) as f32;
        }
    });
    sample_loss
        .iter()
        .fold(0.0, |sum, &loss| sum + f64::from(loss))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pool::with_threads;
    use crate::simd::F32x4;

    #[test]
    fn every_element_is_treated_once() {
        for len in [0, 1, PIECE - 1, PIECE, PIECE + 5, 3 * PIECE] {
            let mut values = vec![1.0; len];
            let in_out = InOut::in_place(&mut values);
            with_threads(2, || {
                share_map(in_out, 2, |range, part| {
                    assert_eq!(range.len(), part.len());
                    part.map(|x| x + F32x4::splat(1.0));
                });
            });
            assert!(values.iter().all(|&value| value == 2.0), "{len}");
        }
    }

    #[test]
    fn every_row_is_given_with_its_range() {
        for (columns, rows) in [(1, 5000), (7, 700), (PIECE, 3)] {
            let rows = if cfg!(miri) { rows / 50 + 1 } else { rows };
            let mut values = vec![0.0; columns * rows];
            let mut losses = vec![0.0; rows];
            let total = with_threads(2, || {
                each_row(columns, &mut values, |range, row| {
                    row.fill(range.start as f32)
                });
                each_loss(columns, &mut losses, |range| range.end as f64)
            });
            for (i, row) in values.chunks_exact(columns).enumerate() {
                assert!(
                    row.iter().all(|&value| value == (i * columns) as f32),
                    "{columns}, {i}"
                );
                assert_eq!(losses[i], ((i + 1) * columns) as f32);
            }
            assert_eq!(total, (columns * rows * (rows + 1) / 2) as f64);
        }
    }
}
