use crate::kernels::peak;
use wasm_bindgen::prelude::*;

/// Runs the register-only loop; what it returns has no meaning.
#[wasm_bindgen]
pub fn peak_loop(iterations: u32) -> f64 {
    f64::from(peak::run(iterations))
}

/// Floating-point operations of one iteration.
#[wasm_bindgen]
pub fn peak_loop_flops() -> f64 {
    peak::FLOPS_PER_ITERATION as f64
}
