//! The gradient, put back where the maxima were.

use super::window::{PADDING, Window};
use crate::error::{Error, Result};
use crate::kernels::activation::Activation;
use crate::kernels::bias_gradient::column_sums;
use crate::pool::{self, Split, Work};
use crate::shape::MaxPool2dShape;
use crate::simd::{F32x4, I32x4, LANES, lane_groups};
use std::sync::atomic::{AtomicBool, Ordering};

/// What the pass below the pooling would do next, done at once.
#[derive(Default)]
pub struct Below<'a> {
    /// The activation that made what was pooled, with the maxima, from which its derivative is worked out where it
    /// counts. The gradient goes on to the input of that activation.
    pub activation: Option<(Activation, &'a [f32])>,
    /// Receives the sum of each channel of each sample's gradient, `[batch, channels]`.
    pub sample_sums: Option<&'a mut [f32]>,
}

/// Gradient and position of the maxima of one sample or window, and what goes with the gradient.
#[derive(Clone, Copy)]
struct Maxima<'a> {
    grads: &'a [f32],
    positions: &'a [i32],
    activation: Activation,
    /// The maxima themselves; the gradients once more, which nobody looks at, where the activation is linear.
    values: &'a [f32],
}

impl<'a> Maxima<'a> {
    #[inline(always)]
    fn part(&self, start: usize, len: usize) -> Maxima<'a> {
        Maxima {
            grads: &self.grads[start..][..len],
            positions: &self.positions[start..][..len],
            activation: self.activation,
            values: &self.values[start..][..len],
        }
    }

    /// Four gradients with their positions.
    #[inline(always)]
    fn four(&self, at: usize) -> (F32x4, I32x4) {
        let (grads, values) = (
            F32x4::load(&self.grads[at..]),
            F32x4::load(&self.values[at..]),
        );
        let positions = self.positions[at..].first_chunk().expect("four positions");
        (
            self.activation.chain(values, grads),
            I32x4::from_array(*positions),
        )
    }
}

/// The gradient of every sample.
///
/// # Errors
/// When a position is neither -1 nor in the plane.
pub fn backward(
    s: &MaxPool2dShape,
    grad_output: &[f32],
    positions: &[i32],
    grad_input: &mut [f32],
    below: Below<'_>,
) -> Result<()> {
    let image_len = s.out_h * s.out_w * s.channels;
    let (activation, values) = below
        .activation
        .unwrap_or((Activation::Linear, grad_output));
    let all = Maxima {
        grads: grad_output,
        positions,
        activation,
        values,
    };
    let sums = below.sample_sums.map(Split::new);
    let work = Work::floats(2 * grad_input.len() + 3 * grad_output.len());
    let outside = AtomicBool::new(false);
    let plane_len = s.in_h * s.in_w * s.channels;
    pool::run_pieces(grad_input, plane_len, work, |n, plane, _| {
        let maxima = all.part(n * image_len, image_len);
        if !are_inside(s, maxima.positions) {
            outside.store(true, Ordering::Relaxed);
            return;
        }
        if s.channels >= LANES && s.stride_h >= s.pool_h && s.stride_w >= s.pool_w {
            place_apart(s, &maxima, plane);
        } else {
            place_anywhere(s.channels, &maxima, plane);
        }
        if let Some(sums) = &sums {
            let start = n * s.channels;
            // SAFETY: each sample has its own.
            column_sums(plane, unsafe { sums.part(start..start + s.channels) });
        }
    });
    if outside.into_inner() {
        return Err(outside_error(s, positions));
    }
    Ok(())
}

/// -1 becomes 0, and what is below it large: one bound instead of two, and a loop that compilers vectorize.
fn shifted(&position: &i32) -> u32 {
    (position as u32).wrapping_add(1)
}

fn are_inside(s: &MaxPool2dShape, positions: &[i32]) -> bool {
    let most = positions.iter().map(shifted).fold(0, u32::max);
    most as usize <= s.in_h * s.in_w
}

fn outside_error(s: &MaxPool2dShape, positions: &[i32]) -> Error {
    let is_bad = |position| shifted(position) as usize > s.in_h * s.in_w;
    let index = positions.iter().position(is_bad).unwrap_or_default();
    Error(format!(
        "maxPool2dBackward: positions[{index}] is {}, expected -1 or a cell of plane [{}, {}]",
        positions[index], s.in_h, s.in_w
    ))
}

/// Whether every cell is in a window.
fn covers_everything(s: &MaxPool2dShape) -> bool {
    let covers = |out: usize, stride: usize, pool: usize, pad: usize, size: usize| {
        stride <= pool && (out - 1) * stride + pool >= pad + size
    };
    covers(s.out_h, s.stride_h, s.pool_h, s.pad_top, s.in_h)
        && covers(s.out_w, s.stride_w, s.pool_w, s.pad_left, s.in_w)
}

