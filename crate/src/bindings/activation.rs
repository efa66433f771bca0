use super::js;
use crate::arena::{to_usize, with_access};
use crate::ensure;
use crate::kernels::activation::{self, Activation};
use crate::kernels::bias_gradient::add_up;
use crate::shape::elements;
use wasm_bindgen::prelude::*;

/// `output = f(input)`; `output` may be `input`.
#[wasm_bindgen]
pub fn activation_forward(code: u32, len: f64, input: f64, output: f64) -> Result<(), JsError> {
    js(with_access(|access| {
        let activation = Activation::from_code(code)?;
        let len = to_usize("len", len)?;
        let in_out = access.in_out(("input", input), ("output", output), len)?;
        activation::activation_forward(activation, in_out);
        Ok(())
    }))
}

/// `grad_input = grad_output f'`, by the output of the forward pass; `grad_input` may be `grad_output`.
#[wasm_bindgen]
pub fn activation_backward(
    code: u32,
    len: f64,
    output: f64,
    grad_output: f64,
    grad_input: f64,
) -> Result<(), JsError> {
    js(with_access(|access| {
        let activation = Activation::from_code(code)?;
        let len = to_usize("len", len)?;
        let output = access.read("output", output, len)?;
        let gradients =
            access.in_out(("gradOutput", grad_output), ("gradInput", grad_input), len)?;
        activation::activation_backward(activation, output, gradients);
        Ok(())
    }))
}

/// As `activation_backward`, with `gradient` in place, and the gradient of a bias from it: of each of the `channels` of
/// `[samples, plane, channels]`, through `sample_sums [samples, channels]`, added to what is there if `accumulate` is not
/// 0.
#[wasm_bindgen]
pub fn activation_backward_bias(
    code: u32,
    samples: f64,
    plane: f64,
    channels: f64,
    output: f64,
    gradient: f64,
    sample_sums: f64,
    grad_bias: f64,
    accumulate: u32,
) -> Result<(), JsError> {
    js(with_access(|access| {
        let activation = Activation::from_code(code)?;
        let (samples, plane) = (to_usize("samples", samples)?, to_usize("plane", plane)?);
        let channels = to_usize("channels", channels)?;
        ensure!(
            plane > 0 && channels > 0,
            "plane and channels must be positive, got {plane} and {channels}"
        );
        let len = elements(&[samples, plane, channels])?;
        let output = access.read("output", output, len)?;
        let gradient = access.write("gradient", gradient, len)?;
        let sums = access.write("sampleSums", sample_sums, samples * channels)?;
        let grad_bias = access.write("gradBias", grad_bias, channels)?;
        let sizes = [plane, channels];
        activation::activation_backward_with_sums(activation, sizes, output, gradient, sums);
        add_up(sums, grad_bias, accumulate != 0);
        Ok(())
    }))
}
