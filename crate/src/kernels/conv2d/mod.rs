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
//! [`choose`] decides by shape.
//!
//! | module | how | takes |
//! | --- | --- | --- |
//! | [`direct`] | pixels read in place | forward and gradient of the weight: all; gradient of the input: stride 1 |
//! | [`winograd`] | fewer multiplications | stride 1, kernels 3 x 3, 2 x 2, 5 x 5 |
//! | [`scatter`] | patches of the gradient by a blocked product, added to where they belong | gradient of the input: all |

pub mod bands;
pub mod choose;
pub mod direct;
pub mod patches;
pub mod scatter;
pub mod winograd;

pub use choose::{Algorithm, Conv2d, Winograd};

use super::activation::Activation;
use super::bias::BiasFloor;
use super::bias_gradient::bias_gradient_of_samples;
use crate::error::Result;
use crate::shape::Conv2dShape;

/// `output = activation(correlation(input, weight) + bias)`; overwrites `output` without reading it.
///
/// # Panics
/// When a slice does not fit the shape.
pub fn conv2d_forward(
    conv: &Conv2d,
    batch: usize,
    input: &[f32],
    weight: &[f32],
    bias: Option<&[f32]>,
    activation: Activation,
    output: &mut [f32],
    workspace: &mut [f32],
) {
    let shape = &conv.shape;
    assert!(
        bias.is_none_or(|bias| bias.len() == shape.out_c),
        "bias of {shape:?}"
    );
    let (input_len, output_len) = lens(shape, batch);
    assert_eq!(input.len(), input_len, "input of {shape:?}");
    assert_eq!(output.len(), output_len, "output of {shape:?}");
    let e = &BiasFloor::new(bias, activation);
    let (x, w, y) = (input, weight, &mut *output);
    match conv.forward.filter() {
        Some(f) => winograd::forward::forward(f, shape, batch, x, w, e, y, workspace),
        None => direct::forward::forward(shape, batch, x, w, e, y, workspace),
    }
    e.finish(output);
}

/// Gradient of the input; overwrites `grad_input` without reading it, with zeros where no window looked.
///
/// # Panics
/// When a slice does not fit the shape.
pub fn conv2d_backward_input(
    conv: &Conv2d,
    batch: usize,
    grad_output: &[f32],
    weight: &[f32],
    grad_input: &mut [f32],
    workspace: &mut [f32],
) {
    let shape = &conv.shape;
    let (input_len, output_len) = lens(shape, batch);
    assert_eq!(grad_output.len(), output_len, "gradOutput of {shape:?}");
    assert_eq!(grad_input.len(), input_len, "gradInput of {shape:?}");
    let (dy, w, dx) = (grad_output, weight, grad_input);
    use winograd::backward_input as adjoint;
    match (conv.backward_input.filter(), conv.backward_input) {
        (Some(f), _) => adjoint::backward_input(f, shape, batch, dy, w, dx, workspace),
        (None, Algorithm::Direct) => {
            direct::backward_input::backward_input(shape, batch, dy, w, dx, workspace)
        }
        (None, _) => scatter::backward_input(shape, batch, dy, w, dx, workspace),
    }
}

/// Gradients of weight and bias, added to what is there if `accumulate`, and overwriting it unread otherwise.
///
/// # Panics
/// When a slice does not fit the shape.
pub fn conv2d_backward_weight(
    conv: &Conv2d,
    batch: usize,
    input: &[f32],
    grad_output: &[f32],
    grad_weight: &mut [f32],
    grad_bias: Option<&mut [f32]>,
    accumulate: bool,
    workspace: &mut [f32],
) {
    let shape = &conv.shape;
    let (input_len, output_len) = lens(shape, batch);
    assert_eq!(input.len(), input_len, "input of {shape:?}");
    assert_eq!(grad_output.len(), output_len, "gradOutput of {shape:?}");
    assert_eq!(
        grad_weight.len(),
        shape.weight_len(),
        "gradWeight of {shape:?}"
    );
    let (x, dy, dw) = (input, grad_output, grad_weight);
    match conv.backward_weight.filter() {
        Some(f) => {
            use winograd::backward_weight as adjoint;
            adjoint::backward_weight(f, shape, batch, x, dy, dw, accumulate, workspace);
        }
        None => {
            if !accumulate {
                dw.fill(0.0);
            }
            direct::backward_weight::backward_weight(shape, batch, x, dy, dw, workspace);
        }
    }
    if let Some(grad_bias) = grad_bias {
        assert_eq!(grad_bias.len(), shape.out_c, "gradBias of {shape:?}");
        let pixels = shape.out_h * shape.out_w;
        bias_gradient_of_samples(pixels, grad_output, grad_bias, accumulate);
    }
}

/// Elements of a batch of inputs and of outputs.
fn lens(shape: &Conv2dShape, batch: usize) -> (usize, usize) {
    let len = |len: Result<usize>| len.unwrap_or_else(|error| panic!("{error}"));
    (len(shape.input_len(batch)), len(shape.output_len(batch)))
}
