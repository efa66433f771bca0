//! Samples x units, over inputs: panels and samples are read in place.

use super::tiles::tiles_of_panel;
use super::weight_len;
use crate::gemm::params::blocks;
use crate::kernels::activation::{Activation, activation_forward};
use crate::kernels::bias::BiasFloor;
use crate::kernels::dense::DenseShape;
use crate::simd::InOut;
use crate::tile::{Add, COLUMNS};

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
