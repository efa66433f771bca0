use super::js;
use crate::arena::{to_usize, with_access};
use crate::ensure;
use crate::error;
use crate::kernels::activation::Activation;
use crate::kernels::dense::DenseShape;
use crate::kernels::dense_panels as panels;
use wasm_bindgen::prelude::*;

fn shape(batch: f64, inputs: f64, units: f64) -> error::Result<DenseShape> {
    DenseShape::new(
        to_usize("batch", batch)?,
        to_usize("inputs", inputs)?,
        to_usize("units", units)?,
    )
}

/// Floats that each pass of a layer needs as workspace.
#[wasm_bindgen]
pub fn dense_panels_workspace(inputs: f64, units: f64) -> Result<f64, JsError> {
    js(shape(0.0, inputs, units).map(|_| panels::workspace_len() as f64))
}

/// `output = activation(input weight + bias)`, the weight as panels; `bias` 0 stands for none.
#[wasm_bindgen]
pub fn dense_panels_forward(
    batch: f64,
    inputs: f64,
    units: f64,
    input: f64,
    weight: f64,
    bias: f64,
    activation: u32,
    output: f64,
) -> Result<(), JsError> {
    js(with_access(|access| {
        let shape = shape(batch, inputs, units)?;
        let activation = Activation::from_code(activation)?;
        let input = access.read("input", input, shape.input_len())?;
        let weight = access.read("weight", weight, panels::weight_len(shape))?;
        let bias = access.read_optional("bias", bias, shape.units)?;
        let output = access.write("output", output, shape.output_len())?;
        panels::dense_panels_forward(shape, input, weight, bias, activation, output);
        Ok(())
    }))
}

/// `grad_input = grad_output weight^T`, overwritten.
#[wasm_bindgen]
pub fn dense_panels_backward_input(
    batch: f64,
    inputs: f64,
    units: f64,
    grad_output: f64,
    weight: f64,
    grad_input: f64,
    workspace: f64,
) -> Result<(), JsError> {
    js(with_access(|access| {
        let shape = shape(batch, inputs, units)?;
        let grad_output = access.read("gradOutput", grad_output, shape.output_len())?;
        let weight = access.read("weight", weight, panels::weight_len(shape))?;
        let grad_input = access.write("gradInput", grad_input, shape.input_len())?;
        let workspace = access.write("workspace", workspace, panels::workspace_len())?;
        panels::dense_panels_backward_input(shape, grad_output, weight, grad_input, workspace);
        Ok(())
    }))
}

/// `grad_weight = input^T grad_output` and the column sums in `grad_bias` (0 stands for none), added if `accumulate` is 1.
#[wasm_bindgen]
pub fn dense_panels_backward_weight(
    batch: f64,
    inputs: f64,
    units: f64,
    input: f64,
    grad_output: f64,
    grad_weight: f64,
    grad_bias: f64,
    accumulate: u32,
    workspace: f64,
) -> Result<(), JsError> {
    js(with_access(|access| {
        let shape = shape(batch, inputs, units)?;
        let input = access.read("input", input, shape.input_len())?;
        let grad_output = access.read("gradOutput", grad_output, shape.output_len())?;
        let grad_weight = access.write("gradWeight", grad_weight, panels::weight_len(shape))?;
        let grad_bias = access.write_optional("gradBias", grad_bias, shape.units)?;
        let workspace = access.write("workspace", workspace, panels::workspace_len())?;
        panels::dense_panels_backward_weight(
            shape,
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

/// `weight -= rate input^T grad_output`, and the same for `bias` with its gradient left in `grad_bias` (0 stands for
/// none of both). At most `dense_panels_descend_samples()` samples.
#[wasm_bindgen]
pub fn dense_panels_descend(
    batch: f64,
    inputs: f64,
    units: f64,
    input: f64,
    grad_output: f64,
    rate: f32,
    weight: f64,
    bias: f64,
    grad_bias: f64,
    workspace: f64,
) -> Result<(), JsError> {
    js(with_access(|access| {
        let shape = shape(batch, inputs, units)?;
        ensure!(
            shape.batch <= panels::SAMPLES,
            "batch: expected at most {} samples, got {}",
            panels::SAMPLES,
            shape.batch
        );
        let input = access.read("input", input, shape.input_len())?;
        let grad_output = access.read("gradOutput", grad_output, shape.output_len())?;
        let weight = access.write("weight", weight, panels::weight_len(shape))?;
        let bias = access.write_optional("bias", bias, shape.units)?;
        let grad_bias = access.write_optional("gradBias", grad_bias, shape.units)?;
        let workspace = access.write("workspace", workspace, panels::workspace_len())?;
        let bias = bias.zip(grad_bias);
        panels::dense_panels_descend(shape, input, grad_output, rate, weight, bias, workspace);
        Ok(())
    }))
}

/// The most samples that `dense_panels_descend` takes.
#[wasm_bindgen]
pub fn dense_panels_descend_samples() -> f64 {
    panels::SAMPLES as f64
}
