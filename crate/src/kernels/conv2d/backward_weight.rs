//! `[patch, pixels] x [pixels, out_c]`: patches are packed as A, the gradient of the output is B.

use super::pack::{PatchLanes, Patches};
use crate::gemm::{Identity, Matrix, gemm};
use crate::shape::{Conv2dShape, GemmShape};

/// See [`super::conv2d_backward_weight`].
pub fn by_gemm(
    shape: &Conv2dShape,
    batch: usize,
    input: &[f32],
    grad_output: &[f32],
    grad_weight: &mut [f32],
    beta: f32,
    workspace: &mut [f32],
) {
    let product = GemmShape {
        m: shape.patch_len(),
        n: shape.out_c,
        k: batch * shape.out_h * shape.out_w,
    };
    let a = PatchLanes(Patches::new(shape, batch, input));
    let b = Matrix::b(grad_output, product.n, product.k, false);
    gemm(
        product,
        1.0,
        &a,
        &b,
        beta,
        grad_weight,
        &Identity,
        workspace,
    );
}
