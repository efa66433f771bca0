//! The gradient, put back where the maxima were.

use super::lane_groups;
use super::window::PADDING;
use crate::error::{Error, Result};
use crate::shape::MaxPool2dShape;
use crate::simd::{F32x4, I32x4, LANES};

/// # Errors
/// When a position is neither -1 nor in the plane.
pub fn check_positions(s: &MaxPool2dShape, positions: &[i32]) -> Result<()> {
    // -1 becomes 0, and what is below it large: one bound instead of two, and a loop that compilers vectorize.
    let shifted = |&position: &i32| (position as u32).wrapping_add(1);
    let cells = s.in_h * s.in_w;
    let most = positions.iter().map(shifted).fold(0, u32::max);
    if most as usize <= cells {
        return Ok(());
    }
    let is_bad = |position| shifted(position) as usize > cells;
    let index = positions.iter().position(is_bad).unwrap_or_default();
    Err(Error(format!(
        "maxPool2dBackward: positions[{index}] is {}, expected -1 or a cell of plane [{}, {}]",
        positions[index], s.in_h, s.in_w
    )))
}

/// The gradient of every sample. Positions are checked.
pub fn backward(
    shape: &MaxPool2dShape,
    grad_output: &[f32],
    positions: &[i32],
    grad_input: &mut [f32],
) {
    let MaxPool2dShape {
        in_h,
        in_w,
        channels,
        ..
    } = *shape;
    let image_len = shape.out_h * shape.out_w * channels;
    let images = grad_output
        .chunks_exact(image_len)
        .zip(positions.chunks_exact(image_len));
    let planes = grad_input.chunks_exact_mut(in_h * in_w * channels);
    for (plane, (grads, positions)) in planes.zip(images) {
        if channels >= LANES && is_two_by_two(shape) {
            place_two_by_two(shape, grads, positions, plane);
        } else {
            place_anywhere(channels, grads, positions, plane);
        }
    }
}

/// Windows of 2 x 2 side by side, all of them inside the input.
fn is_two_by_two(s: &MaxPool2dShape) -> bool {
    let tiles = [s.pool_h, s.pool_w, s.stride_h, s.stride_w] == [2; 4];
    tiles && [s.pad_top, s.pad_left] == [0; 2] && 2 * s.out_h <= s.in_h && 2 * s.out_w <= s.in_w
}

/// Each cell belongs to one window at most: it takes that gradient where the position names it.
fn place_two_by_two(s: &MaxPool2dShape, grads: &[f32], positions: &[i32], plane: &mut [f32]) {
    let channels = s.channels;
    let row_len = s.in_w * channels;
    let (covered, below) = plane.split_at_mut(2 * s.out_h * row_len);
    below.fill(0.0);
    for (oy, rows) in covered.chunks_exact_mut(2 * row_len).enumerate() {
        let (upper, lower) = rows.split_at_mut(row_len);
        for ox in 0..s.out_w {
            let from = (oy * s.out_w + ox) * channels;
            let (grads, positions) = (&grads[from..][..channels], &positions[from..][..channels]);
            let first = 2 * oy * s.in_w + 2 * ox;
            let at = 2 * ox * channels;
            place_pair(&mut upper[at..][..2 * channels], first, grads, positions);
            place_pair(
                &mut lower[at..][..2 * channels],
                first + s.in_w,
                grads,
                positions,
            );
        }
        upper[2 * s.out_w * channels..].fill(0.0);
        lower[2 * s.out_w * channels..].fill(0.0);
    }
}

/// Two neighbouring cells of one window.
#[inline(always)]
fn place_pair(cells: &mut [f32], first: usize, grads: &[f32], positions: &[i32]) {
    let channels = grads.len();
    let (left, right) = cells.split_at_mut(channels);
    for at in lane_groups(channels) {
        let grad = F32x4::load(&grads[at..]);
        let position = I32x4::from_array(*positions[at..].first_chunk().expect("four positions"));
        for (cell, target) in [(first, &mut *left), (first + 1, &mut *right)] {
            let here = position.eq(I32x4::splat(cell as i32));
            F32x4::select(here, grad, F32x4::splat(0.0)).store(&mut target[at..]);
        }
    }
}

/// Windows that may overlap, element by element.
fn place_anywhere(channels: usize, grads: &[f32], positions: &[i32], plane: &mut [f32]) {
    plane.fill(0.0);
    let windows = grads
        .chunks_exact(channels)
        .zip(positions.chunks_exact(channels));
    for (grads, positions) in windows {
        for (c, (&grad, &position)) in grads.iter().zip(positions).enumerate() {
            if position != PADDING {
                plane[position as usize * channels + c] += grad;
            }
        }
    }
}
