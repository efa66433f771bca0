use crate::kernels::fusion;
use wasm_bindgen::prelude::*;

/// Whether multiply-add rounds once.
#[wasm_bindgen]
pub fn is_fused() -> bool {
    fusion::is_fused()
}

/// Whether this is a build with relaxed SIMD: a user may bring the file, under any name.
#[wasm_bindgen]
pub fn is_relaxed() -> bool {
    cfg!(target_feature = "relaxed-simd")
}
