//! The maxima, in the fast paths that the head of the parent module lists.

use super::lane_groups;
use super::window::{Best, Window};
use crate::shape::MaxPool2dShape;
use crate::simd::{F32x4, I32x4, LANES};
use std::ops::Range;

/// Where the maxima of some windows go; positions are dropped unless `RECORD`.
pub struct Target<'a, const RECORD: bool> {
    pub output: &'a mut [f32],
    pub positions: &'a mut [i32],
}

impl<'a, const RECORD: bool> Target<'a, RECORD> {
    #[inline(always)]
    fn part(&mut self, range: Range<usize>) -> Target<'_, RECORD> {
        Target {
            output: &mut self.output[range.clone()],
            positions: if RECORD {
                &mut self.positions[range]
            } else {
                &mut []
            },
        }
    }

    /// All lanes, to neighbouring elements.
    #[inline(always)]
    fn store(&mut self, at: usize, best: Best) {
        best.value.store(&mut self.output[at..]);
        if RECORD {
            self.positions[at..at + LANES].copy_from_slice(&best.position.to_array());
        }
    }

    /// The first `count` lanes, `step` elements apart.
    #[inline(always)]
    fn store_lanes(&mut self, at: usize, step: usize, count: usize, best: Best) {
        let (values, positions) = (best.value.to_array(), best.position.to_array());
        for lane in 0..count {
            self.output[at + lane * step] = values[lane];
            if RECORD {
                self.positions[at + lane * step] = positions[lane];
            }
        }
    }
}

/// Every window of every sample.
pub fn forward<const RECORD: bool>(
    s: &MaxPool2dShape,
    input: &[f32],
    mut target: Target<'_, RECORD>,
) {
    let row_len = s.out_w * s.channels;
    for (n, plane) in input.chunks_exact(s.in_h * s.in_w * s.channels).enumerate() {
        for oy in 0..s.out_h {
            let start = (n * s.out_h + oy) * row_len;
            let target = target.part(start..start + row_len);
            if s.channels < LANES {
                few_channels(s, plane, oy, target);
            } else {
                many_channels(s, plane, oy, target);
            }
        }
    }
}

/// One row of windows, four channels at a time.
fn many_channels<const RECORD: bool>(
    s: &MaxPool2dShape,
    plane: &[f32],
    oy: usize,
    mut target: Target<'_, RECORD>,
) {
    let channels = s.channels;
    for ox in 0..s.out_w {
        let window = Window::at(s, oy, ox);
        let mut target = target.part(ox * channels..(ox + 1) * channels);
        if window.rows.len() == 2 && window.columns.len() == 2 && !window.zero_padded {
            two_by_two(s, plane, &window, target);
            continue;
        }
        for at in lane_groups(channels) {
            let load = |cell| F32x4::load(&plane[cell * channels + at..]);
            target.store(at, window.with_padding(window.best(s.in_w, load)));
        }
    }
}

/// A window of 2 x 2 cells without padding.
#[inline(always)]
fn two_by_two<const RECORD: bool>(
    s: &MaxPool2dShape,
    plane: &[f32],
    window: &Window,
    mut target: Target<'_, RECORD>,
) {
    let first = window.rows.start * s.in_w + window.columns.start;
    let cells = [first, first + 1, first + s.in_w, first + s.in_w + 1];
    let values = cells.map(|cell| &plane[cell * s.channels..][..s.channels]);
    for at in lane_groups(s.channels) {
        let [a, b, c, d] =
            std::array::from_fn(|i| Best::new(F32x4::load(&values[i][at..]), cells[i] as i32));
        target.store(at, a.or(b).or(c.or(d)));
    }
}

/// One row of windows with at most three channels.
fn few_channels<const RECORD: bool>(
    s: &MaxPool2dShape,
    plane: &[f32],
    oy: usize,
    mut target: Target<'_, RECORD>,
) {
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
