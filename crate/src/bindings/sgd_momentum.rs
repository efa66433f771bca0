use super::js;
use crate::arena::{to_usize, with_access};
use crate::kernels::sgd_momentum;
use wasm_bindgen::prelude::*;

/// Overwrites `velocity` and `parameter`, of `len` elements like `gradient`.
#[wasm_bindgen]
pub fn sgd_momentum_update(
    len: f64,
    learning_rate: f32,
    momentum: f32,
    nesterov: bool,
    weight_decay: f32,
    parameter: f64,
    gradient: f64,
    velocity: f64,
) -> Result<(), JsError> {
    js(with_access(|access| {
        let len = to_usize("len", len)?;
        let step = sgd_momentum::SgdMomentum {
            learning_rate,
            momentum,
            nesterov,
            weight_decay,
        };
        let parameter = access.write("parameter", parameter, len)?;
        let gradient = access.read("gradient", gradient, len)?;
        let velocity = access.write("velocity", velocity, len)?;
        sgd_momentum::sgd_momentum_update(step, parameter, gradient, velocity);
        Ok(())
    }))
}
