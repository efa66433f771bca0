//! What JavaScript sees: one thin file per kernel file. Numbers become slices in [`crate::arena`]; no arithmetic here.

mod activation;
mod adam;
mod arena;
mod channel_sum;
mod conv2d;
mod dense;
mod dense_panels;
mod elementwise;
mod fusion;
mod gemm;
mod half_squared_error;
mod handles;
mod max_pool2d;
mod panic;
mod peak;
mod permute;
mod pool;
mod random;
mod sgd;
mod sgd_momentum;
mod softmax;
mod softmax_cross_entropy;

use crate::error::{Error, Result};
use wasm_bindgen::JsError;

/// The crate's error as a JavaScript `Error` with its message.
fn js<T>(result: Result<T>) -> std::result::Result<T, JsError> {
    result.map_err(thrown)
}

/// Once, and not in every function that may fail.
#[cold]
#[inline(never)]
fn thrown(error: Error) -> JsError {
    JsError::new(&error.0)
}
