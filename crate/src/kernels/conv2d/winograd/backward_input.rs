//! The forward pass' adjoint for the input: `dX += B [ U^T * (A dY A^T) ] B^T`. A valid layer does not grow.

use super::Planes;
use super::forward::{BLOCK, images, multiply};
use super::points::Points;
use super::tiles::Tiling;
use super::transform::{gradient_to_planes, planes_to_grad_input};
use super::weights::{panels_len, weights_to_panels};
use crate::shape::Conv2dShape;

/// Floats of workspace.
pub fn workspace_len<const N: usize>(shape: &Conv2dShape) -> usize {
    panels_len::<N>(shape.out_c, shape.in_c)
        .saturating_add(Planes::new(N * N, BLOCK, shape.in_c).len)
        .saturating_add(Planes::new(N * N, BLOCK, shape.out_c).len)
}

/// See [`super::super::conv2d_backward_input`].
pub fn backward_input<P: Points<N, M, R>, const N: usize, const M: usize, const R: usize>(
    shape: &Conv2dShape,
    batch: usize,
    grad_output: &[f32],
    weight: &[f32],
    grad_input: &mut [f32],
    workspace: &mut [f32],
) {
    let (u, workspace) = workspace.split_at_mut(panels_len::<N>(shape.out_c, shape.in_c));
    weights_to_panels::<P, N, M, R>(shape, weight, true, u);
    let z_planes = Planes::new(N * N, BLOCK, shape.out_c);
    let p_planes = Planes::new(N * N, BLOCK, shape.in_c);
    let (z, workspace) = workspace.split_at_mut(z_planes.len);
    let p = &mut workspace[..p_planes.len];
    let (x_images, y_images) = images(shape);
    let pads = [shape.pad_top, shape.pad_left];
    grad_input.fill(0.0);
    let tiling = Tiling::new(shape, batch, M);
    for first in (0..tiling.count).step_by(BLOCK) {
        let tiles = BLOCK.min(tiling.count - first);
        let walk = || tiling.walk(M, first, tiles);
        gradient_to_planes::<P, N, M, R>(&y_images, grad_output, walk(), (&z_planes, z));
        multiply::<N>(
            tiles,
            (shape.out_c, shape.in_c),
            (&z_planes, z),
            u,
            (&p_planes, p),
        );
        planes_to_grad_input::<P, N>(&x_images, grad_input, pads, walk(), (&p_planes, p));
    }
}
