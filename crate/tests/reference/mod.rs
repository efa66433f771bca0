//! The operations as naive loops in f64, one file each, and what tests share.
#![allow(dead_code)] // Every test binary uses a part of it.

pub mod activation;
pub mod channel_sum;
pub mod compare;
pub mod conv2d;
pub mod dense;
pub mod elementary;
pub mod elementwise;
pub mod gemm;
pub mod half_squared_error;
pub mod max_pool2d;
pub mod optimizers;
pub mod permute;
pub mod random;
pub mod softmax;
pub mod softmax_cross_entropy;

use proptest::prelude::ProptestConfig;
use serde::de::DeserializeOwned;

/// Numbers of elements around a vector and around the block of a loop in stages (128), and primes.
pub const LENS: &[usize] = if cfg!(miri) {
    &[0, 1, 3, 4, 5, 131]
} else {
    &[0, 1, 3, 4, 5, 7, 8, 31, 127, 128, 129, 131, 256, 1009]
};

/// Settings of property tests; a case takes Miri far longer.
pub fn property_tests(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases: if cfg!(miri) { 3 } else { cases },
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// The cases of one operation in the table that the tests of the `.wasm` run too.
pub fn cases<T: DeserializeOwned>(op: &str) -> Vec<T> {
    let text = include_str!("../../../tests/fixtures/kernelCases.json");
    let (_, rest) = text
        .split_once(&format!("\"{op}\":"))
        .expect("the operation in the table");
    // Just this list: Miri takes half a minute for the whole table.
    let mut lists = serde_json::Deserializer::from_str(rest).into_iter();
    lists
        .next()
        .expect("a list")
        .expect("cases with the expected fields")
}

/// Reproducible values in [-1, 1), none of them zero.
pub fn values(seed: u32, len: usize) -> Vec<f32> {
    let mut state = u64::from(seed).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        // 23 bits and a half: odd multiples of 2^-24.
        ((state >> 41) as f32 + 0.5) / 4_194_304.0 - 1.0
    };
    (0..len).map(|_| next()).collect()
}

/// A workspace with NaN in it, since kernels may not read what they did not write there.
pub fn workspace(len: usize) -> Vec<f32> {
    // Filling a large vector takes Miri seconds; zeroed memory costs it nothing.
    vec![if cfg!(miri) { 0.0 } else { f32::NAN }; len]
}

/// Absolute values: the same operation on them bounds the rounding errors of its sums.
pub fn magnitudes(values: &[f32]) -> Vec<f32> {
    values.iter().map(|v| v.abs()).collect()
}

/// `sum of a[i] b[i]`.
pub fn dot(a: &[f32], b: &[f32]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter()
        .zip(b)
        .map(|(&a, &b)| f64::from(a) * f64::from(b))
        .sum()
}

/// As f64.
pub fn wide(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&v| f64::from(v)).collect()
}

/// Gradient of `f` at `x`, by central differences.
pub fn central_differences(x: &[f64], f: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    let step = 1e-5;
    let mut x = x.to_vec();
    (0..x.len())
        .map(|i| {
            let at = x[i];
            x[i] = at + step;
            let above = f(&x);
            x[i] = at - step;
            let below = f(&x);
            x[i] = at;
            (above - below) / (2.0 * step)
        })
        .collect()
}
