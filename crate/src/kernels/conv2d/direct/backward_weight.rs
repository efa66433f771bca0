//! `dW[ky, (kx, ic), oc] = sum over pixels of input[window + (ky, kx, ic)] * dY[pixel, oc]`: the rows of a tile are
//! neighbouring floats of one row of the window, its columns eight channels of the gradient. Neither is packed.

use super::image::Padded;
use crate::shape::Conv2dShape;
use crate::simd::copy_short;
use crate::tile::{Add, COLUMNS, Target, Walk, outer_products};

/// Pixels whose sums stay in registers. Fewer read and write dW more often; more push the input out of L1.
const BLOCK_PIXELS: usize = 448;

fn block_rows(shape: &Conv2dShape) -> usize {
    BLOCK_PIXELS.div_ceil(shape.out_w).clamp(1, shape.out_h)
}

/// Floats of workspace: a group of padded images, and the last channels of a block where they are no whole panel.
pub fn workspace_len(shape: &Conv2dShape) -> usize {
    let images = Padded::of_input(shape).workspace_len(shape.out_h * shape.out_w);
    images.saturating_add(tail_len(shape))
}

fn tail_len(shape: &Conv2dShape) -> usize {
    (block_rows(shape) * shape.out_w).saturating_mul(COLUMNS)
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
    let padded = Padded::of_input(shape);
    let (tail, workspace) = workspace.split_at_mut(tail_len(shape));
    let pixels = shape.out_h * shape.out_w;
    let (image_len, output_len) = (shape.in_h * shape.in_w * shape.in_c, pixels * shape.out_c);
    let group = padded.group(batch, pixels);
    for first in (0..batch).step_by(group) {
        let count = group.min(batch - first);
        let images = padded.write(&input[first * image_len..][..count * image_len], workspace);
        let gradients = &grad_output[first * output_len..][..count * output_len];
        for (image, gradient) in images
            .chunks_exact(padded.len)
            .zip(gradients.chunks_exact(output_len))
        {
            for row in (0..shape.out_h).step_by(block_rows(shape)) {
                let rows = block_rows(shape).min(shape.out_h - row);
                let image = &image[row * shape.stride_h * padded.width..];
                let gradient = &gradient[row * shape.out_w * shape.out_c..]
                    [..rows * shape.out_w * shape.out_c];
                block_of_rows(shape, &padded, (rows, image, gradient), grad_weight, tail);
            }
        }
    }
}

/// Adds what some rows of one image's output contribute.
fn block_of_rows(
    shape: &Conv2dShape,
    padded: &Padded,
    (rows, image, gradient): (usize, &[f32], &[f32]),
    grad_weight: &mut [f32],
    tail: &mut [f32],
) {
    let run = shape.kernel_w * shape.in_c;
    let whole = shape.out_c / COLUMNS * COLUMNS;
    if whole < shape.out_c {
        for (place, pixel) in tail
            .as_chunks_mut::<COLUMNS>()
            .0
            .iter_mut()
            .zip(gradient.chunks_exact(shape.out_c))
        {
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
        for ky in 0..shape.kernel_h {
            for (q, height) in Heights::new(run) {
                let a_walk = Walk {
                    start: ky * padded.width + q,
                    step: shape.stride_w * shape.in_c,
                    stride: shape.stride_h * padded.width,
                };
                let target = Target {
                    at: (ky * run + q) * shape.out_c + oc,
                    stride: shape.out_c,
                    rows: height,
                    columns: COLUMNS.min(shape.out_c - oc),
                    finish: Add,
                    c: &mut *grad_weight,
                };
                let (steps, a, b) = ((rows, shape.out_w), (image, a_walk), (b, b_walk));
                match height {
                    4 => outer_products::<4, _>(steps, a, b, target),
                    3 => outer_products::<3, _>(steps, a, b, target),
                    2 => outer_products::<2, _>(steps, a, b, target),
                    _ => outer_products::<1, _>(steps, a, b, target),
                }
            }
        }
    }
}

/// Cuts a run into tiles of up to four rows, as high as can be: 5 = 3 + 2, 9 = 4 + 3 + 2, never a last 1 after a 4.
struct Heights {
    next: usize,
    end: usize,
}

impl Heights {
    fn new(run: usize) -> Self {
        Self { next: 0, end: run }
    }
}

impl Iterator for Heights {
    type Item = (usize, usize);

    #[inline(always)]
    fn next(&mut self) -> Option<(usize, usize)> {
        let height = match self.end - self.next {
            0 => return None,
            5 => 3,
            left => left.min(4),
        };
        self.next += height;
        Some((self.next - height, height))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_cut_without_a_single_last_row() {
        let cut = |run| {
            Heights::new(run)
                .map(|(_, height)| height)
                .collect::<Vec<_>>()
        };
        assert_eq!(cut(3), [3]);
        assert_eq!(cut(5), [3, 2]);
        assert_eq!(cut(9), [4, 3, 2]);
        assert_eq!(cut(12), [4, 4, 4]);
        assert_eq!(cut(1), [1]);
    }
}
