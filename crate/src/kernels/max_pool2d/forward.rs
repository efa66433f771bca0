//! The maxima, in the fast paths that the head of the parent module lists.

use super::window::{Best, Window};
use crate::pool::{self, Split, Work};
use crate::shape::MaxPool2dShape;
use crate::simd::{F32x4, I32x4, LANES, lane_groups};
use std::ops::Range;

/// Values of the output in a block of rows of windows, about.
const BLOCK: usize = 2048;

/// Where the maxima of some windows go, and their positions if there is room for them.
struct Target<'a> {
    output: &'a mut [f32],
    positions: Option<&'a mut [i32]>,
}

impl Target<'_> {
    #[inline(always)]
    fn part(&mut self, range: Range<usize>) -> Target<'_> {
        Target {
            output: &mut self.output[range.clone()],
            positions: self
                .positions
                .as_deref_mut()
                .map(|positions| &mut positions[range]),
        }
    }

    /// All lanes, to neighbouring elements.
    #[inline(always)]
    fn store(&mut self, at: usize, best: Best) {
        best.value.store(&mut self.output[at..]);
        if let Some(positions) = &mut self.positions {
            positions[at..at + LANES].copy_from_slice(&best.position.to_array());
        }
    }

    /// The first `count` lanes, `step` elements apart.
    #[inline(always)]
    fn store_lanes(&mut self, at: usize, step: usize, count: usize, best: Best) {
        let (values, positions) = (best.value.to_array(), best.position.to_array());
        for lane in 0..count {
            self.output[at + lane * step] = values[lane];
            if let Some(target) = &mut self.positions {
                target[at + lane * step] = positions[lane];
            }
        }
    }
}

/// Every window of every sample.
pub fn forward(
    s: &MaxPool2dShape,
    input: &[f32],
    output: &mut [f32],
    positions: Option<&mut [i32]>,
) {
    let row_len = s.out_w * s.channels;
    let plane_len = s.in_h * s.in_w * s.channels;
    let rows = BLOCK.div_ceil(row_len);
    let work = Work::floats(input.len() + 2 * output.len());
    let positions = positions.map(Split::new);
    pool::run_pieces(output, rows * row_len, work, |block, output, _| {
        let first = block * rows;
        let part = first * row_len..first * row_len + output.len();
        let mut target = Target {
            // SAFETY: as the pieces of the output, those of different blocks do not overlap.
            positions: positions.as_ref().map(|all| unsafe { all.part(part) }),
            output,
        };
        for row in 0..target.output.len() / row_len {
            let (n, oy) = ((first + row) / s.out_h, (first + row) % s.out_h);
            let plane = &input[n * plane_len..][..plane_len];
            let target = target.part(row * row_len..(row + 1) * row_len);
            if s.channels < LANES {
                few_channels(s, plane, oy, target);
            } else {
                many_channels(s, plane, oy, target);
            }
        }
    });
}

/// One row of windows, four channels at a time.
fn many_channels(s: &MaxPool2dShape, plane: &[f32], oy: usize, mut target: Target<'_>) {
    let channels = s.channels;
    let rows = Window::at(s, oy, 0).rows;
    let mut inside = if s.pool_w == 2 && rows.len() == 2 && rows.len() == s.pool_h {
        s.columns_inside()
    } else {
        0..0
    };
    let windows = inside.start * channels..inside.end * channels;
    if !two_by_two(s, plane, rows.start, &inside, target.part(windows)) {
        inside = 0..0;
    }
    for ox in (0..inside.start).chain(inside.end..s.out_w) {
        let window = Window::at(s, oy, ox);
        for at in lane_groups(channels) {
            let load = |cell| F32x4::load(&plane[cell * channels + at..]);
            let best = window.with_padding(window.best(s.in_w, load));
            target.store(ox * channels + at, best);
        }
    }
}

