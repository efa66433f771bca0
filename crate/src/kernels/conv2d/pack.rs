//! Patches as operands of a product: they are copied out of the input block by block, while panels are packed, so that
//! the matrix of all patches never exists.
//!
//! | operand | lanes x depth | fast paths |
//! | --- | --- | --- |
//! | [`PixelLanes`] | pixels x patch | a run inside for all pixels of a panel: 4 x 4 transposition; one channel and stride 1: neighbouring pixels are neighbours in the input |
//! | [`PatchLanes`] | patch x pixels | a run inside: copied in one go; one channel and stride 1: 4 x 4 transposition along a row of pixels |

use super::patches::{Part, Pixels, Runs};
use crate::gemm::operand::{Operand, Panels, fill_panels};
use crate::gemm::pack::interleave_four;
use crate::shape::Conv2dShape;
use crate::simd::LANES;
use std::ops::Range;

/// The input of a convolution.
#[derive(Clone, Copy)]
pub struct Patches<'a> {
    shape: &'a Conv2dShape,
    input: &'a [f32],
    pixels: usize,
}

impl<'a> Patches<'a> {
    /// `input` is `[batch, in_h, in_w, in_c]`.
    ///
    /// # Panics
    /// When it is not.
    pub fn new(shape: &'a Conv2dShape, batch: usize, input: &'a [f32]) -> Self {
        let len = batch * shape.in_h * shape.in_w * shape.in_c;
        assert_eq!(input.len(), len, "input of {shape:?}, batch {batch}");
        Self {
            shape,
            input,
            pixels: batch * shape.out_h * shape.out_w,
        }
    }

    /// Whether a row of pixels sees, through one element of the patch, a contiguous piece of the input.
    fn pixels_contiguous(&self) -> bool {
        self.shape.in_c == 1 && self.shape.stride_w == 1
    }
}

/// A of the forward pass: `[batch * out_h * out_w, patch]`.
pub struct PixelLanes<'a>(pub Patches<'a>);

impl Operand for PixelLanes<'_> {
    fn lanes(&self) -> usize {
        self.0.pixels
    }

    fn depth(&self) -> usize {
        self.0.shape.patch_len()
    }

    fn panels<'s, const WIDTH: usize>(
        &'s self,
        lanes: Range<usize>,
        depth: Range<usize>,
        buffer: &'s mut [f32],
    ) -> Panels<'s> {
        let contiguous = self.0.pixels_contiguous();
        let mut pixels = Pixels::new(self.0.shape, lanes.start);
        let runs = Runs::new(self.0.shape, depth.clone());
        fill_panels::<WIDTH>(lanes, depth.len(), buffer, |panel, lanes| {
            if contiguous {
                self.panel_of_rows::<WIDTH>(lanes.len(), &mut pixels, &runs, panel);
            } else {
                self.panel_of_runs::<WIDTH>(lanes.len(), &mut pixels, &runs, panel);
            }
        })
    }
}

impl PixelLanes<'_> {
    /// One element of the patch after the other, for as many neighbouring pixels as share a row.
    #[inline(always)]
    fn panel_of_rows<const WIDTH: usize>(
        &self,
        lanes: usize,
        pixels: &mut Pixels<'_>,
        runs: &Runs,
        panel: &mut [f32],
    ) {
        let Patches { shape, input, .. } = self.0;
        let mut lane = 0;
        while lane < lanes {
            let (window, count) = pixels.next_in_row(lanes - lane);
            for Part { ky, run: part, at } in runs.clone() {
                let (targets, _) = panel[at * WIDTH..][..part.len() * WIDTH].as_chunks_mut();
                // What the first pixel sees, and as many more cells as there are other pixels.
                let len = part.len() + count - 1;
                let cells = window.cells(shape, ky, part.start, len).of(input);
                match cells.whole(&(0..len)) {
                    Some(cells) if count == WIDTH => {
                        let sources = cells.array_windows::<WIDTH>();
                        for (target, source) in targets.iter_mut().zip(sources) {
                            *target = *source;
                        }
                    }
                    _ => {
                        let targets: &mut [[f32; WIDTH]] = targets;
                        for (i, target) in targets.iter_mut().enumerate() {
                            for (j, place) in target[lane..lane + count].iter_mut().enumerate() {
                                *place = cells.at(i + j);
                            }
                        }
                    }
                }
            }
            lane += count;
        }
    }

    /// Run by run, for all pixels of the panel.
    #[inline(always)]
    fn panel_of_runs<const WIDTH: usize>(
        &self,
        lanes: usize,
        pixels: &mut Pixels<'_>,
        runs: &Runs,
        panel: &mut [f32],
    ) {
        let Patches { shape, input, .. } = self.0;
        let windows: [_; WIDTH] =
            std::array::from_fn(|lane| (lane < lanes).then(|| pixels.next_window()));
        for Part { ky, run: part, at } in runs.clone() {
            let panel = &mut panel[at * WIDTH..][..part.len() * WIDTH];
            for (group, windows) in windows.chunks(LANES).enumerate() {
                let floats = |lane: usize| {
                    let window = windows.get(lane).copied().flatten()?;
                    Some(window.run(shape, ky).of(input))
                };
                let whole: [_; LANES] =
                    std::array::from_fn(|lane| floats(lane).and_then(|f| f.whole(&part)));
                if let [Some(a), Some(b), Some(c), Some(d)] = whole {
                    interleave_four::<WIDTH>([a, b, c, d], group * LANES, panel);
                    continue;
                }
                for lane in 0..LANES {
                    let Some(floats) = floats(lane) else { break };
                    let places = panel[group * LANES + lane..].iter_mut().step_by(WIDTH);
                    for (place, i) in places.zip(part.clone()) {
                        *place = floats.at(i);
                    }
                }
            }
        }
    }
}

