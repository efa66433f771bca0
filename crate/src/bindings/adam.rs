use super::js;
use crate::arena::{to_usize, with_access};
use crate::kernels::adam;
use wasm_bindgen::prelude::*;

/// Counts one up in the integer `steps`, and overwrites `first_moment`, `second_moment` and `parameter`, of `len`
/// elements like `gradient`.
#[wasm_bindgen]
pub fn adam_update(
    len: f64,
    learning_rate: f64,
    beta1: f64,
    beta2: f64,
    epsilon: f64,
    weight_decay: f64,
    parameter: f64,
    gradient: f64,
    first_moment: f64,
    second_moment: f64,
    steps: f64,
) -> Result<(), JsError> {
    js(with_access(|access| {
        let len = to_usize("len", len)?;
        let coefficients = adam::Adam {
            learning_rate,
            beta1,
            beta2,
            epsilon,
            weight_decay,
        };
        let parameter = access.write("parameter", parameter, len)?;
        let gradient = access.read("gradient", gradient, len)?;
        let first_moment = access.write("first_moment", first_moment, len)?;
        let second_moment = access.write("second_moment", second_moment, len)?;
        let steps = &mut access.write_i32("steps", steps, 1)?[0];
        adam::adam_update(
            coefficients,
            steps,
            parameter,
            gradient,
            first_moment,
            second_moment,
        );
        Ok(())
    }))
}
