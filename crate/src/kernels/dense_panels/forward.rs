//! Samples x units, over inputs: panels and samples are read in place.

use super::tiles::{job, jobs, tiles_of_panel, touch};
use super::weight_len;
use crate::gemm::params::blocks;
use crate::kernels::activation::{Activation, activation_forward};
use crate::kernels::bias::BiasFloor;
use crate::kernels::dense::DenseShape;
use crate::pool::{self, Split, Work};
use crate::simd::InOut;
use crate::tile::{Add, COLUMNS, Shared};

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
            let output = (unsafe { Shared::new(&cells) }, units);
            let panel_at = |index: usize| {
                &weight[(index * inputs + depth.start) * COLUMNS..][..depth.len() * COLUMNS]
            };
            for index in job(panels, number) {
                let operands = (input, inputs, &depth, panel_at(index));
                let col = index * COLUMNS;
                let at = (col, COLUMNS.min(units - col));
                let next = panel_at((index + 1).min(panels - 1));
                let touch = |tile, tiles| touch(next, tile, tiles);
                if depth.start == 0 {
                    tiles_of_panel(operands, batch, output, at, first.columns(col), touch);
                } else {
                    tiles_of_panel(operands, batch, output, at, Add, touch);
                }
            }
        });
    }
    first.finish(output);
}