/// A of the weight's gradient: `[patch, batch * out_h * out_w]`.
pub struct PatchLanes<'a>(pub Patches<'a>);

impl Operand for PatchLanes<'_> {
    fn lanes(&self) -> usize {
        self.0.shape.patch_len()
    }

    fn depth(&self) -> usize {
        self.0.pixels
    }

    fn panels<'s, const WIDTH: usize>(
        &'s self,
        lanes: Range<usize>,
        depth: Range<usize>,
        buffer: &'s mut [f32],
    ) -> Panels<'s> {
        if self.0.pixels_contiguous() {
            fill_panels::<WIDTH>(lanes, depth.len(), buffer, |panel, lanes| {
                self.panel_of_rows::<WIDTH>(lanes, depth.clone(), panel);
            })
        } else {
            self.panels_of_runs::<WIDTH>(lanes, depth, buffer)
        }
    }
}

impl PatchLanes<'_> {
    /// Row of pixels by row of pixels, for all elements of the patch in the panel.
    #[inline(always)]
    fn panel_of_rows<const WIDTH: usize>(
        &self,
        patch: Range<usize>,
        pixels: Range<usize>,
        panel: &mut [f32],
    ) {
        let Patches { shape, input, .. } = self.0;
        let mut at = 0;
        let mut walk = Pixels::new(shape, pixels.start);
        while at < pixels.len() {
            let (window, count) = walk.next_in_row(pixels.len() - at);
            let panel = &mut panel[at * WIDTH..][..count * WIDTH];
            let cells = |q: usize| {
                let (ky, kx) = (q / shape.kernel_w, q % shape.kernel_w);
                window.cells(shape, ky, kx, count).of(input)
            };
            for first in patch.clone().step_by(LANES) {
                let rows: [_; LANES] = std::array::from_fn(|j| {
                    (first + j < patch.end)
                        .then(|| cells(first + j).whole(&(0..count)))
                        .flatten()
                });
                if let [Some(a), Some(b), Some(c), Some(d)] = rows {
                    interleave_four::<WIDTH>([a, b, c, d], first - patch.start, panel);
                    continue;
                }
                for q in first..patch.end.min(first + LANES) {
                    let cells = cells(q);
                    let places = panel[q - patch.start..].iter_mut().step_by(WIDTH);
                    for (i, place) in places.enumerate() {
                        *place = cells.at(i);
                    }
                }
            }
            at += count;
        }
    }

    /// Pixel by pixel: each run is read once and shared out over the panels it belongs to.
    fn panels_of_runs<'s, const WIDTH: usize>(
        &self,
        patch: Range<usize>,
        pixels: Range<usize>,
        buffer: &'s mut [f32],
    ) -> Panels<'s> {
        let Patches { shape, input, .. } = self.0;
        let stride = pixels.len() * WIDTH;
        let data = &mut buffer[..patch.len().div_ceil(WIDTH) * stride];
        if !patch.len().is_multiple_of(WIDTH) {
            let last = data.len() - stride;
            data[last..].fill(0.0);
        }
        let mut walk = Pixels::new(shape, pixels.start);
        let runs = Runs::new(shape, patch);
        for p in 0..pixels.len() {
            let window = walk.next_window();
            for Part { ky, run: part, at } in runs.clone() {
                let floats = window.run(shape, ky).of(input);
                let whole = floats.whole(&part);
                // Place `i` of the part is lane `at + i`: up to the next panel one by one, then panel by panel.
                let mut i = 0;
                while i < part.len() {
                    let (panel, lane) = ((at + i) / WIDTH, (at + i) % WIDTH);
                    let target = &mut data[panel * stride + p * WIDTH + lane..];
                    let source = whole.and_then(|whole| whole[i..].first_chunk::<WIDTH>());
                    match (lane, source) {
                        (0, Some(source)) => {
                            target[..WIDTH].copy_from_slice(source);
                            i += WIDTH;
                        }
                        _ => {
                            target[0] = floats.at(part.start + i);
                            i += 1;
                        }
                    }
                }
            }
        }
        Panels { data, stride }
    }
}
