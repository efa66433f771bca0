//! `[pixels, patch] x [patch, out_c]`: patches are packed as A, the weights as they are stored are B.

use super::pack::{Patches, PixelLanes};
use crate::gemm::{Epilogue, Matrix, gemm};
use crate::shape::{Conv2dShape, GemmShape};

/// See [`super::conv2d_forward`].
pub fn by_gemm(
    shape: &Conv2dShape,
    batch: usize,
    input: &[f32],
    weight: &[f32],
    epilogue: &impl Epilogue,
    output: &mut [f32],
    workspace: &mut [f32],
) {
    let product = GemmShape {
        m: batch * shape.out_h * shape.out_w,
        n: shape.out_c,
        k: shape.patch_len(),
    };
    let a = PixelLanes(Patches::new(shape, batch, input));
    let b = Matrix::b(weight, product.n, product.k, false);
    gemm(product, 1.0, &a, &b, 0.0, output, epilogue, workspace);
}
