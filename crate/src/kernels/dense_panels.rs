//! A dense layer whose weights are kept as panels, `[units / 8][inputs][8]`, zeros behind the last unit: the layout in
//! which products read them, so that nothing as large as the weights is ever packed.
//!
//! Sizes as in [`super::dense`]; the gradient of the weight has the layout of the weight. Every function overwrites the
//! first [`WORKSPACE_LEN`] floats of its workspace.
//!
//! | pass | rows x columns of a tile, sum | what is packed |
//! | --- | --- | --- |
//! | forward | samples x units, over inputs | nothing |
//! | gradient of the weight | inputs x units, over samples | blocks of both operands, a small part of the work |
//! | plain descent | as the gradient of the weight, subtracted from the weight at once | the same |
//! | gradient of the input | samples x inputs, over units | pieces of panels, transposed, each used by all samples |

use super::activation::{Activation, activation_forward};
use super::bias::{BiasFloor, bias_gradient};
use super::dense::DenseShape;
use super::sgd::sgd_update;
use crate::gemm::pack::copy_lanes;
use crate::simd::{F32x4, InOut, LANES};
use crate::tile::{
    Add, COLUMNS, Finish, ROWS, Segments, Target, Walk, Write, outer_products, rows_by_panel,
};
use std::ops::Range;

/// Terms of one sum in registers, in the forward pass: a block of a panel stays in L1 and one of 100 samples in L2.
/// 968 and 1936 are equal; 256 loses a tenth.
const FORWARD_DEPTH: usize = 968;

/// Units of a transposed piece, and columns or rows of a block in the gradient of the weight.
const BLOCK: usize = 512;

/// Samples of a block in the gradient of the weight.
pub const SAMPLES: usize = 128;

/// Floats of workspace that each pass needs, whatever the sizes.
pub const WORKSPACE_LEN: usize = SAMPLES * 2 * BLOCK;

/// Floats of the weights as panels.
pub fn weight_len(shape: DenseShape) -> usize {
    shape.units.next_multiple_of(COLUMNS) * shape.inputs
}

/// Ranges of at most `most` that cover `0..total`, all of about the same length.
fn blocks(total: usize, most: usize, unit: usize) -> impl Iterator<Item = Range<usize>> {
    let size = crate::gemm::params::block_size(total, most, unit).max(1);
    (0..total)
        .step_by(size)
        .map(move |start| start..total.min(start + size))
}

/// Calls `visit(first row, rows)` for all tiles of `count` rows.
#[inline(always)]
fn for_each_tile(count: usize, mut visit: impl FnMut(usize, usize)) {
    for row in (0..count).step_by(ROWS) {
        visit(row, ROWS.min(count - row));
    }
}

/// Where the rows of a tile start; rows that do not exist repeat the last.
#[inline(always)]
fn starts(row: usize, rows: usize, stride: usize, offset: usize) -> [usize; ROWS] {
    std::array::from_fn(|i| (row + i.min(rows - 1)) * stride + offset)
}

/// `output = activation(input weight + bias)`.
///
/// # Panics
/// When a slice does not fit the shape.
pub fn dense_panels_forward(
    shape: DenseShape,
    input: &[f32],
    weight: &[f32],
    bias: Option<&[f32]>,
    activation: Activation,
    output: &mut [f32],
) {
    let DenseShape {
        batch,
        inputs,
        units,
    } = shape;
    assert_eq!(input.len(), shape.input_len(), "input of {shape:?}");
    assert_eq!(weight.len(), weight_len(shape), "weight of {shape:?}");
    assert_eq!(output.len(), shape.output_len(), "output of {shape:?}");
    assert!(
        bias.is_none_or(|bias| bias.len() == units),
        "bias of {shape:?}"
    );
    // With several blocks of terms the activation has to wait for the last.
    let one_block = inputs <= FORWARD_DEPTH;
    let first = BiasFloor::new(
        bias,
        if one_block {
            activation
        } else {
            Activation::Linear
        },
    );
    if inputs == 0 {
        for row in output.chunks_exact_mut(units.max(1)) {
            match bias {
                Some(bias) => row.copy_from_slice(bias),
                None => row.fill(0.0),
            }
        }
        activation_forward(activation, InOut::in_place(output));
        return;
    }
    for depth in blocks(inputs, FORWARD_DEPTH, 1) {
        for (panel, col) in weight
            .chunks_exact(inputs * COLUMNS)
            .zip((0..).step_by(COLUMNS))
        {
            let panel = &panel[depth.start * COLUMNS..][..depth.len() * COLUMNS];
            let at = (col, COLUMNS.min(units - col));
            let operands = (input, inputs, &depth, panel);
            if depth.start == 0 {
                tiles_of_panel(operands, batch, (output, units), at, first.columns(col));
            } else {
                tiles_of_panel(operands, batch, (output, units), at, Add);
            }
        }
    }
    if one_block {
        first.finish(output);
    } else if activation != Activation::Linear {
        activation_forward(activation, InOut::in_place(output));
    }
}

