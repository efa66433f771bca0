use super::js;
use crate::arena::{to_usize, with_access};
use crate::error;
use crate::kernels::channel_sum;
use crate::shape::elements;
use wasm_bindgen::prelude::*;

/// Channels, and elements of the batch without and with them.
fn sizes(batch: f64, plane: f64, channels: f64) -> error::Result<(usize, usize, usize)> {
    let channels = to_usize("channels", channels)?;
    let pixels = elements(&[to_usize("batch", batch)?, to_usize("plane", plane)?])?;
    Ok((channels, pixels, elements(&[pixels, channels])?))
}

/// Sums over the channels of each pixel; `plane` is height times width.
#[wasm_bindgen]
pub fn channel_sum_forward(
    batch: f64,
    plane: f64,
    channels: f64,
    input: f64,
    output: f64,
) -> Result<(), JsError> {
    js(with_access(|access| {
        let (channels, pixels, len) = sizes(batch, plane, channels)?;
        let input = access.read("input", input, len)?;
        let output = access.write("output", output, pixels)?;
        channel_sum::channel_sum_forward(channels, input, output);
        Ok(())
    }))
}

/// The gradient of each sum, for each of its channels.
#[wasm_bindgen]
pub fn channel_sum_backward(
    batch: f64,
    plane: f64,
    channels: f64,
    grad_output: f64,
    grad_input: f64,
) -> Result<(), JsError> {
    js(with_access(|access| {
        let (channels, pixels, len) = sizes(batch, plane, channels)?;
        let grad_output = access.read("grad_output", grad_output, pixels)?;
        let grad_input = access.write("grad_input", grad_input, len)?;
        channel_sum::channel_sum_backward(channels, grad_output, grad_input);
        Ok(())
    }))
}
