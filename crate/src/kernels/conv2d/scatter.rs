//! The exact adjoint of the forward pass: `[pixels, out_c] x [out_c, patch]` gives the gradient of each patch, which is
//! then added to where the patch was taken from.
//!
//! Block of pixels by block of pixels, so that the patches stay in cache. Compared with a convolution of the padded
//! gradient by turned weights, no product meets a zero: a valid layer does not grow, strides cost nothing.

use super::bands::{Bands, Footprint, add_bands};
use super::patches::Pixels;
use crate::gemm::Matrix;
use crate::pool::{Work, scratch_len};
use crate::shape::Conv2dShape;
use crate::tile::{COLUMNS, ROWS, Segments, Target, Write, rows_by_panel};

/// Floats of patches in one block, about: 256 KB. Smaller blocks spend more time on the ends of the product, larger
/// ones fall out of L2 before they are added.
const BLOCK_LEN: usize = 65_536;

/// Pixels in one block at least, however long a patch is.
const FEWEST_PIXELS: usize = 32;

fn block_pixels(shape: &Conv2dShape) -> usize {
    (BLOCK_LEN / shape.patch_len()).max(FEWEST_PIXELS)
}

fn packed_len(shape: &Conv2dShape) -> usize {
    Matrix::packed_len(shape.patch_len(), shape.out_c)
}

/// Floats of the patches of one block.
fn patches_len(shape: &Conv2dShape) -> usize {
    block_pixels(shape).saturating_mul(shape.patch_len())
}

/// Floats of workspace: all weights, packed once, and one block of patches for each thread.
pub fn workspace_len(shape: &Conv2dShape) -> usize {
    packed_len(shape).saturating_add(scratch_len(patches_len(shape)))
}

/// See [`super::conv2d_backward_input`].
pub fn backward_input(
    shape: &Conv2dShape,
    batch: usize,
    grad_output: &[f32],
    weight: &[f32],
    grad_input: &mut [f32],
    workspace: &mut [f32],
) {
    let (patch_len, out_c) = (shape.patch_len(), shape.out_c);
    let (panels, workspace) = workspace.split_at_mut(packed_len(shape));
    Matrix::b(weight, patch_len, out_c, true).pack(panels);
    let panels = &*panels;
    let footprint = Footprint {
        step: shape.stride_h,
        before: shape.pad_top,
        reach: shape.kernel_h,
        height: shape.in_h,
    };
    let pixels = [shape.out_h, shape.out_w];
    let bands = Bands::new(batch, pixels, block_pixels(shape), footprint.fewest());
    let row_len = shape.in_w * shape.in_c;
    let products = (grad_output.len() * patch_len) as u64;
    add_bands(
        &bands,
        &footprint,
        (grad_input, row_len),
        Work::flops(2 * products),
        (workspace, patches_len(shape)),
        |band, rows, grad_input, patches| {
            let start = (rows.image * shape.in_h + rows.row) * row_len;
            let all = band.places(shape.out_h, shape.out_w);
            for first in all.clone().step_by(block_pixels(shape)) {
                let count = block_pixels(shape).min(all.end - first);
                let gradients = &grad_output[first * out_c..][..count * out_c];
                let patches = &mut patches[..count * patch_len];
                multiply((gradients, out_c), panels, (patches, patch_len));
                add_patches(shape, first, patches, (grad_input, start));
            }
        },
    );
}

/// `patches [pixels, patch] = gradients [pixels, out_c] panels [out_c, patch]`.
fn multiply(
    (gradients, out_c): (&[f32], usize),
    panels: &[f32],
    (patches, patch_len): (&mut [f32], usize),
) {
    let pixels = gradients.len() / out_c;
    let columns = (0..patch_len).step_by(COLUMNS);
    for (panel, col) in panels.chunks_exact(out_c * COLUMNS).zip(columns) {
        for row in (0..pixels).step_by(ROWS) {
            let starts = std::array::from_fn(|i| (row + i).min(pixels - 1) * out_c);
            let target = Target {
                at: row * patch_len + col,
                stride: patch_len,
                rows: ROWS.min(pixels - row),
                columns: COLUMNS.min(patch_len - col),
                finish: Write,
                c: &mut *patches,
            };
            rows_by_panel(gradients, starts, Segments::one(out_c), panel, target);
        }
    }
}

/// Adds the patches of the pixels from number `first` on to where they were taken from; `grad_input` begins at `start`.
fn add_patches(
    shape: &Conv2dShape,
    first: usize,
    patches: &[f32],
    (grad_input, start): (&mut [f32], usize),
) {
    let run_len = shape.kernel_w * shape.in_c;
    let mut pixels = Pixels::new(shape, first);
    for patch in patches.chunks_exact(shape.patch_len()) {
        let window = pixels.next_window();
        for (ky, run) in patch.chunks_exact(run_len).enumerate() {
            let inside = window.run(shape, ky);
            if inside.run.is_empty() {
                continue;
            }
            let target = &mut grad_input[inside.start - start..][..inside.run.len()];
            for (sum, gradient) in target.iter_mut().zip(&run[inside.run]) {
                *sum += gradient;
            }
        }
    }
}
