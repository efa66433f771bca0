use super::js;
use crate::arena::{to_usize, with_access};
use crate::kernels::sgd;
use wasm_bindgen::prelude::*;

/// `parameter -= learning_rate (gradient + weight_decay parameter)`.
#[wasm_bindgen]
pub fn sgd_update(
    len: f64,
    learning_rate: f32,
    weight_decay: f32,
    parameter: f64,
    gradient: f64,
) -> Result<(), JsError> {
    js(with_access(|access| {
        let len = to_usize("len", len)?;
        let parameter = access.write("parameter", parameter, len)?;
        let gradient = access.read("gradient", gradient, len)?;
        sgd::sgd_update(learning_rate, weight_decay, parameter, gradient);
        Ok(())
    }))
}