/// Each cell belongs to one window at most: it takes that gradient where the position names it.
fn place_apart(s: &MaxPool2dShape, maxima: &Maxima<'_>, plane: &mut [f32]) {
    let channels = s.channels;
    if !covers_everything(s) {
        plane.fill(0.0);
    }
    for oy in 0..s.out_h {
        let mut inside = s.columns_inside();
        let rows = Window::at(s, oy, 0).rows;
        if s.pool_w == 2 && rows.len() == 2 {
            let maxima = maxima.part(
                (oy * s.out_w + inside.start) * channels,
                inside.len() * channels,
            );
            place_two_by_two(s, &maxima, rows.start, inside.start, plane);
        } else {
            inside = 0..0;
        }
        for ox in (0..inside.start).chain(inside.end..s.out_w) {
            let window = Window::at(s, oy, ox);
            let maxima = maxima.part((oy * s.out_w + ox) * channels, channels);
            for at in lane_groups(channels) {
                let (grads, positions) = maxima.four(at);
                for y in window.rows.clone() {
                    for cell in y * s.in_w + window.columns.start..y * s.in_w + window.columns.end {
                        place(cell, grads, positions, &mut plane[cell * channels + at..]);
                    }
                }
            }
        }
    }
}

/// Four channels of a cell.
#[inline(always)]
fn place(cell: usize, grads: F32x4, positions: I32x4, target: &mut [f32]) {
    let here = positions.eq(I32x4::splat(cell as i32));
    F32x4::select(here, grads, F32x4::splat(0.0)).store(target);
}

/// Neighbouring windows of 2 x 2 cells, all of them inside, the upper ones in row `y`, the first in column `ox`.
fn place_two_by_two(
    s: &MaxPool2dShape,
    maxima: &Maxima<'_>,
    y: usize,
    ox: usize,
    plane: &mut [f32],
) {
    let channels = s.channels;
    let (upper, lower) = plane.split_at_mut((y + 1) * s.in_w * channels);
    let upper = &mut upper[y * s.in_w * channels..];
    for i in 0..maxima.grads.len() / channels {
        let x = (ox + i) * s.stride_w - s.pad_left;
        let maxima = maxima.part(i * channels, channels);
        let row = x * channels..(x + 2) * channels;
        let (a, b) = upper[row.clone()].split_at_mut(channels);
        let (c, d) = lower[row].split_at_mut(channels);
        let first = I32x4::splat((y * s.in_w + x) as i32);
        let third = I32x4::splat(((y + 1) * s.in_w + x) as i32);
        let one = I32x4::splat(1);
        let cells = [
            first,
            first.wrapping_add(one),
            third,
            third.wrapping_add(one),
        ];
        let at_cells = |(grads, positions): (F32x4, I32x4)| {
            cells.map(|cell| F32x4::select(positions.eq(cell), grads, F32x4::splat(0.0)).to_array())
        };
        if !channels.is_multiple_of(LANES) {
            let at = channels - LANES;
            let placed = at_cells(maxima.four(at));
            for (target, placed) in [&mut *a, &mut *b, &mut *c, &mut *d].into_iter().zip(placed) {
                target[at..].copy_from_slice(&placed);
            }
        }
        // As chunks, whose bounds need no check.
        let grads = maxima.grads.as_chunks::<LANES>().0.iter();
        let positions = maxima.positions.as_chunks::<LANES>().0;
        let values = maxima.values.as_chunks::<LANES>().0;
        let [a, b, c, d] = [a, b, c, d].map(|target| target.as_chunks_mut::<LANES>().0);
        let targets = a.iter_mut().zip(b).zip(c).zip(d);
        for (((grads, positions), values), (((a, b), c), d)) in
            grads.zip(positions).zip(values).zip(targets)
        {
            let grads = F32x4::from_array(*grads);
            let grads = maxima.activation.chain(F32x4::from_array(*values), grads);
            [*a, *b, *c, *d] = at_cells((grads, I32x4::from_array(*positions)));
        }
    }
}

/// Windows that may overlap, element by element.
fn place_anywhere(channels: usize, maxima: &Maxima<'_>, plane: &mut [f32]) {
    plane.fill(0.0);
    for window in 0..maxima.grads.len() / channels {
        for c in (0..channels).step_by(LANES) {
            let part = maxima.part(window * channels + c, LANES.min(channels - c));
            let [grads, values] =
                [part.grads, part.values].map(|floats| F32x4::load_partial(floats, 0.0));
            let grads = part.activation.chain(values, grads);
            let places = part.positions.iter().zip(grads.to_array());
            for (lane, (&position, grad)) in places.enumerate() {
                if position != PADDING {
                    plane[position as usize * channels + c + lane] += grad;
                }
            }
        }
    }
}
