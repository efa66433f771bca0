use super::js;
use crate::arena::{to_usize, with_access};
use crate::kernels::half_squared_error as kernel;
use crate::shape::elements;
use wasm_bindgen::prelude::*;

/// Writes the loss of each sample; their sum.
#[wasm_bindgen]
pub fn half_squared_error_forward(
    samples: f64,
    size: f64,
    prediction: f64,
    target: f64,
    sample_loss: f64,
) -> Result<f64, JsError> {
    js(with_access(|access| {
        let (samples, size) = (to_usize("samples", samples)?, to_usize("size", size)?);
        let len = elements(&[samples, size])?;
        let prediction = access.read("prediction", prediction, len)?;
        let target = access.read("target", target, len)?;
        let sample_loss = access.write("sampleLoss", sample_loss, samples)?;
        Ok(kernel::half_squared_error_forward(
            size,
            prediction,
            target,
            sample_loss,
        ))
    }))
}

/// `scale` times the gradient of each sample's loss.
#[wasm_bindgen]
pub fn half_squared_error_backward(
    samples: f64,
    size: f64,
    prediction: f64,
    target: f64,
    scale: f32,
    grad_prediction: f64,
) -> Result<(), JsError> {
    js(with_access(|access| {
        let len = elements(&[to_usize("samples", samples)?, to_usize("size", size)?])?;
        let prediction = access.read("prediction", prediction, len)?;
        let target = access.read("target", target, len)?;
        let grad_prediction = access.write("gradPrediction", grad_prediction, len)?;
        kernel::half_squared_error_backward(prediction, target, scale, grad_prediction);
        Ok(())
    }))
}
