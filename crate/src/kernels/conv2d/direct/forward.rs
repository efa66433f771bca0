//! `[pixels, window] x [window, channels]`, the windows read in place.

use super::super::bands::{Band, Bands};
use super::image::Padded;
use super::thin;
use crate::gemm::Matrix;
use crate::kernels::bias::BiasFloor;
use crate::pool::{Split, Work, run_with_scratch, scratch_len};
use crate::shape::Conv2dShape;
use crate::tile::{COLUMNS, Finish, ROWS, Segments, Target, rows_by_panel};

/// Pixels of a band, which share the writing of their padding.
const BAND: usize = 1024;

/// Pixels of a block, which meets one panel after the other. 240 to 480 are equal; 32 to 128 lose up to a tenth.
const BLOCK: usize = 256;

/// Output pixels, and how windows move over a padded input.
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
    fn of_forward(shape: &Conv2dShape, padded: &Padded) -> Self {
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

    fn bands(&self, batch: usize) -> Bands {
        Bands::new(batch, [self.out_h, self.out_w], BAND, 1)
    }
}

/// Floats of workspace for a pass with windows of `window` floats into `columns` channels.
pub fn workspace_len(
    padded: &Padded,
    [out_h, out_w]: [usize; 2],
    window: usize,
    columns: usize,
) -> usize {
    let band = Bands::new(usize::MAX, [out_h, out_w], BAND, 1).largest();
    Matrix::packed_len(columns, window).saturating_add(scratch_len(padded.scratch_len(band)))
}

/// Floats of workspace of [`forward`].
pub fn workspace_len_of(shape: &Conv2dShape) -> usize {
    let pixels = [shape.out_h, shape.out_w];
    workspace_len(
        &Padded::of_input(shape),
        pixels,
        shape.patch_len(),
        shape.out_c,
    )
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
    let packed = &*packed;
    let padded = Padded::of_input(shape);
    let windows = Windows::of_forward(shape, &padded);
    let target = (output, shape.out_c);
    if thin::fits(shape) {
        let job = |images: &[f32], band: &Band, output: &mut [f32]| {
            thin::band(shape, &padded, band, (images, packed), epilogue, output);
        };
        return over_bands(batch, (&padded, &windows), input, target, workspace, job);
    }
    slide(
        batch,
        (&padded, &windows),
        (input, packed),
        |col| epilogue.columns(col),
        target,
        workspace,
    );
}

/// Calls `job(images, band, output)` for every band: what its windows see, and its part of the output.
fn over_bands(
    batch: usize,
    (padded, windows): (&Padded, &Windows),
    input: &[f32],
    (output, columns): (&mut [f32], usize),
    workspace: &mut [f32],
    job: impl Fn(&[f32], &Band, &mut [f32]) + Sync,
) {
    let bands = windows.bands(batch);
    let products = (output.len() * windows.segments.terms()) as u64;
    let scratch = (workspace, padded.scratch_len(bands.largest()));
    let output = Split::new(output);
    let work = Work::flops(2 * products);
    run_with_scratch(bands.count(), work, scratch, |index, scratch| {
        let band = bands.get(index);
        let images = padded.write(input, &band, scratch);
        // SAFETY: no two bands have a row in common.
        let output = unsafe { output.part(band.places(windows.out_h, windows.out_w * columns)) };
        job(images, &band, output);
    });
}

/// Every pixel of the output: its window times the packed weights, `[columns / 8][window][8]`, finished by
/// `finish(first column of the panel)`.
pub fn slide<F: Finish>(
    batch: usize,
    (padded, windows): (&Padded, &Windows),
    (input, panels): (&[f32], &[f32]),
    finish: impl Fn(usize) -> F + Sync,
    (output, columns): (&mut [f32], usize),
    workspace: &mut [f32],
) {
    let job = |images: &[f32], band: &Band, output: &mut [f32]| {
        let mut walk = Starts::new(windows, band, padded.image_len(band.rows));
        let pixels = output.len() / columns;
        let block_len = pixels
            .div_ceil(pixels.div_ceil(BLOCK))
            .next_multiple_of(ROWS);
        for output in output.chunks_mut(block_len * columns) {
            // 32 bits hold them: an image is smaller than the memory of wasm32.
            let mut starts = [0u32; BLOCK];
            let starts = &mut starts[..output.len() / columns];
            for start in &mut *starts {
                *start = walk.next() as u32;
            }
            block_of_pixels(
                (images, starts),
                windows,
                panels,
                &finish,
                (output, columns),
            );
        }
    };
    over_bands(
        batch,
        (padded, windows),
        input,
        (output, columns),
        workspace,
        job,
    );
}

fn block_of_pixels<F: Finish>(
    (images, starts): (&[f32], &[u32]),
    windows: &Windows,
    panels: &[f32],
    finish: &impl Fn(usize) -> F,
    (output, columns): (&mut [f32], usize),
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

/// Where the window of each pixel of a band starts, by counters.
struct Starts<'w> {
    windows: &'w Windows,
    rows: usize,
    image_len: usize,
    image: usize,
    row: usize,
    at: usize,
    ox: usize,
    oy: usize,
}

impl<'w> Starts<'w> {
    fn new(windows: &'w Windows, band: &Band, image_len: usize) -> Self {
        Self {
            windows,
            rows: band.rows,
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
            if self.oy == self.rows {
                self.oy = 0;
                self.image += self.image_len;
                self.row = self.image;
            }
            self.at = self.row;
        }
        at
    }
}
