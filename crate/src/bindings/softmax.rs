use super::js;
use crate::arena::{to_usize, with_access};
use crate::kernels::softmax;
use crate::shape::elements;
use wasm_bindgen::prelude::*;

/// Softmax along each row.
#[wasm_bindgen]
pub fn softmax_forward(rows: f64, columns: f64, input: f64, output: f64) -> Result<(), JsError> {
    js(with_access(|access| {
        let columns = to_usize("columns", columns)?;
        let len = elements(&[to_usize("rows", rows)?, columns])?;
        let input = access.read("input", input, len)?;
        let output = access.write("output", output, len)?;
        softmax::softmax_forward(columns, input, output);
        Ok(())
    }))
}

/// Gradient of the input, by the output of the forward pass.
#[wasm_bindgen]
pub fn softmax_backward(
    rows: f64,
    columns: f64,
    output: f64,
    grad_output: f64,
    grad_input: f64,
) -> Result<(), JsError> {
    js(with_access(|access| {
        let columns = to_usize("columns", columns)?;
        let len = elements(&[to_usize("rows", rows)?, columns])?;
        let output = access.read("output", output, len)?;
        let grad_output = access.read("gradOutput", grad_output, len)?;
        let grad_input = access.write("gradInput", grad_input, len)?;
        softmax::softmax_backward(columns, output, grad_output, grad_input);
        Ok(())
    }))
}
