use super::js;
use crate::arena::{to_usize, with_access};
use crate::error;
use crate::kernels::permute;
use crate::shape::elements;
use wasm_bindgen::prelude::*;

/// Elements of a plane, channels, and elements of the whole batch.
fn sizes(
    batch: f64,
    height: f64,
    width: f64,
    channels: f64,
) -> error::Result<(usize, usize, usize)> {
    let channels = to_usize("channels", channels)?;
    let plane = elements(&[to_usize("height", height)?, to_usize("width", width)?])?;
    let len = elements(&[to_usize("batch", batch)?, plane, channels])?;
    Ok((plane, channels, len))
}

/// Channels last to channels first.
#[wasm_bindgen]
pub fn nhwc_to_nchw(
    batch: f64,
    height: f64,
    width: f64,
    channels: f64,
    input: f64,
    output: f64,
) -> Result<(), JsError> {
    js(with_access(|access| {
        let (plane, channels, len) = sizes(batch, height, width, channels)?;
        let input = access.read("input", input, len)?;
        let output = access.write("output", output, len)?;
        permute::nhwc_to_nchw(plane, channels, input, output);
        Ok(())
    }))
}

/// Channels first to channels last.
#[wasm_bindgen]
pub fn nchw_to_nhwc(
    batch: f64,
    height: f64,
    width: f64,
    channels: f64,
    input: f64,
    output: f64,
) -> Result<(), JsError> {
    js(with_access(|access| {
        let (plane, channels, len) = sizes(batch, height, width, channels)?;
        let input = access.read("input", input, len)?;
        let output = access.write("output", output, len)?;
        permute::nchw_to_nhwc(plane, channels, input, output);
        Ok(())
    }))
}
