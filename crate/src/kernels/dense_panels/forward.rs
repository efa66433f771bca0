//! Samples x units, over inputs: panels and samples are read in place.

use super::jobs::{job, jobs};
use super::weight_len;
use crate::gemm::params::blocks;
use crate::kernels::activation::{Activation, activation_forward};
use crate::kernels::bias::BiasFloor;
use crate::kernels::dense::DenseShape;
use crate::pool::{self, Split, Work};
use crate::simd::InOut;
use crate::tile::{Add, COLUMNS, RowsOf, Shared, rows_times_panel, touch};

/// Terms of one sum in registers, in the forward pass: a block of a panel stays in L1 and one of 100 samples in L2.
/// 968 and 1936 are equal; 256 loses a tenth.
const FORWARD_DEPTH: usize = 968;

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
    let first = BiasFloor::of_blocks(inputs.div_ceil(FORWARD_DEPTH), bias, activation);
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
    let panels = units.div_ceil(COLUMNS);
    let cells = Split::new(&mut *output);
    for depth in blocks(inputs, FORWARD_DEPTH, 1) {
        let work = Work::flops(2 * (batch * units) as u64 * depth.len() as u64);
        pool::run(jobs(panels), work, |number, _| {
            // SAFETY: jobs have different columns.
            let output = unsafe { Shared::new(&cells) };
            let rows = RowsOf {
                data: input,
                start: depth.start,
                stride: inputs,
                count: batch,
            };
            for index in job(panels, number) {
                let panel = &weight[(index * inputs + depth.start) * COLUMNS..];
                let panel = &panel[..depth.len() * COLUMNS];
                touch(panel);
                let col = index * COLUMNS;
                let (panel, at) = ((depth.len(), panel), (output, col, units));
                let columns = COLUMNS.min(units - col);
                if depth.start == 0 {
                    rows_times_panel(rows, panel, at, columns, first.columns(col));
                } else {
                    rows_times_panel(rows, panel, at, columns, Add);
                }
            }
        });
    }
    first.finish(output);
}
