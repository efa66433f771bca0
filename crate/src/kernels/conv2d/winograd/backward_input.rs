//! The forward pass' adjoint for the input: `dX += B [ U^T * (A dY A^T) ] B^T`. A valid layer does not grow.

use super::super::bands::{Footprint, add_bands};
use super::filter::Filter;
use super::forward::{BLOCK, block_planes};
use super::planes::multiply;
use super::squares::Images;
use super::tiles::Tiling;
use super::weights::{panels_len, weights_to_panels};
use crate::shape::Conv2dShape;

/// See [`super::super::conv2d_backward_input`].
pub fn backward_input(
    filter: &Filter,
    shape: &Conv2dShape,
    batch: usize,
    grad_output: &[f32],
    weight: &[f32],
    grad_input: &mut [f32],
    workspace: &mut [f32],
) {
    let (u, workspace) = workspace.split_at_mut(panels_len(filter, shape.out_c, shape.in_c));
    weights_to_panels(filter, shape, weight, true, u);
    let u = &*u;
    let [z_planes, p_planes] = block_planes(filter, shape.out_c, shape.in_c);
    let y_images = Images::of_output(shape);
    let pads = [shape.pad_top, shape.pad_left];
    let tiling = Tiling::new(shape, filter);
    let footprint = Footprint {
        step: filter.m,
        before: shape.pad_top,
        reach: filter.n,
        height: shape.in_h,
    };
    let bands = tiling.bands(batch, BLOCK, footprint.fewest());
    add_bands(
        &bands,
        &footprint,
        (grad_input, shape.in_w * shape.in_c),
        filter.work(shape, batch),
        (workspace, z_planes.len + p_planes.len),
        |band, rows, grad_input, scratch| {
            let (z, p) = scratch.split_at_mut(z_planes.len);
            let x_images = Images::of_input(shape).part(rows);
            for tiles in tiling.blocks(band, BLOCK) {
                let count = tiles.len();
                let z_data = &z_planes.over(z);
                (filter.gradient_to_planes)(
                    &y_images,
                    grad_output,
                    [0, 0],
                    tiles.clone(),
                    z_data,
                    0,
                );
                multiply(
                    filter.planes(),
                    count,
                    (shape.out_c, u),
                    (&z_planes, z),
                    (&p_planes, p),
                );
                (filter.planes_to_grad_input)(&x_images, grad_input, pads, tiles, (&p_planes, p));
            }
        },
    );
}
