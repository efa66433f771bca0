//! `[pixels, window] x [window, channels]`, the windows read in place.

use super::image::Padded;
use crate::gemm::Matrix;
use crate::kernels::bias::BiasFloor;
use crate::shape::Conv2dShape;
use crate::tile::{COLUMNS, Finish, ROWS, Segments, Target, rows_by_panel};

/// Pixels of a block, which meets one panel after the other. 240 to 480 are equal; 32 to 128 lose up to a tenth.
const BLOCK: usize = 256;

/// Output pixels of one image, and how windows move over a padded input.
#[derive(Clone, Copy, Debug)]
pub struct Windows {
    /// Rows of windows.
    pub out_h: usize,
    /// Windows of a row.
    pub out_w: usize,
    /// Floats from a window to the one right of it.
    pub step: usize,
    /// Floats from a window to the one below.
    pub row_step: usize,
    /// Rows of a window.
    pub segments: Segments,
}

impl Windows {
    /// Of a convolution over its padded input.
    pub fn of_forward(shape: &Conv2dShape, padded: &Padded) -> Self {
        Self {
            out_h: shape.out_h,
            out_w: shape.out_w,
            step: shape.stride_w * shape.in_c,
            row_step: shape.stride_h * padded.width,
            segments: Segments {
                count: shape.kernel_h,
                len: shape.kernel_w * shape.in_c,
                stride: padded.width,
            },
        }
    }

    fn pixels(&self) -> usize {
        self.out_h * self.out_w
    }
}

/// Floats of workspace for a pass with windows of `patch` floats into `columns` channels.
pub fn workspace_len(padded: &Padded, pixels: usize, patch: usize, columns: usize) -> usize {
    Matrix::packed_len(columns, patch).saturating_add(padded.workspace_len(pixels))
}

/// See [`super::super::conv2d_forward`].
pub fn forward(
    shape: &Conv2dShape,
    batch: usize,
    input: &[f32],
    weight: &[f32],
    epilogue: &BiasFloor<'_>,
    output: &mut [f32],
    workspace: &mut [f32],
) {
    let patch = shape.patch_len();
    let (packed, workspace) = workspace.split_at_mut(Matrix::packed_len(shape.out_c, patch));
    Matrix::b(weight, shape.out_c, patch, false).pack(packed);
    let padded = Padded::of_input(shape);
    let windows = Windows::of_forward(shape, &padded);
    let images = (batch, shape.in_h * shape.in_w * shape.in_c);
    slide(
        images,
        &padded,
        &windows,
        (input, packed),
        |col| epilogue.columns(col),
        (output, shape.out_c),
        workspace,
    );
}

/// Every pixel of the output: its window times the packed weights, `[columns / 8][window][8]`, finished by
/// `finish(first column of the panel)`.
pub fn slide<F: Finish>(
    (batch, image_len): (usize, usize),
    padded: &Padded,
    windows: &Windows,
    (input, panels): (&[f32], &[f32]),
    finish: impl Fn(usize) -> F,
    (output, columns): (&mut [f32], usize),
    workspace: &mut [f32],
) {
    let pixels = windows.pixels();
    let group = padded.group(batch, pixels);
    let output_len = pixels * columns;
    for first in (0..batch).step_by(group) {
        let count = group.min(batch - first);
        let images = padded.write(&input[first * image_len..][..count * image_len], workspace);
        let output = &mut output[first * output_len..][..count * output_len];
        let mut walk = Starts::new(windows, padded.len);
        for block in (0..count * pixels).step_by(BLOCK) {
            let block_len = BLOCK.min(count * pixels - block);
            // 32 bits hold them: an image is smaller than the memory of wasm32.
            let mut starts = [0u32; BLOCK];
            for start in &mut starts[..block_len] {
                *start = walk.next() as u32;
            }
            let output = &mut output[block * columns..][..block_len * columns];
            block_of_pixels(
                images,
                &starts[..block_len],
                windows,
                panels,
                &finish,
                output,
                columns,
            );
        }
    }
}

fn block_of_pixels<F: Finish>(
    images: &[f32],
    starts: &[u32],
    windows: &Windows,
    panels: &[f32],
    finish: &impl Fn(usize) -> F,
    output: &mut [f32],
    columns: usize,
) {
    let panel_len = windows.segments.terms() * COLUMNS;
    for (panel, col) in panels
        .chunks_exact(panel_len.max(1))
        .zip((0..columns).step_by(COLUMNS))
    {
        let finish = finish(col);
        for (rows, row) in starts.chunks(ROWS).zip((0..).step_by(ROWS)) {
            let start = |i: usize| rows[i.min(rows.len() - 1)] as usize;
            let target = Target {
                at: row * columns + col,
                stride: columns,
                rows: rows.len(),
                columns: COLUMNS.min(columns - col),
                finish,
                c: &mut *output,
            };
            rows_by_panel(
                images,
                std::array::from_fn(start),
                windows.segments,
                panel,
                target,
            );
        }
    }
}

/// Where the window of each pixel starts, by counters.
struct Starts<'w> {
    windows: &'w Windows,
    image_len: usize,
    image: usize,
    row: usize,
    at: usize,
    ox: usize,
    oy: usize,
}

impl<'w> Starts<'w> {
    fn new(windows: &'w Windows, image_len: usize) -> Self {
        Self {
            windows,
            image_len,
            image: 0,
            row: 0,
            at: 0,
            ox: 0,
            oy: 0,
        }
    }

    #[inline(always)]
    fn next(&mut self) -> usize {
        let at = self.at;
        self.at += self.windows.step;
        self.ox += 1;
        if self.ox == self.windows.out_w {
            (self.ox, self.oy) = (0, self.oy + 1);
            self.row += self.windows.row_step;
            if self.oy == self.windows.out_h {
                self.oy = 0;
                self.image += self.image_len;
                self.row = self.image;
            }
            self.at = self.row;
        }
        at
    }
}
