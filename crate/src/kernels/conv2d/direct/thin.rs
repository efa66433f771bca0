//! The forward pass over one or three channels: windows so short that what happens around a tile's sums takes longer
//! than the sums. Here one call makes all tiles of a row for eight output channels, the distance of neighbouring windows
//! is a constant, and sums start as the bias.
//!
//! Share of the peak in Node 24, tile by tile as in [`super::forward`] and here: 1-32 channels 28x28, 3x3: 38, 62 %; 3-32
//! 34x34, 3x3: 62, 82 %; 1-6 32x32, 5x5: 29, 67 %. Row by row of the output, since a row of all panels then stays in L1:
//! blocks of 256 pixels lose a fifth.

use super::super::bands::Band;
use super::image::Padded;
use crate::kernels::bias::BiasFloor;
use crate::shape::Conv2dShape;
use crate::simd::{F32x4, LANES};
use crate::tile::{COLUMNS, ROWS};

/// True for shapes that it takes.
pub fn fits(shape: &Conv2dShape) -> bool {
    matches!(shape.in_c, 1 | 3) && shape.stride_w == 1 && shape.out_w >= ROWS
}

/// The output of a band.
pub fn band(
    shape: &Conv2dShape,
    padded: &Padded,
    band: &Band,
    (images, panels): (&[f32], &[f32]),
    epilogue: &BiasFloor<'_>,
    output: &mut [f32],
) {
    let window = Window {
        rows: shape.kernel_h,
        len: shape.kernel_w * shape.in_c,
        stride: padded.width,
    };
    let row_len = shape.out_w * shape.out_c;
    let image_len = padded.image_len(band.rows);
    for (number, output) in output.chunks_exact_mut(row_len).enumerate() {
        let (image, y) = (number / band.rows, number % band.rows);
        let input = &images[image * image_len + y * shape.stride_h * padded.width..];
        let panels = panels.chunks_exact(shape.patch_len() * COLUMNS);
        for (panel, col) in panels.zip((0..shape.out_c).step_by(COLUMNS)) {
            let row = Row {
                input,
                window,
                panel,
                finish: epilogue.columns(col),
                pixels: shape.out_w,
                columns: shape.out_c - col,
                stride: shape.out_c,
            };
            let output = &mut output[col..];
            if shape.in_c == 1 {
                row.write::<1>(output);
            } else {
                row.write::<3>(output);
            }
        }
    }
}

/// Rows of a window, `len` floats each, `stride` floats apart.
#[derive(Clone, Copy)]
struct Window {
    rows: usize,
    len: usize,
    stride: usize,
}

/// Eight output channels of a row of pixels.
struct Row<'a> {
    /// From the first window on.
    input: &'a [f32],
    window: Window,
    /// Weights, `[window, 8]`.
    panel: &'a [f32],
    finish: crate::tile::BiasFloor,
    /// Number of pixels, at least four.
    pixels: usize,
    /// Channels from the first one on, some of which may belong to further panels.
    columns: usize,
    /// Channels of a pixel.
    stride: usize,
}

impl Row<'_> {
    /// For windows `STEP` floats apart.
    ///
    /// # Panics
    /// When a slice is too short.
    #[inline(never)]
    fn write<const STEP: usize>(&self, output: &mut [f32]) {
        let Window { rows, len, stride } = self.window;
        let lanes = |half: usize| self.columns.saturating_sub(half * LANES).min(LANES);
        let lanes = [lanes(0), lanes(1)];
        let last = self.pixels - ROWS;
        assert!(self.pixels >= ROWS);
        assert!((self.pixels - 1) * STEP + (rows - 1) * stride + len <= self.input.len());
        assert!(rows * len * COLUMNS <= self.panel.len());
        assert!((self.pixels - 1) * self.stride + lanes[0] + lanes[1] <= output.len());
        let jump = stride.wrapping_sub(len);
        for pixel in (0..self.pixels).step_by(ROWS) {
            // The last tile overlaps the one before.
            let pixel = pixel.min(last);
            let mut sums = [self.finish.bias; ROWS];
            let mut b = self.panel.as_ptr();
            let mut a = self.input[pixel * STEP..].as_ptr();
            for _ in 0..rows {
                // SAFETY: the windows of all pixels and the panel lie in their slices, by the asserts.
                unsafe {
                    if STEP == 1 {
                        // Neighbours share all but one value.
                        let mut x = [0, 1, 2, 0].map(|i| F32x4::splat_ptr(a.add(i)));
                        for _ in 0..len {
                            x[3] = F32x4::splat_ptr(a.add(3));
                            add(&mut sums, x, b);
                            x = [x[1], x[2], x[3], x[3]];
                            (a, b) = (a.add(1), b.add(COLUMNS));
                        }
                    } else {
                        for _ in 0..len {
                            let x = [0, 1, 2, 3].map(|i| F32x4::splat_ptr(a.add(i * STEP)));
                            add(&mut sums, x, b);
                            (a, b) = (a.add(1), b.add(COLUMNS));
                        }
                    }
                }
                a = a.wrapping_add(jump);
            }
            for i in 0..ROWS {
                for half in 0..2 {
                    let value = sums[i][half].pmax(self.finish.floor);
                    let at = (pixel + i) * self.stride + half * LANES;
                    if lanes[half] == LANES {
                        // SAFETY: inside the output, by the assert.
                        unsafe { value.store_ptr(output.as_mut_ptr().add(at)) };
                    } else if lanes[half] > 0 {
                        value.store_partial(&mut output[at..][..lanes[half]]);
                    }
                }
            }
        }
    }
}

/// `sums[i] += x[i] * b[0..8]`.
///
/// # Safety
/// `b` is readable over eight floats.
#[inline(always)]
unsafe fn add(sums: &mut [[F32x4; 2]; ROWS], x: [F32x4; ROWS], b: *const f32) {
    // SAFETY: the caller's contract.
    let (b0, b1) = unsafe { (F32x4::load_ptr(b), F32x4::load_ptr(b.add(LANES))) };
    for i in 0..ROWS {
        sums[i][0] = x[i].madd(b0, sums[i][0]);
        sums[i][1] = x[i].madd(b1, sums[i][1]);
    }
}
