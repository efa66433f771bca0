//! The threads of an engine. In builds without atomics these do nothing.

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
