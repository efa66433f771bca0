use crate::kernels::fusion;
use wasm_bindgen::prelude::*;

/// Whether multiply-add rounds once.
#[wasm_bindgen]
pub fn is_fused() -> bool {
    fusion::is_fused()
}
