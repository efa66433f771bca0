use super::handles::Handles;
use super::js;
use crate::arena::{to_usize, with_access};
use crate::kernels::activation::Activation;
use crate::kernels::conv2d::{self, Conv2d, Winograd};
use crate::shape::Conv2dShape;
use wasm_bindgen::prelude::*;

static CONVOLUTIONS: Handles<Conv2d> = Handles::new("conv2d");

/// Checks the sizes once; the handle by which the passes know them.
#[wasm_bindgen]
pub fn conv2d_create(
    in_h: f64,
    in_w: f64,
    in_c: f64,
    kernel_h: f64,
    kernel_w: f64,
    out_c: f64,
    stride_h: f64,
    stride_w: f64,
    pad_top: f64,
    pad_bottom: f64,
    pad_left: f64,
    pad_right: f64,
    winograd: u32,
) -> Result<f64, JsError> {
    let checked = || {
        let shape = Conv2dShape::new(
            [
                to_usize("inHeight", in_h)?,
                to_usize("inWidth", in_w)?,
                to_usize("inChannels", in_c)?,
            ],
            [
                to_usize("kernelHeight", kernel_h)?,
                to_usize("kernelWidth", kernel_w)?,
                to_usize("outChannels", out_c)?,
            ],
            [
                to_usize("strideHeight", stride_h)?,
                to_usize("strideWidth", stride_w)?,
            ],
            [
                to_usize("padTop", pad_top)?,
                to_usize("padBottom", pad_bottom)?,
                to_usize("padLeft", pad_left)?,
                to_usize("padRight", pad_right)?,
            ],
        )?;
        let conv = Conv2d::new(shape, Winograd::from_code(winograd)?);
        conv.workspace_len()?;
        Ok(CONVOLUTIONS.create(conv))
    };
    js(checked())
}

/// Forgets a handle.
#[wasm_bindgen]
pub fn conv2d_destroy(handle: f64) -> Result<(), JsError> {
    js(CONVOLUTIONS.destroy(handle))
}

/// Floats that each pass needs as workspace, for any batch.
#[wasm_bindgen]
pub fn conv2d_workspace(handle: f64) -> Result<f64, JsError> {
    let len = CONVOLUTIONS
        .get(handle)
        .and_then(|conv| conv.workspace_len());
    js(len.map(|len| len as f64))
}

/// `output = activation(correlation(input, weight) + bias)`; `bias` 0 stands for none.
#[wasm_bindgen]
pub fn conv2d_forward(
    handle: f64,
    batch: f64,
    input: f64,
    weight: f64,
    bias: f64,
    activation: u32,
    output: f64,
    workspace: f64,
) -> Result<(), JsError> {
    js(with_access(|access| {
        let conv = &CONVOLUTIONS.get(handle)?;
        let shape = &conv.shape;
        let batch = to_usize("batch", batch)?;
        let activation = Activation::from_code(activation)?;
        let input = access.read("input", input, shape.input_len(batch)?)?;
        let weight = access.read("weight", weight, shape.weight_len())?;
        let bias = access.read_optional("bias", bias, shape.out_c)?;
        let output = access.write("output", output, shape.output_len(batch)?)?;
        let workspace = access.write("workspace", workspace, conv.workspace_len()?)?;
        conv2d::conv2d_forward(
            conv, batch, input, weight, bias, activation, output, workspace,
        );
        Ok(())
    }))
}

/// Gradient of the input, overwritten.
#[wasm_bindgen]
pub fn conv2d_backward_input(
    handle: f64,
    batch: f64,
    grad_output: f64,
    weight: f64,
    grad_input: f64,
    workspace: f64,
) -> Result<(), JsError> {
    js(with_access(|access| {
        let conv = &CONVOLUTIONS.get(handle)?;
        let shape = &conv.shape;
        let batch = to_usize("batch", batch)?;
        let grad_output = access.read("gradOutput", grad_output, shape.output_len(batch)?)?;
        let weight = access.read("weight", weight, shape.weight_len())?;
        let grad_input = access.write("gradInput", grad_input, shape.input_len(batch)?)?;
        let workspace = access.write("workspace", workspace, conv.workspace_len()?)?;
        conv2d::conv2d_backward_input(conv, batch, grad_output, weight, grad_input, workspace);
        Ok(())
    }))
}

/// Gradients of weight and bias (0 stands for none), added to what is there if `accumulate` is 1.
#[wasm_bindgen]
pub fn conv2d_backward_weight(
    handle: f64,
    batch: f64,
    input: f64,
    grad_output: f64,
    grad_weight: f64,
    grad_bias: f64,
    accumulate: u32,
    workspace: f64,
) -> Result<(), JsError> {
    js(with_access(|access| {
        let conv = &CONVOLUTIONS.get(handle)?;
        let shape = &conv.shape;
        let batch = to_usize("batch", batch)?;
        let input = access.read("input", input, shape.input_len(batch)?)?;
        let grad_output = access.read("gradOutput", grad_output, shape.output_len(batch)?)?;
        let grad_weight = access.write("gradWeight", grad_weight, shape.weight_len())?;
        let grad_bias = access.write_optional("gradBias", grad_bias, shape.out_c)?;
        let workspace = access.write("workspace", workspace, conv.workspace_len()?)?;
        conv2d::conv2d_backward_weight(
            conv,
            batch,
            input,
            grad_output,
            grad_weight,
            grad_bias,
            accumulate != 0,
            workspace,
        );
        Ok(())
    }))
}

/// Code of the algorithm of one pass: 0 forward, 1 gradient of the input, 2 of the weight.
#[wasm_bindgen]
pub fn conv2d_algorithm(handle: f64, pass: u32) -> Result<f64, JsError> {
    let algorithm = CONVOLUTIONS.get(handle).map(|conv| match pass {
        0 => conv.forward,
        1 => conv.backward_input,
        _ => conv.backward_weight,
    });
    js(algorithm.map(|algorithm| f64::from(algorithm as u32)))
}
