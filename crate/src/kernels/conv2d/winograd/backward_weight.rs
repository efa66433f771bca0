//! The forward pass' adjoint for the weights: `dU = sum over tiles of (B^T x B) * (A dY A^T)`, then `G^T dU G`.
//!
//! In each plane that is a product `[in_c, tiles] x [tiles, out_c]` whose operands lie as the transforms wrote them.
//! Threads transform a block of tiles together and then share out the planes, so that every sum stays with one owner.

use super::filter::Filter;
use super::planes::Planes;
use super::squares::Images;
use super::tiles::Tiling;
use super::weights::planes_to_weights;
use crate::pool;
use crate::shape::Conv2dShape;
use crate::tile::{Add, COLUMNS, ROWS, Target, Walk, outer_products};

/// Tiles of a block: the depth of each product. Fewer would read and write dU more often.
const BLOCK: usize = 64;

/// Tiles that one thread transforms at a time.
const SHARE: usize = 8;

/// Planes of a block of tiles: of the input, of the output's gradient.
fn block_planes(filter: &Filter, shape: &Conv2dShape) -> [Planes; 2] {
    [shape.in_c, shape.out_c].map(|channels| Planes::new(filter.planes(), BLOCK, channels))
}

/// Planes of dU, `[in_c, out_c]` each; rows behind the last channel are computed and dropped.
fn sum_planes(filter: &Filter, shape: &Conv2dShape) -> Planes {
    Planes::new(
        filter.planes(),
        shape.in_c.next_multiple_of(ROWS),
        shape.out_c,
    )
}

/// Floats of workspace.
pub fn workspace_len(filter: &Filter, shape: &Conv2dShape) -> usize {
    let [v, z] = block_planes(filter, shape);
    v.len
        .saturating_add(z.len)
        .saturating_add(sum_planes(filter, shape).len)
}

/// See [`super::super::conv2d_backward_weight`]; leaves the bias to the caller.
pub fn backward_weight(
    filter: &Filter,
    shape: &Conv2dShape,
    batch: usize,
    input: &[f32],
    grad_output: &[f32],
    grad_weight: &mut [f32],
    accumulate: bool,
    workspace: &mut [f32],
) {
    let [v_planes, z_planes] = block_planes(filter, shape);
    let u_planes = sum_planes(filter, shape);
    let (v, workspace) = workspace.split_at_mut(v_planes.len);
    let (z, workspace) = workspace.split_at_mut(z_planes.len);
    let u = &mut workspace[..u_planes.len];
    u.fill(0.0);
    let (x_images, y_images) = (Images::of_input(shape), Images::of_output(shape));
    let pads = [shape.pad_top, shape.pad_left];
    let tiling = Tiling::new(shape, filter);
    let all = batch * tiling.of_image();
    for first in (0..all).step_by(BLOCK) {
        let tiles = BLOCK.min(all - first);
        let work = filter.work_of(shape, tiles);
        let (v_target, z_target) = (v_planes.over(v), z_planes.over(z));
        pool::run(tiles.div_ceil(SHARE), work, |share, _| {
            let start = share * SHARE;
            let some = tiling.tiles(first + start, SHARE.min(tiles - start));
            (filter.input_to_planes)(&x_images, input, pads, some.clone(), &v_target, start);
            (filter.gradient_to_planes)(&y_images, grad_output, [0, 0], some, &z_target, start);
        });
        pool::run_pieces(u, u_planes.stride, work, |p, u, _| {
            let v = v_planes.get(v, p, tiles);
            let z = z_planes.get(z, p, tiles);
            add_products(
                tiles,
                shape.in_c,
                (&v_planes, v),
                (&z_planes, z),
                (&u_planes, u),
            );
        });
    }
    planes_to_weights(filter, shape, (&u_planes, u), accumulate, grad_weight);
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
