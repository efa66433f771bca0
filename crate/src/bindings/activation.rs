use super::js;
use crate::arena::{to_usize, with_access};
use crate::kernels::activation::{self, Activation};
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
