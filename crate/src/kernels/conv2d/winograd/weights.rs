//! Weights to planes of packed panels, and the planes of their gradient back to weights.

use super::filter::Filter;
use super::groups;
use super::planes::Planes;
use super::points::{Points, both_axes};
use crate::pool::{self, Split, Work};
use crate::shape::Conv2dShape;
use crate::simd::{F32x4, LANES};
use crate::tile::COLUMNS;

/// Input channels of a block of the way back.
const BLOCK: usize = 8;

/// Floats of [`weights_to_panels`] for sums over `depth` channels into `columns` channels.
pub fn panels_len(filter: &Filter, depth: usize, columns: usize) -> usize {
    filter.planes().saturating_mul(plane_len(depth, columns))
}

/// Floats of the panels of one plane.
fn plane_len(depth: usize, columns: usize) -> usize {
    depth.saturating_mul(columns.next_multiple_of(COLUMNS))
}

/// Of writing or reading all planes.
fn work(filter: &Filter, shape: &Conv2dShape) -> Work {
    Work::floats(2 * panels_len(filter, shape.in_c, shape.out_c))
}

/// `U = G w G^T` as panels: `[n * n][out_c / 8][in_c][8]`, or with `transposed` `[n * n][in_c / 8][out_c][8]`, which takes
/// gradients of the output to gradients of the input. Lanes behind the last column are zeros.
pub fn weights_to_panels(
    filter: &Filter,
    shape: &Conv2dShape,
    weight: &[f32],
    transposed: bool,
    panels: &mut [f32],
) {
    let columns = if transposed { shape.in_c } else { shape.out_c };
    let panels = Split::new(panels);
    pool::run(
        columns.div_ceil(COLUMNS),
        work(filter, shape),
        |panel, _| {
            (filter.kernels_to_panel)(shape, weight, transposed, panel, &panels);
        },
    );
}

/// Panel number `panel` of each plane.
pub fn kernels_to_panel<P: Points<N, M, R>, const N: usize, const M: usize, const R: usize>(
    shape: &Conv2dShape,
    weight: &[f32],
    transposed: bool,
    panel: usize,
    panels: &Split<'_, f32>,
) {
    let (depth, columns) = if transposed {
        (shape.out_c, shape.in_c)
    } else {
        (shape.in_c, shape.out_c)
    };
    let plane = plane_len(depth, columns);
    let mut all_kernels = [[F32x4::splat(0.0); LANES]; MOST_TAPS];
    let kernels = &mut all_kernels[..R * R];
    for (from, count) in groups(depth) {
        for half in (0..COLUMNS).step_by(LANES) {
            let column = panel * COLUMNS + half;
            load_kernels(shape, weight, transposed, (from, count), column, kernels);
            let kernel = |tap: usize, i: usize| -> F32x4 { kernels[tap][i] };
            for i in 0..count {
                let load = |ky| std::array::from_fn(|kx| kernel(ky * R + kx, i));
                let at = (panel * depth + from + i) * COLUMNS + half;
                both_axes(load, P::kernel, |y, x, value| {
                    let place = (y * N + x) * plane + at;
                    // SAFETY: nobody else has this panel.
                    value.store(unsafe { panels.part(place..place + LANES) });
                });
            }
        }
    }
}

/// Places of the largest kernel.
const MOST_TAPS: usize = 25;

/// `kernels[tap][i]`: four columns from `column` on, of row `from + i`. Columns that do not exist are zeros.
#[inline(never)]
fn load_kernels(
    shape: &Conv2dShape,
    weight: &[f32],
    transposed: bool,
    (from, count): (usize, usize),
    column: usize,
    kernels: &mut [[F32x4; LANES]],
) {
    // Input and output channels of the block, and how many of them exist.
    let (ic, oc) = if transposed {
        (column, from)
    } else {
        (from, column)
    };
    let rows = LANES.min(shape.in_c.saturating_sub(ic));
    let lanes = LANES.min(shape.out_c.saturating_sub(oc));
    debug_assert!(count <= if transposed { lanes } else { rows });
    let taps = weight.chunks_exact(shape.in_c * shape.out_c);
    for (kernel, block) in taps.zip(kernels) {
        *block = std::array::from_fn(|i| {
            if i >= rows || lanes == 0 {
                return F32x4::splat(0.0);
            }
            let values = &kernel[(ic + i) * shape.out_c + oc..][..lanes];
            match values.first_chunk::<LANES>() {
                Some(whole) => F32x4::load(whole),
                None => F32x4::load_partial(values, 0.0),
            }
        });
        if transposed {
            *block = F32x4::transpose(*block);
        }
    }
}

/// `grad_weight (+)= G^T dU G`, with dU as planes `[in_c, out_c]`.
pub fn planes_to_weights(
    filter: &Filter,
    shape: &Conv2dShape,
    source: (&Planes, &[f32]),
    accumulate: bool,
    grad_weight: &mut [f32],
) {
    let grad_weight = Split::new(grad_weight);
    pool::run(
        shape.in_c.div_ceil(BLOCK),
        work(filter, shape),
        |block, _| {
            for ic in block * BLOCK..shape.in_c.min((block + 1) * BLOCK) {
                (filter.planes_to_kernels)(shape, source, accumulate, ic, &grad_weight);
            }
        },
    );
}

/// Of one input channel.
pub fn planes_to_kernels<P: Points<N, M, R>, const N: usize, const M: usize, const R: usize>(
    shape: &Conv2dShape,
    (planes, source): (&Planes, &[f32]),
    accumulate: bool,
    ic: usize,
    grad_weight: &Split<'_, f32>,
) {
    for (oc, lanes) in groups(shape.out_c) {
        let at = ic * planes.channels + oc;
        let load =
            |i| std::array::from_fn(|j| F32x4::load(&source[at + (i * N + j) * planes.stride..]));
        both_axes(load, P::kernel_adjoint, |ky, kx, value| {
            let start = ((ky * R + kx) * shape.in_c + ic) * shape.out_c + oc;
            // SAFETY: nobody else has this input channel.
            let place = unsafe { grad_weight.part(start..start + lanes) };
            let old = if accumulate {
                F32x4::load_partial(place, 0.0)
            } else {
                F32x4::splat(0.0)
            };
            (old + value).store_partial(place);
        });
    }
}
