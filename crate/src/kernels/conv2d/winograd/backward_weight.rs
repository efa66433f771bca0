//! The forward pass' adjoint for the weights: `dU = sum over tiles of (B^T x B) * (A dY A^T)`, then `G^T dU G`.
//!
//! In each plane that is a product `[in_c, tiles] x [tiles, out_c]` whose operands lie as the transforms wrote them.

use super::Planes;
use super::forward::images;
use super::points::Points;
use super::tiles::Tiling;
use super::transform::{gradient_to_planes, input_to_planes};
use super::weights::planes_to_weights;
use crate::shape::Conv2dShape;
use crate::tile::{Add, COLUMNS, ROWS, Target, Walk, outer_products};

/// Tiles of a block: the depth of each product. Fewer would read and write dU more often.
pub const BLOCK: usize = 64;

/// Planes of dU, `[in_c, out_c]` each; rows behind the last channel are computed and dropped.
fn gradient_planes<const N: usize>(shape: &Conv2dShape) -> Planes {
    Planes::new(N * N, shape.in_c.next_multiple_of(ROWS), shape.out_c)
}

/// Floats of workspace.
pub fn workspace_len<const N: usize>(shape: &Conv2dShape) -> usize {
    (Planes::new(N * N, BLOCK, shape.in_c).len)
        .saturating_add(Planes::new(N * N, BLOCK, shape.out_c).len)
        .saturating_add(gradient_planes::<N>(shape).len)
}

/// See [`super::super::conv2d_backward_weight`]; the bias is left to the caller.
pub fn backward_weight<P: Points<N, M, R>, const N: usize, const M: usize, const R: usize>(
    shape: &Conv2dShape,
    batch: usize,
    input: &[f32],
    grad_output: &[f32],
    grad_weight: &mut [f32],
    accumulate: bool,
    workspace: &mut [f32],
) {
    let v_planes = Planes::new(N * N, BLOCK, shape.in_c);
    let z_planes = Planes::new(N * N, BLOCK, shape.out_c);
    let u_planes = gradient_planes::<N>(shape);
    let (v, workspace) = workspace.split_at_mut(v_planes.len);
    let (z, workspace) = workspace.split_at_mut(z_planes.len);
    let u = &mut workspace[..u_planes.len];
    u.fill(0.0);
    let (x_images, y_images) = images(shape);
    let pads = [shape.pad_top, shape.pad_left];
    let tiling = Tiling::new(shape, batch, M);
    for first in (0..tiling.count).step_by(BLOCK) {
        let tiles = BLOCK.min(tiling.count - first);
        let walk = || tiling.walk(M, first, tiles);
        input_to_planes::<P, N>(&x_images, input, pads, walk(), (&v_planes, v));
        gradient_to_planes::<P, N, M, R>(&y_images, grad_output, walk(), (&z_planes, z));
        for p in 0..N * N {
            let v = &v[p * v_planes.stride..][..tiles * v_planes.channels];
            let z = &z[p * z_planes.stride..][..tiles * z_planes.channels];
            let u = &mut u[p * u_planes.stride..];
            add_products(
                tiles,
                shape.in_c,
                (&v_planes, v),
                (&z_planes, z),
                (&u_planes, u),
            );
        }
    }
    planes_to_weights::<P, N, M, R>(shape, (&u_planes, u), accumulate, grad_weight);
}

/// `u [in_c, out_c] += v^T [in_c, tiles] z [tiles, out_c]`.
fn add_products(
    tiles: usize,
    in_c: usize,
    (v_planes, v): (&Planes, &[f32]),
    (z_planes, z): (&Planes, &[f32]),
    (u_planes, u): (&Planes, &mut [f32]),
) {
    for oc in (0..z_planes.channels).step_by(COLUMNS) {
        for ic in (0..in_c).step_by(ROWS) {
            let walk = |start, step| Walk {
                start,
                step,
                stride: 0,
            };
            let target = Target {
                at: ic * u_planes.channels + oc,
                stride: u_planes.channels,
                rows: ROWS,
                columns: COLUMNS,
                finish: Add,
                c: &mut *u,
            };
            let a = (v, walk(ic, v_planes.channels));
            let b = (z, walk(oc, z_planes.channels));
            outer_products::<ROWS, Add>((1, tiles), a, b, target);
        }
    }
}
