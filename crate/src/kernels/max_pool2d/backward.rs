//! The gradient, put back where the maxima were.

use super::lane_groups;
use super::window::{PADDING, Window};
use crate::error::{Error, Result};
use crate::kernels::activation::Activation;
use crate::kernels::bias_gradient::column_sums;
use crate::pool::{self, Split, Work};
use crate::shape::MaxPool2dShape;
use crate::simd::{F32x4, I32x4, LANES};
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

/// Gradient and position of the maxima of one sample or window.
#[derive(Clone, Copy)]
struct Maxima<'a> {
    grads: &'a [f32],
    positions: &'a [i32],
    activation: Option<(Activation, &'a [f32])>,
}

impl<'a> Maxima<'a> {
    #[inline(always)]
    fn part(&self, start: usize, len: usize) -> Maxima<'a> {
        Maxima {
            grads: &self.grads[start..][..len],
            positions: &self.positions[start..][..len],
            activation: self
                .activation
                .map(|(activation, maxima)| (activation, &maxima[start..][..len])),
        }
    }

    /// Four gradients with their positions.
    #[inline(always)]
    fn four(&self, at: usize) -> (F32x4, I32x4) {
        let grads = F32x4::load(&self.grads[at..]);
        let positions = self.positions[at..].first_chunk().expect("four positions");
        let grads = match self.activation {
            Some((activation, maxima)) => activation.chain(F32x4::load(&maxima[at..]), grads),
            None => grads,
        };
        (grads, I32x4::from_array(*positions))
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
    let all = Maxima {
        grads: grad_output,
        positions,
        activation: below.activation,
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
        for ox in 0..s.out_w {
            let window = Window::at(s, oy, ox);
            let maxima = maxima.part((oy * s.out_w + ox) * channels, channels);
            let first = window.rows.start * s.in_w + window.columns.start;
            if window.rows.len() == 2 && window.columns.len() == 2 {
                place_two_by_two(&maxima, first, s.in_w, plane);
                continue;
            }
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

/// One window of 2 x 2 cells, the first of them `first`.
#[inline(always)]
fn place_two_by_two(maxima: &Maxima<'_>, first: usize, in_w: usize, plane: &mut [f32]) {
    let channels = maxima.grads.len();
    let (above, below) = plane.split_at_mut((first + in_w) * channels);
    let (a, b) = above[first * channels..][..2 * channels].split_at_mut(channels);
    let (c, d) = below[..2 * channels].split_at_mut(channels);
    for at in lane_groups(channels) {
        let (grads, positions) = maxima.four(at);
        place(first, grads, positions, &mut a[at..]);
        place(first + 1, grads, positions, &mut b[at..]);
        place(first + in_w, grads, positions, &mut c[at..]);
        place(first + in_w + 1, grads, positions, &mut d[at..]);
    }
}

/// Windows that may overlap, element by element.
fn place_anywhere(channels: usize, maxima: &Maxima<'_>, plane: &mut [f32]) {
    plane.fill(0.0);
    for window in 0..maxima.grads.len() / channels {
        for c in (0..channels).step_by(LANES) {
            let part = maxima.part(window * channels + c, LANES.min(channels - c));
            let mut grads = F32x4::load_partial(part.grads, 0.0);
            if let Some((activation, maxima)) = part.activation {
                grads = activation.chain(F32x4::load_partial(maxima, 0.0), grads);
            }
            let places = part.positions.iter().zip(grads.to_array());
            for (lane, (&position, grad)) in places.enumerate() {
                if position != PADDING {
                    plane[position as usize * channels + c + lane] += grad;
                }
            }
        }
    }
}
