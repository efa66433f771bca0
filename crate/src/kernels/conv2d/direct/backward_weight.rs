//! `dW[ky, (kx, ic), oc] = sum over pixels of input[window + (ky, kx, ic)] * dY[pixel, oc]`: the rows of a tile are
//! neighbouring floats of one row of the window, its columns eight channels of the gradient. Neither is packed.
//!
//! Threads share small gradients by images, with partial sums that are added in order, and large ones by rows of dW.

use super::super::bands::{Band, Bands};
use super::image::Padded;
use crate::pool::{self, Work, run_with_scratch, scratch_len};
use crate::shape::Conv2dShape;
use crate::simd::copy_short;
use crate::tile::{Add, COLUMNS, ROWS, Target, Walk, outer_products};
use std::ops::Range;

/// Pixels whose padding is written together.
const BAND: usize = 512;

/// Pixels whose sums stay in registers. Fewer read and write dW more often; more push the input out of L1.
const BLOCK_PIXELS: usize = 448;

/// Floats of the largest dW of which there are partial sums, and how many of them.
const SMALL: usize = 4096;
const PARTS: usize = 8;

/// Shares of a large dW, about.
const SHARES: usize = 16;

fn block_rows(shape: &Conv2dShape) -> usize {
    BLOCK_PIXELS.div_ceil(shape.out_w).clamp(1, shape.out_h)
}

fn bands(shape: &Conv2dShape, batch: usize) -> Bands {
    Bands::new(batch, [shape.out_h, shape.out_w], BAND, 1)
}

fn padded_len(shape: &Conv2dShape) -> usize {
    Padded::of_input(shape).scratch_len(bands(shape, usize::MAX).largest())
}

/// Floats for the last channels of a block where they are no whole panel.
fn tail_len(shape: &Conv2dShape) -> usize {
    if shape.out_c.is_multiple_of(COLUMNS) {
        return 0;
    }
    (block_rows(shape) * shape.out_w).saturating_mul(COLUMNS)
}

fn is_small(shape: &Conv2dShape) -> bool {
    shape.weight_len() <= SMALL
}

/// Floats of workspace.
pub fn workspace_len(shape: &Conv2dShape) -> usize {
    let (padded, tail) = (padded_len(shape), tail_len(shape));
    if is_small(shape) {
        scratch_len(padded.saturating_add(tail)).saturating_add(PARTS * shape.weight_len())
    } else {
        padded.saturating_add(scratch_len(tail))
    }
}

/// See [`super::super::conv2d_backward_weight`]; adds to `grad_weight`, and leaves the bias to the caller.
pub fn backward_weight(
    shape: &Conv2dShape,
    batch: usize,
    input: &[f32],
    grad_output: &[f32],
    grad_weight: &mut [f32],
    workspace: &mut [f32],
) {
    if is_small(shape) {
        by_images(shape, batch, input, grad_output, grad_weight, workspace);
    } else {
        by_rows(shape, batch, input, grad_output, grad_weight, workspace);
    }
}

fn work(gradients: usize, shape: &Conv2dShape) -> Work {
    Work::flops(2 * (gradients * shape.patch_len()) as u64)
}

fn by_images(
    shape: &Conv2dShape,
    batch: usize,
    input: &[f32],
    grad_output: &[f32],
    grad_weight: &mut [f32],
    workspace: &mut [f32],
) {
    let padded = Padded::of_input(shape);
    let bands = bands(shape, batch);
    let (partial, workspace) = workspace.split_at_mut(PARTS * grad_weight.len());
    let partials = pool::Split::new(partial);
    let len = grad_weight.len();
    let count = bands.count();
    let scratch = (workspace, padded_len(shape) + tail_len(shape));
    run_with_scratch(
        PARTS,
        work(grad_output.len(), shape),
        scratch,
        |part, scratch| {
            // SAFETY: each part is given out once.
            let sums = unsafe { partials.part(part * len..(part + 1) * len) };
            sums.fill(0.0);
            let (tail, scratch) = scratch.split_at_mut(tail_len(shape));
            for index in count * part / PARTS..count * (part + 1) / PARTS {
                let band = bands.get(index);
                let images = padded.write(input, &band, scratch);
                let rows = 0..shape.patch_len();
                add_band(
                    shape,
                    &padded,
                    &band,
                    (images, grad_output),
                    rows,
                    sums,
                    tail,
                );
            }
        },
    );
    for partial in partial.chunks_exact(len) {
        for (sum, value) in grad_weight.iter_mut().zip(partial) {
            *sum += value;
        }
    }
}

