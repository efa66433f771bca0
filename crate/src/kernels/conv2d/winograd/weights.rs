//! Weights to planes of packed panels, and the planes of their gradient back to weights.

use super::Planes;
use super::groups;
use super::points::{Points, both_axes};
use crate::shape::Conv2dShape;
use crate::simd::{F32x4, LANES};
use crate::tile::COLUMNS;

/// Floats of [`weights_to_panels`] for sums over `depth` channels into `columns` channels.
pub fn panels_len<const N: usize>(depth: usize, columns: usize) -> usize {
    (N * N).saturating_mul(plane_len(depth, columns))
}

/// Floats of the panels of one plane.
pub fn plane_len(depth: usize, columns: usize) -> usize {
    depth.saturating_mul(columns.next_multiple_of(COLUMNS))
}

/// Four output channels of one row of one input channel's kernel.
#[inline(always)]
fn load_kernel_row<const R: usize>(
    shape: &Conv2dShape,
    weight: &[f32],
    ky: usize,
    ic: usize,
    oc: usize,
    lanes: usize,
) -> [F32x4; R] {
    std::array::from_fn(|kx| {
        let at = ((ky * R + kx) * shape.in_c + ic) * shape.out_c + oc;
        let values = &weight[at..][..lanes];
        match values.first_chunk::<LANES>() {
            Some(whole) => F32x4::load(whole),
            None => F32x4::load_partial(values, 0.0),
        }
    })
}

/// `U = G w G^T` as panels: `[N * N][out_c / 8][in_c][8]`, or with `transposed` `[N * N][in_c / 8][out_c][8]`, which
/// takes gradients of the output to gradients of the input. Lanes behind the last column are zeros.
pub fn weights_to_panels<P: Points<N, M, R>, const N: usize, const M: usize, const R: usize>(
    shape: &Conv2dShape,
    weight: &[f32],
    transposed: bool,
    panels: &mut [f32],
) {
    let (depth, columns) = if transposed {
        (shape.out_c, shape.in_c)
    } else {
        (shape.in_c, shape.out_c)
    };
    let stride = plane_len(depth, columns);
    let panels = &mut panels[..N * N * stride];
    if !columns.is_multiple_of(COLUMNS) {
        panels.fill(0.0);
    }
    for ic in 0..shape.in_c {
        for (oc, lanes) in groups(shape.out_c) {
            let load = |ky| load_kernel_row::<R>(shape, weight, ky, ic, oc, lanes);
            both_axes(load, P::kernel, |i, j, value| {
                let plane = &mut panels[(i * N + j) * stride..][..stride];
                if transposed {
                    let at = ic / COLUMNS * COLUMNS * depth + ic % COLUMNS;
                    for (lane, value) in value.to_array().into_iter().enumerate().take(lanes) {
                        plane[at + (oc + lane) * COLUMNS] = value;
                    }
                } else {
                    let at = oc / COLUMNS * COLUMNS * depth + ic * COLUMNS + oc % COLUMNS;
                    value.store(&mut plane[at..]);
                }
            });
        }
    }
}

/// `grad_weight (+)= G^T dU G`, with dU as planes `[in_c, out_c]`.
pub fn planes_to_weights<P: Points<N, M, R>, const N: usize, const M: usize, const R: usize>(
    shape: &Conv2dShape,
    (planes, source): (&Planes, &[f32]),
    accumulate: bool,
    grad_weight: &mut [f32],
) {
    for ic in 0..shape.in_c {
        for (oc, lanes) in groups(shape.out_c) {
            let at = ic * planes.channels + oc;
            let load = |i| {
                std::array::from_fn(|j| F32x4::load(&source[at + (i * N + j) * planes.stride..]))
            };
            both_axes(load, P::kernel_adjoint, |ky, kx, value| {
                let place = &mut grad_weight
                    [((ky * R + kx) * shape.in_c + ic) * shape.out_c + oc..][..lanes];
                let old = if accumulate {
                    F32x4::load_partial(place, 0.0)
                } else {
                    F32x4::splat(0.0)
                };
                (old + value).store_partial(place);
            });
        }
    }
}
