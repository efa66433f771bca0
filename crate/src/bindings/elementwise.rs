use super::js;
use crate::arena::{to_usize, with_access};
use crate::kernels::elementwise;
use wasm_bindgen::prelude::*;

/// `output = a + b`.
#[wasm_bindgen]
pub fn add(len: f64, a: f64, b: f64, output: f64) -> Result<(), JsError> {
    js(with_access(|access| {
        let len = to_usize("len", len)?;
        let a = access.read("a", a, len)?;
        let b = access.read("b", b, len)?;
        elementwise::add(a, b, access.write("output", output, len)?);
        Ok(())
    }))
}

/// `target += source`.
#[wasm_bindgen]
pub fn add_into(len: f64, source: f64, target: f64) -> Result<(), JsError> {
    js(with_access(|access| {
        let len = to_usize("len", len)?;
        let source = access.read("source", source, len)?;
        elementwise::add_into(source, access.write("target", target, len)?);
        Ok(())
    }))
}
