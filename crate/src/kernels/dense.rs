//! `output = activation(input weight + bias)`, three matrix products.
//!
//! Sizes: `input [batch, inputs]`, `weight [inputs, units]`, `bias [units]`, `output [batch, units]`, all row-major.
//! Any of them may be zero. Every function overwrites the first [`WORKSPACE_LEN`] floats of its workspace.

use super::activation::Activation;
use super::bias::{BiasFloor, bias_gradient};
use crate::error::Result;
use crate::gemm::{self, Matrix, gemm, gemm_with};
use crate::shape::{GemmShape, elements};

/// Floats of workspace that each pass needs, whatever the sizes.
pub const WORKSPACE_LEN: usize = gemm::WORKSPACE_LEN;

/// Sizes of a dense layer and a batch, checked once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DenseShape {
    /// Samples.
    pub batch: usize,
    /// Features of a sample.
    pub inputs: usize,
    /// Outputs of a sample.
    pub units: usize,
}

impl DenseShape {
    /// # Errors
    /// When input, weight or output has too many elements for one slice.
    pub fn new(batch: usize, inputs: usize, units: usize) -> Result<Self> {
        elements(&[batch, inputs])?;
        elements(&[inputs, units])?;
        elements(&[batch, units])?;
        Ok(Self {
            batch,
            inputs,
            units,
        })
    }

    /// Elements of the input and its gradient.
    pub fn input_len(&self) -> usize {
        self.batch * self.inputs
    }

    /// Elements of the weight and its gradient.
    pub fn weight_len(&self) -> usize {
        self.inputs * self.units
    }

    /// Elements of the output and its gradient.
    pub fn output_len(&self) -> usize {
        self.batch * self.units
    }
}

/// `output = activation(input weight + bias)`.
///
/// # Panics
/// When a slice does not fit the shape.
pub fn dense_forward(
    shape: DenseShape,
    input: &[f32],
    weight: &[f32],
    bias: Option<&[f32]>,
    activation: Activation,
    output: &mut [f32],
    workspace: &mut [f32],
) {
    let DenseShape {
        batch,
        inputs,
        units,
    } = shape;
    assert!(
        bias.is_none_or(|bias| bias.len() == units),
        "bias of {shape:?}"
    );
    let product = GemmShape {
        m: batch,
        n: units,
        k: inputs,
    };
    let a = Matrix::a(input, batch, inputs, false);
    let b = Matrix::b(weight, units, inputs, false);
    let epilogue = BiasFloor::of_blocks(gemm::depth_blocks(inputs), bias, activation);
    let columns = |col| epilogue.columns(col);
    gemm_with(product, &a, &b, &columns, output, workspace);
    epilogue.finish(output);
}

/// `grad_input = grad_output weight^T`; overwrites `grad_input`.
///
/// # Panics
/// When a slice does not fit the shape.
pub fn dense_backward_input(
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
    let product = GemmShape {
        m: batch,
        n: inputs,
        k: units,
    };
    let a = Matrix::a(grad_output, batch, units, false);
    let b = Matrix::b(weight, inputs, units, true);
    gemm(product, 1.0, &a, &b, 0.0, grad_input, workspace);
}

/// `grad_weight = input^T grad_output` and `grad_bias = column sums of grad_output`, both added to what is there if
/// `accumulate`, and overwriting it unread otherwise.
///
/// # Panics
/// When a slice does not fit the shape.
pub fn dense_backward_weight(
    shape: DenseShape,
    input: &[f32],
    grad_output: &[f32],
    grad_weight: &mut [f32],
    grad_bias: Option<&mut [f32]>,
    accumulate: bool,
    workspace: &mut [f32],
) {
    let DenseShape {
        batch,
        inputs,
        units,
    } = shape;
    let product = GemmShape {
        m: inputs,
        n: units,
        k: batch,
    };
    let a = Matrix::a(input, inputs, batch, true);
    let b = Matrix::b(grad_output, units, batch, false);
    let beta = if accumulate { 1.0 } else { 0.0 };
    gemm(product, 1.0, &a, &b, beta, grad_weight, workspace);
    if let Some(grad_bias) = grad_bias {
        assert_eq!(grad_bias.len(), units, "bias of {shape:?}");
        bias_gradient(grad_output, grad_bias, accumulate);
    }
}