fn by_rows(
    shape: &Conv2dShape,
    batch: usize,
    input: &[f32],
    grad_output: &[f32],
    grad_weight: &mut [f32],
    workspace: &mut [f32],
) {
    let padded = Padded::of_input(shape);
    let bands = bands(shape, batch);
    let (scratch, tails) = workspace.split_at_mut(padded_len(shape));
    let share = shape.patch_len().div_ceil(SHARES).next_multiple_of(ROWS);
    let shares = shape.patch_len().div_ceil(share);
    for band in (0..bands.count()).map(|index| bands.get(index)) {
        let images = padded.write(input, &band, scratch);
        let work = work(
            band.places(shape.out_h, shape.out_w).len() * shape.out_c,
            shape,
        );
        let sums = pool::Split::new(grad_weight);
        run_with_scratch(
            shares,
            work,
            (&mut *tails, tail_len(shape)),
            |index, tail| {
                let rows = index * share..shape.patch_len().min((index + 1) * share);
                // SAFETY: each row is given out once.
                let sums = unsafe { sums.part(rows.start * shape.out_c..rows.end * shape.out_c) };
                add_band(
                    shape,
                    &padded,
                    &band,
                    (images, grad_output),
                    rows,
                    sums,
                    tail,
                );
            },
        );
    }
}

/// Adds what a band contributes to some rows of dW.
fn add_band(
    shape: &Conv2dShape,
    padded: &Padded,
    band: &Band,
    (images, grad_output): (&[f32], &[f32]),
    rows: Range<usize>,
    sums: &mut [f32],
    tail: &mut [f32],
) {
    let row_len = shape.out_w * shape.out_c;
    for image in 0..band.images {
        let images = &images[image * padded.image_len(band.rows)..];
        let gradients = (band.image + image) * shape.out_h + band.row;
        for row in (0..band.rows).step_by(block_rows(shape)) {
            let count = block_rows(shape).min(band.rows - row);
            let image = &images[row * shape.stride_h * padded.width..];
            let gradient = &grad_output[(gradients + row) * row_len..][..count * row_len];
            add_block(
                shape,
                padded,
                (count, image, gradient),
                rows.clone(),
                sums,
                tail,
            );
        }
    }
}

/// Adds what some rows of one image's output contribute.
fn add_block(
    shape: &Conv2dShape,
    padded: &Padded,
    (count, image, gradient): (usize, &[f32], &[f32]),
    rows: Range<usize>,
    sums: &mut [f32],
    tail: &mut [f32],
) {
    let run = shape.kernel_w * shape.in_c;
    let whole = shape.out_c / COLUMNS * COLUMNS;
    if whole < shape.out_c {
        let places = tail.as_chunks_mut::<COLUMNS>().0.iter_mut();
        for (place, pixel) in places.zip(gradient.chunks_exact(shape.out_c)) {
            copy_short(&pixel[whole..], place);
        }
    }
    for oc in (0..shape.out_c).step_by(COLUMNS) {
        let (b, b_start, b_step) = if oc < whole {
            (gradient, oc, shape.out_c)
        } else {
            (&*tail, 0, COLUMNS)
        };
        let b_walk = Walk {
            start: b_start,
            step: b_step,
            stride: b_step * shape.out_w,
        };
        for (row, height) in Heights::new(rows.clone(), run) {
            let a_walk = Walk {
                start: row / run * padded.width + row % run,
                step: shape.stride_w * shape.in_c,
                stride: shape.stride_h * padded.width,
            };
            let target = Target {
                at: (row - rows.start) * shape.out_c + oc,
                stride: shape.out_c,
                rows: height,
                columns: COLUMNS.min(shape.out_c - oc),
                finish: Add,
                c: &mut *sums,
            };
            let (steps, a, b) = ((count, shape.out_w), (image, a_walk), (b, b_walk));
            match height {
                4 => outer_products::<4, _>(steps, a, b, target),
                3 => outer_products::<3, _>(steps, a, b, target),
                2 => outer_products::<2, _>(steps, a, b, target),
                _ => outer_products::<1, _>(steps, a, b, target),
            }
        }
    }
}

/// Cuts rows of windows, runs of `run` floats, into tiles of up to four neighbours, as high as can be: 5 = 3 + 2, 9 = 4 + 3
/// + 2, never a last 1 after a 4.
struct Heights {
    rows: Range<usize>,
    run: usize,
}

impl Heights {
    fn new(rows: Range<usize>, run: usize) -> Self {
        Self { rows, run }
    }
}

impl Iterator for Heights {
    type Item = (usize, usize);

    #[inline(always)]
    fn next(&mut self) -> Option<(usize, usize)> {
        let start = self.rows.start;
        let height = match self.rows.len().min(self.run - start % self.run) {
            0 => return None,
            5 => 3,
            left => left.min(ROWS),
        };
        self.rows.start += height;
        Some((start, height))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_cut_without_a_single_last_row() {
        let cut = |run, rows: Range<usize>| {
            Heights::new(rows, run)
                .map(|(_, height)| height)
                .collect::<Vec<_>>()
        };
        assert_eq!(cut(3, 0..3), [3]);
        assert_eq!(cut(5, 0..5), [3, 2]);
        assert_eq!(cut(9, 0..9), [4, 3, 2]);
        assert_eq!(cut(12, 0..12), [4, 4, 4]);
        assert_eq!(cut(1, 0..1), [1]);
        assert_eq!(cut(6, 4..12), [2, 4, 2]);
    }
}
