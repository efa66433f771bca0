//! The threads of an engine. In builds without atomics these do nothing.

use super::js;
use crate::arena::{to_usize, with_access};
use crate::kernels::pool_probe;
use crate::pool;
use wasm_bindgen::prelude::*;

/// Says how many threads take part, the calling one among them.
#[wasm_bindgen]
pub fn pool_start(threads: u32) {
    pool::start(threads as usize);
}

/// Makes the calling thread helper number `worker` (from 1); returns after `pool_stop`.
#[wasm_bindgen]
pub fn pool_serve(worker: u32) {
    pool::serve(worker as usize);
}

/// Wakes helpers that sleep.
#[wasm_bindgen]
pub fn pool_wake() {
    pool::wake();
}

/// Says that a helper died.
#[wasm_bindgen]
pub fn pool_poison() {
    pool::poison();
}

/// Ends the helpers.
#[wasm_bindgen]
pub fn pool_stop() {
    pool::stop();
}

/// Number of threads that take part.
#[wasm_bindgen]
pub fn pool_workers() -> u32 {
    pool::workers() as u32
}

/// Sum of squares, by blocks of a fixed size.
#[wasm_bindgen]
pub fn pool_sum_of_squares(len: f64, values: f64) -> Result<f32, JsError> {
    js(with_access(|access| {
        let values = access.read("values", values, to_usize("len", len)?)?;
        Ok(pool_probe::sum_of_squares(values))
    }))
}

/// A region of so many blocks, each with so many iterations of `peak_loop`.
#[wasm_bindgen]
pub fn pool_busy_region(blocks: u32, iterations: u32) {
    pool_probe::busy_region(blocks as usize, iterations);
}

/// A region whose first helper panics, or never gives its block back.
#[wasm_bindgen]
pub fn pool_failing_region(for_ever: bool) {
    pool_probe::failing_region(for_ever);
}