/// All rows of `a [count, a_stride]`, of which the sum takes the columns `depth`, times one panel.
#[inline(always)]
fn tiles_of_panel<F: Finish>(
    (a, a_stride, depth, panel): (&[f32], usize, &Range<usize>, &[f32]),
    count: usize,
    (c, c_stride): (&mut [f32], usize),
    (col, columns): (usize, usize),
    finish: F,
) {
    for_each_tile(count, |row, rows| {
        let target = Target {
            at: row * c_stride + col,
            stride: c_stride,
            rows,
            columns,
            finish,
            c: &mut *c,
        };
        let starts = starts(row, rows, a_stride, depth.start);
        rows_by_panel(a, starts, Segments::one(depth.len()), panel, target);
    });
}

/// `grad_input = grad_output weight^T`; overwrites `grad_input`.
///
/// # Panics
/// When a slice does not fit the shape.
pub fn dense_panels_backward_input(
    shape: DenseShape,
    grad_output: &[f32],
    weight: &[f32],
    grad_input: &mut [f32],
    workspace: &mut [f32],
) {
    let DenseShape {
        batch,
        inputs,
        units,
    } = shape;
    assert_eq!(
        grad_output.len(),
        shape.output_len(),
        "gradOutput of {shape:?}"
    );
    assert_eq!(weight.len(), weight_len(shape), "weight of {shape:?}");
    assert_eq!(
        grad_input.len(),
        shape.input_len(),
        "gradInput of {shape:?}"
    );
    if units == 0 {
        grad_input.fill(0.0);
    }
    for depth in blocks(units, BLOCK, COLUMNS) {
        let panels =
            &weight[depth.start * inputs..][..depth.len().next_multiple_of(COLUMNS) * inputs];
        for col in (0..inputs).step_by(COLUMNS) {
            let columns = COLUMNS.min(inputs - col);
            let piece = &mut workspace[..depth.len().next_multiple_of(COLUMNS) * COLUMNS];
            transpose_piece(panels, inputs, (col, columns), piece);
            let piece = &piece[..depth.len() * COLUMNS];
            let operands = (grad_output, units, &depth, piece);
            if depth.start == 0 {
                tiles_of_panel(operands, batch, (grad_input, inputs), (col, columns), Write);
            } else {
                tiles_of_panel(operands, batch, (grad_input, inputs), (col, columns), Add);
            }
        }
    }
}

/// `piece[unit][i] = panels[unit / 8][col + i][unit % 8]`, zeros behind the last input.
fn transpose_piece(
    panels: &[f32],
    inputs: usize,
    (col, columns): (usize, usize),
    piece: &mut [f32],
) {
    let (targets, _) = piece.as_chunks_mut::<{ COLUMNS * COLUMNS }>();
    for (panel, target) in panels.chunks_exact(inputs * COLUMNS).zip(targets) {
        let rows = &panel[col * COLUMNS..][..columns * COLUMNS];
        let (rows, _) = rows.as_chunks::<COLUMNS>();
        let row = |i: usize, half: usize| {
            rows.get(i)
                .map_or(F32x4::splat(0.0), |row| F32x4::load(&row[half * LANES..]))
        };
        for half in 0..2 {
            for side in 0..2 {
                let block = std::array::from_fn(|i| row(side * LANES + i, half));
                for (lane, values) in F32x4::transpose(block).into_iter().enumerate() {
                    values.store(&mut target[(half * LANES + lane) * COLUMNS + side * LANES..]);
                }
            }
        }
    }
}

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