/// Neighbouring windows of 2 x 2 cells, all of them inside, the upper ones in row `y`. False when there may be NaN among
/// the cells: what is written is not right then.
///
/// Without NaN the first of the largest is found by three comparisons and subtractions of their masks, half the
/// operations of [`Best::or`]. Any NaN shows in the sum of all cells, infinities may.
#[must_use]
fn two_by_two(
    s: &MaxPool2dShape,
    plane: &[f32],
    y: usize,
    windows: &Range<usize>,
    mut target: Target<'_>,
) -> bool {
    let channels = s.channels;
    let mut sum = F32x4::splat(0.0);
    for (i, ox) in windows.clone().enumerate() {
        let first = y * s.in_w + ox * s.stride_w - s.pad_left;
        let row = |start: usize| plane[start * channels..][..2 * channels].split_at(channels);
        let ((a, b), (c, d)) = (row(first), row(first + s.in_w));
        let [above, below] = [first, first + s.in_w].map(|cell| I32x4::splat(cell as i32));
        let mut best = |[a, b, c, d]: [F32x4; 4]| {
            sum = sum + ((a + b) + (c + d));
            let (upper, lower) = (a.pmax(b), c.pmax(d));
            let position = I32x4::select(
                lower.gt(upper),
                below.wrapping_sub(d.gt(c)),
                above.wrapping_sub(b.gt(a)),
            );
            Best {
                value: upper.pmax(lower),
                position,
            }
        };
        let mut target = target.part(i * channels..(i + 1) * channels);
        // As chunks, whose bounds need no check.
        let chunks = [a, b, c, d].map(|values| values.as_chunks::<LANES>().0);
        let (output, _) = target.output.as_chunks_mut::<LANES>();
        let groups = chunks[0]
            .iter()
            .zip(chunks[1])
            .zip(chunks[2])
            .zip(chunks[3])
            .zip(output);
        match &mut target.positions {
            Some(positions) => {
                for (((((a, b), c), d), output), place) in
                    groups.zip(positions.as_chunks_mut::<LANES>().0)
                {
                    let best = best([a, b, c, d].map(|group| F32x4::load(group)));
                    *output = best.value.to_array();
                    *place = best.position.to_array();
                }
            }
            None => {
                for ((((a, b), c), d), output) in groups {
                    let best = best([a, b, c, d].map(|group| F32x4::load(group)));
                    *output = best.value.to_array();
                }
            }
        }
        if !channels.is_multiple_of(LANES) {
            let at = channels - LANES;
            target.store(
                at,
                best([a, b, c, d].map(|values| F32x4::load(&values[at..]))),
            );
        }
    }
    !sum.ne(sum).any()
}

/// One row of windows with at most three channels.
fn few_channels(s: &MaxPool2dShape, plane: &[f32], oy: usize, mut target: Target<'_>) {
    let (channels, stride) = (s.channels, s.stride_w);
    let lane_cells = I32x4::from_array(std::array::from_fn(|lane| (lane * stride) as i32));
    let mut ox = 0;
    while ox < s.out_w {
        let window = Window::at(s, oy, ox);
        let last_end = (ox + LANES - 1) * stride + s.pool_w;
        let together =
            ox + LANES <= s.out_w && ox * stride >= s.pad_left && last_end <= s.pad_left + s.in_w;
        if together {
            for c in 0..channels {
                let value = |cell, lane| plane[(cell + lane * stride) * channels + c];
                let load = |cell| F32x4::from_array(std::array::from_fn(|lane| value(cell, lane)));
                let mut best = window.best(s.in_w, load);
                best.position = best.position.wrapping_add(lane_cells);
                let at = ox * channels + c;
                target.store_lanes(at, channels, LANES, window.with_padding(best));
            }
            ox += LANES;
        } else {
            let load = |cell| F32x4::load_partial(&plane[cell * channels..][..channels], 0.0);
            let best = window.with_padding(window.best(s.in_w, load));
            target.store_lanes(ox * channels, 1, channels, best);
            ox += 1;
        }
    }
}
