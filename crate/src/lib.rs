//! SIMD kernels for training convolutional networks on the CPU, each with its backward pass.
//!
//! | module | what it holds |
//! | --- | --- |
//! | [`simd`] | four-lane vocabulary, for wasm and portable |
//! | [`elementary`] | exponential, sigmoid and tanh of vectors |
//! | [`gemm`] | packed, cache-blocked matrix product, generic over microkernel, operands and epilogue |
//! | [`kernels`] | one file per operation, forward with backward, safe functions over slices |
//! | [`shape`] | sizes of operations, checked once |
//! | [`pool`] | loops over blocks, shared by a few threads |
//! | [`arena`] | memory, and the checks on numbers that come from JavaScript |
//! | `bindings` | one thin file per kernel file, on wasm only: numbers -> slices -> kernel |
//!
//! Layouts: activations NHWC, convolution weights HWIO `[kernel_h, kernel_w, in_c, out_c]`, dense weights
//! `[inputs, units]`, all row-major. Convolution is correlation; a flipped kernel is the caller's business.

#![deny(unsafe_op_in_unsafe_fn)]
// For the inner loop in `tile`, whose instructions have to stay in their order.
#![cfg_attr(target_arch = "wasm32", feature(asm_experimental_arch))]
// Sleeping and waking, for the pool; one of the two reasons for a nightly, beside the standard library with atomics.
#![cfg_attr(
    all(target_arch = "wasm32", target_feature = "atomics"),
    feature(stdarch_wasm_atomic_wait)
)]

pub mod arena;
pub mod elementary;
pub mod error;
pub mod gemm;
pub mod kernels;
pub mod number;
pub mod pool;
pub mod shape;
pub mod simd;
pub mod tile;

#[cfg(target_arch = "wasm32")]
mod bindings;
