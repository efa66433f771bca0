//! 2D correlation of NHWC input with HWIO weights, and its three gradients.
//!
//! `output[n, oy, ox, oc] = activation(bias[oc] + sum over ky, kx, ic of
//! input[n, oy * stride_h + ky - pad_top, ox * stride_w + kx - pad_left, ic] * weight[ky, kx, ic, oc])`,
//! with zeros outside the input. Any stride, padding and kernel that [`Conv2dShape`] accepts.
//!
//! # Shapes
//! `input [batch, in_h, in_w, in_c]`, `weight [kernel_h, kernel_w, in_c, out_c]`, `bias [out_c]`,
//! `output [batch, out_h, out_w, out_c]`; gradients as what they belong to. The batch may be zero.
//!
//! # Algorithms
//! The functions here are the one place that chooses.
//!
//! | pass | algorithm | when |
//! | --- | --- | --- |
//! | forward | [`forward::by_gemm`] | always |
//! | gradient of the input | [`backward_input::by_gemm`] | always |
//! | gradient of the weight | [`backward_weight::by_gemm`] | always |

pub mod backward_input;
pub mod backward_weight;
pub mod forward;
pub mod pack;
pub mod patches;

use super::activation::Activation;
use super::bias::{BiasActivation, bias_gradient};
use crate::error::Result;
use crate::gemm;
use crate::shape::Conv2dShape;

/// Floats of workspace that each pass needs, for any batch; a pass overwrites them.
///
/// # Errors
/// When they are too many for one slice.
pub fn workspace_len(shape: &Conv2dShape) -> Result<usize> {
    Ok(backward_input::workspace_len(shape)?.max(gemm::WORKSPACE_LEN))
}

/// `output = activation(correlation(input, weight) + bias)`; overwrites `output` without reading it.
///
/// # Panics
/// When a slice does not fit the shape.
pub fn conv2d_forward(
    shape: &Conv2dShape,
    batch: usize,
    input: &[f32],
    weight: &[f32],
    bias: Option<&[f32]>,
    activation: Activation,
    output: &mut [f32],
    workspace: &mut [f32],
) {
    assert!(
        bias.is_none_or(|bias| bias.len() == shape.out_c),
        "bias of {shape:?}"
    );
    let epilogue = BiasActivation { bias, activation };
    forward::by_gemm(shape, batch, input, weight, &epilogue, output, workspace);
}

/// Gradient of the input; overwrites `grad_input` without reading it, with zeros where no window looked.
///
/// # Panics
/// When a slice does not fit the shape.
pub fn conv2d_backward_input(
    shape: &Conv2dShape,
    batch: usize,
    grad_output: &[f32],
    weight: &[f32],
    grad_input: &mut [f32],
    workspace: &mut [f32],
) {
    let (input_len, output_len) = lens(shape, batch);
    assert_eq!(grad_output.len(), output_len, "gradOutput of {shape:?}");
    assert_eq!(grad_input.len(), input_len, "gradInput of {shape:?}");
    backward_input::by_gemm(shape, batch, grad_output, weight, grad_input, workspace);
}

/// Gradients of weight and bias, added to what is there if `accumulate`, and overwriting it unread otherwise.
///
/// # Panics
/// When a slice does not fit the shape.
pub fn conv2d_backward_weight(
    shape: &Conv2dShape,
    batch: usize,
    input: &[f32],
    grad_output: &[f32],
    grad_weight: &mut [f32],
    grad_bias: Option<&mut [f32]>,
    accumulate: bool,
    workspace: &mut [f32],
) {
    let beta = if accumulate { 1.0 } else { 0.0 };
    backward_weight::by_gemm(
        shape,
        batch,
        input,
        grad_output,
        grad_weight,
        beta,
        workspace,
    );
    if let Some(grad_bias) = grad_bias {
        assert_eq!(grad_bias.len(), shape.out_c, "gradBias of {shape:?}");
        bias_gradient(grad_output, grad_bias, accumulate);
    }
}

/// Elements of a batch of inputs and of outputs.
fn lens(shape: &Conv2dShape, batch: usize) -> (usize, usize) {
    let len = |len: Result<usize>| len.unwrap_or_else(|error| panic!("{error}"));
    (len(shape.input_len(batch)), len(shape.output_len(batch)))
}
