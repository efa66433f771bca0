//! Inputs x units, over samples: into a gradient, or subtracted from the weight at once.

use super::jobs::{job, jobs};
use super::{BLOCK, SAMPLES, weight_len};
use crate::gemm::Matrix;
use crate::gemm::matrix::GAP;
use crate::gemm::params::{ROWS_UNIT, blocks};
use crate::kernels::bias::bias_gradient;
use crate::kernels::dense::DenseShape;
use crate::kernels::sgd::sgd_update;
use crate::pool::{self, Split, Work};
use crate::simd::F32x4;
use crate::tile::{Add, COLUMNS, Finish, RowsOf, Shared, Write, rows_times_panel};
use std::ops::Range;

/// Distance between panels of so many samples.
const fn stride(samples: usize) -> usize {
    samples * COLUMNS + GAP
}

/// Rows of a block.
const ROWS: usize = BLOCK / ROWS_UNIT * ROWS_UNIT;

const A_LEN: usize = ROWS * (SAMPLES + GAP);
const B_LEN: usize = BLOCK / COLUMNS * stride(SAMPLES);

/// Floats of workspace for blocks of both operands.
pub const WORKSPACE_LEN: usize = A_LEN + B_LEN;

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
    let DenseShape {
        batch,
        inputs,
        units,
    } = shape;
    let (a_memory, workspace) = workspace.split_at_mut(A_LEN);
    let b_memory = &mut workspace[..B_LEN];
    let input = Matrix::lanes_contiguous(input, inputs, batch);
    let grad_output = Matrix::lanes_contiguous(grad_output, units, batch);
    let c = Split::new(c);
    let b_stride = stride(samples.len());
    for columns in blocks(units, BLOCK, COLUMNS) {
        let depth = || samples.clone();
        let b = &*grad_output.pack_block::<COLUMNS>(columns.clone(), depth(), b_stride, b_memory);
        for rows in blocks(inputs, ROWS, ROWS_UNIT) {
            let a = input.rows(rows.clone(), depth(), a_memory);
            let flops = 2 * (rows.len() * columns.len()) as u64 * samples.len() as u64;
            let panels = columns.len().div_ceil(COLUMNS);
            pool::run(jobs(panels), Work::flops(flops), |number, _| {
                // SAFETY: jobs have different panels.
                let c = unsafe { Shared::new(&c) };
                for index in job(panels, number) {
                    let first_panel = columns.start / COLUMNS;
                    let at = ((first_panel + index) * inputs + rows.start) * COLUMNS;
                    let a = RowsOf {
                        data: a.data,
                        start: 0,
                        stride: a.stride,
                        count: rows.len(),
                    };
                    let b = (samples.len(), &b[index * b_stride..]);
                    rows_times_panel(a, b, (c, at, COLUMNS), COLUMNS, finish);
                }
            });
        }
    }
}
