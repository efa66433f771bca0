//! Elementary functions of four floats: at most 2 ulp off, and the same bits in every build and on every engine.
//!
//! | function | method | largest error |
//! | --- | --- | --- |
//! | [`Exp`] | `2^n exp(r)`, `-ln 2 / 2 <= r <= ln 2 / 2` | 1.1 ulp |
//! | [`Sigmoid`] | `e / (1 + e)` with `e = exp(-abs x)`, the rounding of `1 + e` taken back | 1.9 ulp |
//! | [`Tanh`] | `-p / (2 + p)` with `p = expm1(-2 abs x)`, and the sign of x | 2.0 ulp |
//!
//! No operation is fused, so that the builds agree; and none of an engine's own functions is called, which differ.
//! NaN stays NaN, infinities give the limits, and results too small for a normal float are denormal as they should.
//!
//! A function is an object that holds its constants, because of V8: it makes a vector constant anew at each use, which
//! takes longer than the arithmetic (tanh: 2 ns an element, instead of 1, on Zen 4). The references come out of
//! `opaque`, so that LLVM cannot turn the fields back into constants, and they are loaded or stay in registers.

mod exp;
mod sigmoid;
mod tanh;

pub use exp::Exp;
pub use sigmoid::Sigmoid;
pub use tanh::Tanh;

use crate::simd::F32x4;

/// The same reference, to something that the compiler has never seen.
fn opaque<T>(constants: &'static T) -> &'static T {
    std::hint::black_box(constants)
}

/// `1.5 * 2^23`: adding it to a float below 2^22 rounds that to an integer, which is then in the lowest bits of the sum.
const ROUND: f32 = 12_582_912.0;

/// Bits of a float below its exponent.
const MANTISSA_BITS: u32 = 23;

/// Exponent of 1.0 as it is stored.
const BIAS: i32 = 127;

/// `expm1(r) = r + r^2 q(r)` for `|r| <= ln 2 / 2`.
///
/// The polynomial q has the smallest relative error of `expm1`, 0.24 * 2^-24, by Remez' algorithm, each coefficient
/// rounded before the ones behind it were fitted.
struct Expm1 {
    q: [f32; 5],
}

const EXPM1: Expm1 = Expm1 {
    q: [
        0.499_999_97,
        0.166_665_39,
        0.041_667_745,
        0.008_367_057,
        0.001_383_870_8,
    ],
};

impl Expm1 {
    #[inline(always)]
    fn apply(&self, r: F32x4) -> F32x4 {
        let [q0, q1, q2, q3, q4] = self.q.map(F32x4::splat);
        let square = r * r;
        // Not by Horner's rule, so that fewer operations wait for each other.
        let q = (q0 + r * q1) + square * ((q2 + r * q3) + square * q4);
        r + square * q
    }
}
