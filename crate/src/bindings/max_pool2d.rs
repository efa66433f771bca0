use super::handles::Handles;
use super::js;
use crate::arena::{to_usize, with_access};
use crate::kernels::activation::Activation;
use crate::kernels::bias_gradient::add_up;
use crate::kernels::max_pool2d::{self, Below};
use crate::shape::MaxPool2dShape;
use wasm_bindgen::prelude::*;

static SHAPES: Handles<MaxPool2dShape> = Handles::new("maxPool2d");

/// Checks the sizes once; the handle by which the passes know them. `pad_with_zero` is 0 or 1.
#[wasm_bindgen]
pub fn max_pool2d_create(
    in_h: f64,
    in_w: f64,
    channels: f64,
    pool_h: f64,
    pool_w: f64,
    stride_h: f64,
    stride_w: f64,
    pad_top: f64,
    pad_left: f64,
    out_h: f64,
    out_w: f64,
    pad_with_zero: u32,
) -> Result<f64, JsError> {
    let checked = || {
        let shape = MaxPool2dShape::new(
            [
                to_usize("inHeight", in_h)?,
                to_usize("inWidth", in_w)?,
                to_usize("channels", channels)?,
            ],
            [
                to_usize("poolHeight", pool_h)?,
                to_usize("poolWidth", pool_w)?,
            ],
            [
                to_usize("strideHeight", stride_h)?,
                to_usize("strideWidth", stride_w)?,
            ],
            [to_usize("padTop", pad_top)?, to_usize("padLeft", pad_left)?],
            [to_usize("outHeight", out_h)?, to_usize("outWidth", out_w)?],
            pad_with_zero != 0,
        )?;
        Ok(SHAPES.create(shape))
    };
    js(checked())
}

/// Forgets a shape.
#[wasm_bindgen]
pub fn max_pool2d_destroy(handle: f64) -> Result<(), JsError> {
    js(SHAPES.destroy(handle))
}

/// Maxima, and their positions unless `positions` is 0.
#[wasm_bindgen]
pub fn max_pool2d_forward(
    handle: f64,
    batch: f64,
    input: f64,
    output: f64,
    positions: f64,
) -> Result<(), JsError> {
    js(with_access(|access| {
        let shape = &SHAPES.get(handle)?;
        let batch = to_usize("batch", batch)?;
        let output_len = shape.output_len(batch)?;
        let input = access.read("input", input, shape.input_len(batch)?)?;
        let output = access.write("output", output, output_len)?;
        let positions = access.write_i32_optional("positions", positions, output_len)?;
        max_pool2d::max_pool2d_forward(shape, batch, input, output, positions);
        Ok(())
    }))
}

/// Gradient of the input from the recorded positions, overwritten. With `maxima`, what the forward pass gave, it goes on
/// through the activation of that code below the pooling. With `grad_bias`, the gradient of a bias below that, one for each
/// channel, comes of it through `sample_sums [batch, channels]`, added to what is there if `accumulate` is not 0.
#[wasm_bindgen]
pub fn max_pool2d_backward(
    handle: f64,
    batch: f64,
    grad_output: f64,
    positions: f64,
    grad_input: f64,
    code: u32,
    maxima: f64,
    sample_sums: f64,
    grad_bias: f64,
    accumulate: u32,
) -> Result<(), JsError> {
    js(with_access(|access| {
        let shape = &SHAPES.get(handle)?;
        let batch = to_usize("batch", batch)?;
        let output_len = shape.output_len(batch)?;
        let grad_output = access.read("gradOutput", grad_output, output_len)?;
        let positions = access.read_i32("positions", positions, output_len)?;
        let grad_input = access.write("gradInput", grad_input, shape.input_len(batch)?)?;
        let activation = Activation::from_code(code)?;
        let maxima = access.read_optional("maxima", maxima, output_len)?;
        let sums_len = batch * shape.channels;
        let mut sums = access.write_optional("sampleSums", sample_sums, sums_len)?;
        let grad_bias = access.write_optional("gradBias", grad_bias, shape.channels)?;
        let below = Below {
            activation: maxima.map(|maxima| (activation, maxima)),
            sample_sums: sums.as_deref_mut(),
        };
        let (dy, dx) = (grad_output, grad_input);
        max_pool2d::max_pool2d_backward(shape, batch, dy, positions, dx, below)?;
        if let (Some(sums), Some(grad_bias)) = (sums, grad_bias) {
            add_up(sums, grad_bias, accumulate != 0);
        }
        Ok(())
    }))
}
