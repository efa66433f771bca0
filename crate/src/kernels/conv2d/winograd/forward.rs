//! `Y = A^T [ (G w G^T) * (B^T x B) ] A`, tile block by tile block.

use super::Planes;
use super::points::Points;
use super::tiles::Tiling;
use super::transform::{Images, input_to_planes, planes_to_output};
use super::weights::{panels_len, plane_len, weights_to_panels};
use crate::kernels::bias::BiasFloor;
use crate::shape::Conv2dShape;
use crate::tile::{COLUMNS, ROWS, Segments, Target, Write, rows_by_panel};

/// Tiles of a block. 16 to 64 are equal within 3 %, on layers of 32 to 128 channels; 128 loses a tenth.
pub const BLOCK: usize = 32;

/// Floats of workspace.
pub fn workspace_len<const N: usize>(shape: &Conv2dShape) -> usize {
    panels_len::<N>(shape.in_c, shape.out_c)
        .saturating_add(Planes::new(N * N, BLOCK, shape.in_c).len)
        .saturating_add(Planes::new(N * N, BLOCK, shape.out_c).len)
}

/// See [`super::super::conv2d_forward`].
pub fn forward<P: Points<N, M, R>, const N: usize, const M: usize, const R: usize>(
    shape: &Conv2dShape,
    batch: usize,
    input: &[f32],
    weight: &[f32],
    epilogue: &BiasFloor<'_>,
    output: &mut [f32],
    workspace: &mut [f32],
) {
    let (u, workspace) = workspace.split_at_mut(panels_len::<N>(shape.in_c, shape.out_c));
    weights_to_panels::<P, N, M, R>(shape, weight, false, u);
    let v_planes = Planes::new(N * N, BLOCK, shape.in_c);
    let m_planes = Planes::new(N * N, BLOCK, shape.out_c);
    let (v, workspace) = workspace.split_at_mut(v_planes.len);
    let m = &mut workspace[..m_planes.len];
    let (x_images, y_images) = images(shape);
    let pads = [shape.pad_top, shape.pad_left];
    let tiling = Tiling::new(shape, batch, M);
    for first in (0..tiling.count).step_by(BLOCK) {
        let tiles = BLOCK.min(tiling.count - first);
        let walk = || tiling.walk(M, first, tiles);
        input_to_planes::<P, N>(&x_images, input, pads, walk(), (&v_planes, v));
        multiply::<N>(
            tiles,
            (shape.in_c, shape.out_c),
            (&v_planes, v),
            u,
            (&m_planes, m),
        );
        let finish = |channel, values| epilogue.four(channel, values);
        planes_to_output::<P, N, M, R>(&y_images, output, walk(), (&m_planes, m), finish);
    }
}

/// Layouts of input and output.
pub fn images(shape: &Conv2dShape) -> (Images, Images) {
    let input = Images {
        height: shape.in_h,
        width: shape.in_w,
        channels: shape.in_c,
    };
    let output = Images {
        height: shape.out_h,
        width: shape.out_w,
        channels: shape.out_c,
    };
    (input, output)
}

/// In each plane: `target [tiles, columns] = source [tiles, depth] panels [depth, columns]`.
pub fn multiply<const N: usize>(
    tiles: usize,
    (depth, columns): (usize, usize),
    (s_planes, source): (&Planes, &[f32]),
    panels: &[f32],
    (t_planes, target): (&Planes, &mut [f32]),
) {
    let plane = plane_len(depth, columns);
    for p in 0..N * N {
        // Rows are always whole: what lies behind the last tile is computed and never looked at.
        let source = &source[p * s_planes.stride..][..BLOCK * s_planes.channels];
        let target = &mut target[p * t_planes.stride..][..BLOCK * t_planes.channels];
        for (column, panel) in panels[p * plane..][..plane]
            .chunks_exact(depth * COLUMNS)
            .enumerate()
        {
            for row in (0..tiles).step_by(ROWS) {
                let starts = std::array::from_fn(|i| (row + i) * s_planes.channels);
                let target = Target {
                    at: row * t_planes.channels + column * COLUMNS,
                    stride: t_planes.channels,
                    rows: ROWS,
                    columns: COLUMNS,
                    finish: Write,
                    c: &mut *target,
                };
                rows_by_panel(source, starts, Segments::one(depth), panel, target);
            }
        }
    }
}
