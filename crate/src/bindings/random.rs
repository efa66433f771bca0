use super::js;
use crate::arena::{to_usize, with_access};
use crate::kernels::random;
use wasm_bindgen::prelude::*;

/// Replaces uniform numbers in (0, 1) by normal ones; `truncated` (0 or 1) cuts them at two standard deviations.
#[wasm_bindgen]
pub fn normal_from_uniform(
    len: f64,
    mean: f64,
    stddev: f64,
    truncated: u32,
    values: f64,
) -> Result<(), JsError> {
    js(with_access(|access| {
        let values = access.write("values", values, to_usize("len", len)?)?;
        random::normal_from_uniform(mean, stddev, truncated != 0, values);
        Ok(())
    }))
}
