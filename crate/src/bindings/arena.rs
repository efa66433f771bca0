use super::js;
use crate::arena;
use wasm_bindgen::prelude::*;

/// Address of `byte_length` new zeroed bytes.
#[wasm_bindgen]
pub fn arena_alloc(byte_length: f64) -> Result<f64, JsError> {
    js(arena::to_usize("byteLength", byte_length)
        .and_then(arena::alloc)
        .map(|address| address as f64))
}

/// Gives back what `arena_alloc` gave.
#[wasm_bindgen]
pub fn arena_free(address: f64) -> Result<(), JsError> {
    js(arena::to_usize("address", address).and_then(arena::free))
}

/// Bytes in live allocations.
#[wasm_bindgen]
pub fn arena_used_bytes() -> f64 {
    arena::usage().0 as f64
}

/// Number of live allocations.
#[wasm_bindgen]
pub fn arena_block_count() -> f64 {
    arena::usage().1 as f64
}
