use super::js;
use crate::arena::{to_usize, with_access};
use crate::kernels::softmax_cross_entropy as kernel;
use crate::shape::elements;
use wasm_bindgen::prelude::*;

/// Writes the loss of each sample; their sum.
#[wasm_bindgen]
pub fn softmax_cross_entropy_forward(
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
        Ok(kernel::softmax_cross_entropy_forward(
            size,
            prediction,
            target,
            sample_loss,
        ))
    }))
}

/// `scale` times the gradient of each sample's loss.
#[wasm_bindgen]
pub fn softmax_cross_entropy_backward(
    samples: f64,
    size: f64,
    prediction: f64,
    target: f64,
    scale: f32,
    grad_prediction: f64,
) -> Result<(), JsError> {
    js(with_access(|access| {
        let size = to_usize("size", size)?;
        let len = elements(&[to_usize("samples", samples)?, size])?;
        let prediction = access.read("prediction", prediction, len)?;
        let target = access.read("target", target, len)?;
        let grad_prediction = access.write("gradPrediction", grad_prediction, len)?;
        kernel::softmax_cross_entropy_backward(size, prediction, target, scale, grad_prediction);
        Ok(())
    }))
}

/// As `softmax_cross_entropy_forward`, for integer labels.
#[wasm_bindgen]
pub fn sparse_softmax_cross_entropy_forward(
    samples: f64,
    size: f64,
    prediction: f64,
    labels: f64,
    sample_loss: f64,
) -> Result<f64, JsError> {
    js(with_access(|access| {
        let (samples, size) = (to_usize("samples", samples)?, to_usize("size", size)?);
        let prediction = access.read("prediction", prediction, elements(&[samples, size])?)?;
        let labels = access.read_i32("labels", labels, samples)?;
        let sample_loss = access.write("sampleLoss", sample_loss, samples)?;
        kernel::sparse_softmax_cross_entropy_forward(size, prediction, labels, sample_loss)
    }))
}

/// As `softmax_cross_entropy_backward`, for integer labels.
#[wasm_bindgen]
pub fn sparse_softmax_cross_entropy_backward(
    samples: f64,
    size: f64,
    prediction: f64,
    labels: f64,
    scale: f32,
    grad_prediction: f64,
) -> Result<(), JsError> {
    js(with_access(|access| {
        let (samples, size) = (to_usize("samples", samples)?, to_usize("size", size)?);
        let len = elements(&[samples, size])?;
        let prediction = access.read("prediction", prediction, len)?;
        let labels = access.read_i32("labels", labels, samples)?;
        let grad_prediction = access.write("gradPrediction", grad_prediction, len)?;
        kernel::sparse_softmax_cross_entropy_backward(
            size,
            prediction,
            labels,
            scale,
            grad_prediction,
        )
    }))
}
