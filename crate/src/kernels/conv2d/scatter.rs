//! The exact adjoint of the forward pass: `[pixels, out_c] x [out_c, patch]` gives the gradient of each patch, which is
//! then added to where the patch was taken from.
//!
//! Block of pixels by block of pixels, so that the patches stay in cache. Compared with a convolution of the padded
//! gradient by turned weights, no product meets a zero: a valid layer does not grow, strides cost nothing.

use super::patches::Pixels;
use crate::error::Result;
use crate::gemm::{self, Matrix, gemm};
use crate::shape::{Conv2dShape, GemmShape, elements};
use crate::tile::COLUMNS;

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

/// Floats of workspace: all weights, packed once, one block of patches, and what the product needs.
pub fn workspace_len(shape: &Conv2dShape) -> Result<usize> {
    elements(&[shape.patch_len() + COLUMNS, shape.out_c])?;
    let patches = elements(&[block_pixels(shape), shape.patch_len()])?;
    elements(&[packed_len(shape) + patches + gemm::WORKSPACE_LEN])
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
    let (packed, workspace) = workspace.split_at_mut(packed_len(shape));
    let (patches, workspace) = workspace.split_at_mut(block_pixels(shape) * patch_len);
    let b = Matrix::b(weight, patch_len, out_c, true).pack(packed);

    grad_input.fill(0.0);
    let pixels = batch * shape.out_h * shape.out_w;
    for start in (0..pixels).step_by(block_pixels(shape)) {
        let block = start..pixels.min(start + block_pixels(shape));
        let product = GemmShape {
            m: block.len(),
            n: patch_len,
            k: out_c,
        };
        let a = &grad_output[block.start * out_c..block.end * out_c];
        let a = Matrix::a(a, product.m, product.k, false);
        let patches = &mut patches[..block.len() * patch_len];
        gemm(product, 1.0, &a, &b, 0.0, patches, workspace);

        let run_len = shape.kernel_w * shape.in_c;
        let mut pixels = Pixels::new(shape, block.start);
        for patch in patches.chunks_exact(patch_len) {
            let window = pixels.next_window();
            for (ky, run) in patch.chunks_exact(run_len).enumerate() {
                let inside = window.run(shape, ky);
                let target = &mut grad_input[inside.start..][..inside.run.len()];
                for (sum, gradient) in target.iter_mut().zip(&run[inside.run]) {
                    *sum += gradient;
                }
            }
        }
    }
}
