//! Inputs x units, over samples: into a gradient, or subtracted from the weight at once.

use super::tiles::for_each_tile;
use super::{BLOCK, SAMPLES, weight_len};
use crate::gemm::pack::copy_lanes;
use crate::gemm::params::blocks;
use crate::kernels::bias::bias_gradient;
use crate::kernels::dense::DenseShape;
use crate::kernels::sgd::sgd_update;
use crate::simd::F32x4;
use crate::tile::{Add, COLUMNS, Finish, ROWS, Target, Walk, Write, outer_products};
use std::ops::Range;

/// `grad_weight = input^T grad_output` as panels and `grad_bias = column sums of grad_output`, both added to what is
/// there if `accumulate`, and overwriting it unread otherwise.
///
/// # Panics
/// When a slice does not fit the shape.
pub fn dense_panels_backward_weight(
    shape: DenseShape,
    input: &[f32],
    grad_output: &[f32],
    grad_weight: &mut [f32],
    grad_bias: Option<&mut [f32]>,
    accumulate: bool,
    workspace: &mut [f32],
) {
    let DenseShape { batch, units, .. } = shape;
    assert_eq!(input.len(), shape.input_len(), "input of {shape:?}");
    assert_eq!(
        grad_output.len(),
        shape.output_len(),
        "gradOutput of {shape:?}"
    );
    assert_eq!(
        grad_weight.len(),
        weight_len(shape),
        "gradWeight of {shape:?}"
    );
    if batch == 0 && !accumulate {
        grad_weight.fill(0.0);
    }
    for samples in blocks(batch, SAMPLES, 1) {
        if accumulate || samples.start > 0 {
            products_of_samples(
                shape,
                &samples,
                (input, grad_output),
                grad_weight,
                Add,
                workspace,
            );
        } else {
            products_of_samples(
                shape,
                &samples,
                (input, grad_output),
                grad_weight,
                Write,
                workspace,
            );
        }
    }
    if let Some(grad_bias) = grad_bias {
        assert_eq!(grad_bias.len(), units, "bias of {shape:?}");
        bias_gradient(grad_output, grad_bias, accumulate);
    }
}

/// One step of plain descent without a gradient in memory: `weight -= rate input^T grad_output`, and the same for the
/// bias, whose gradient is left in `grad_bias`. The same bits as [`dense_panels_backward_weight`] and
/// [`super::sgd::sgd_update`] one after the other.
///
/// # Panics
/// When a slice does not fit the shape, or there are more than [`SAMPLES`] samples: their sums would be rounded in
/// between.
pub fn dense_panels_descend(
    shape: DenseShape,
    input: &[f32],
    grad_output: &[f32],
    rate: f32,
    weight: &mut [f32],
    bias: Option<(&mut [f32], &mut [f32])>,
    workspace: &mut [f32],
) {
    assert_eq!(input.len(), shape.input_len(), "input of {shape:?}");
    assert_eq!(
        grad_output.len(),
        shape.output_len(),
        "gradOutput of {shape:?}"
    );
    assert_eq!(weight.len(), weight_len(shape), "weight of {shape:?}");
    assert!(
        shape.batch <= SAMPLES,
        "at most {SAMPLES} samples, got {}",
        shape.batch
    );
    if shape.batch > 0 {
        let finish = Descend(F32x4::splat(rate));
        let samples = 0..shape.batch;
        products_of_samples(
            shape,
            &samples,
            (input, grad_output),
            weight,
            finish,
            workspace,
        );
    }
    if let Some((bias, grad_bias)) = bias {
        assert_eq!(
            [bias.len(), grad_bias.len()],
            [shape.units; 2],
            "bias of {shape:?}"
        );
        bias_gradient(grad_output, grad_bias, false);
        sgd_update(rate, 0.0, bias, grad_bias);
    }
}

/// `weight - rate sum`.
#[derive(Clone, Copy)]
struct Descend(F32x4);

impl Finish for Descend {
    const READS: bool = true;

    #[inline(always)]
    fn apply(self, old: F32x4, sum: F32x4, _half: usize) -> F32x4 {
        old - self.0 * sum
    }
}

/// The products of some samples, at most [`SAMPLES`], over all inputs and units.
fn products_of_samples<F: Finish>(
    shape: DenseShape,
    samples: &Range<usize>,
    (input, grad_output): (&[f32], &[f32]),
    c: &mut [f32],
    finish: F,
    workspace: &mut [f32],
) {
    let DenseShape { inputs, units, .. } = shape;
    let (a_packed, workspace) = workspace.split_at_mut(SAMPLES * BLOCK);
    let b_packed = &mut workspace[..SAMPLES * BLOCK];
    for columns in blocks(units, BLOCK, COLUMNS) {
        pack::<COLUMNS>(grad_output, units, samples, &columns, b_packed);
        for rows in blocks(inputs, BLOCK, ROWS) {
            pack::<ROWS>(input, inputs, samples, &rows, a_packed);
            let operands = (samples.len(), &*a_packed, &*b_packed);
            let c = (&mut c[columns.start * inputs..], inputs);
            block_of_panels(operands, (&rows, columns.len()), c, finish);
        }
    }
}

/// Columns `lanes` of the rows `samples` of a `[batch, stride]` matrix as panels `[lanes / W][samples][W]`, zeros behind
/// the last lane.
fn pack<const W: usize>(
    matrix: &[f32],
    stride: usize,
    samples: &Range<usize>,
    lanes: &Range<usize>,
    target: &mut [f32],
) {
    let panels = target.chunks_exact_mut((samples.len() * W).max(1));
    for (panel, lane) in panels.zip(lanes.clone().step_by(W)) {
        let end = lanes.end.min(lane + W);
        if end - lane < W {
            panel.fill(0.0);
        }
        copy_lanes::<W>(
            samples.clone().map(|n| &matrix[n * stride..][lane..end]),
            samples.len() * W,
            panel,
        );
    }
}

/// The rows `rows` of `columns` columns' panels of the gradient, from packed operands.
fn block_of_panels<F: Finish>(
    (samples, a, b): (usize, &[f32], &[f32]),
    (rows, columns): (&Range<usize>, usize),
    (c, inputs): (&mut [f32], usize),
    finish: F,
) {
    let walk = |start, step| Walk {
        start,
        step,
        stride: 0,
    };
    for (b_panel, c_panel) in
        (0..columns.div_ceil(COLUMNS)).zip(c.chunks_exact_mut((inputs * COLUMNS).max(1)))
    {
        for_each_tile(rows.len(), |row, height| {
            let target = Target {
                at: (rows.start + row) * COLUMNS,
                stride: COLUMNS,
                rows: height,
                columns: COLUMNS,
                finish,
                c: &mut *c_panel,
            };
            let a = (a, walk(row * samples, ROWS));
            let b = (b, walk(b_panel * samples * COLUMNS, COLUMNS));
            outer_products::<ROWS, F>((1, samples), a, b, target);
        });
    }
}
