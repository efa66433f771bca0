use super::{BIAS, EXPM1, Expm1, MANTISSA_BITS, ROUND, opaque};
use crate::simd::{F32x4, InOut};

/// `tanh(x)`.
pub struct Tanh {
    sign: f32,
    smallest: f32,
    log2_e: f32,
    round: f32,
    ln2: f32,
    expm1: Expm1,
    one: f32,
}

static TANH: Tanh = Tanh {
    sign: -0.0,
    // From here on the result is -1.
    smallest: -9.02,
    log2_e: std::f32::consts::LOG2_E,
    round: ROUND + BIAS as f32,
    ln2: std::f32::consts::LN_2,
    expm1: EXPM1,
    one: 1.0,
};

impl Tanh {
    /// The function, ready to be applied.
    pub fn new() -> &'static Self {
        opaque(&TANH)
    }

    /// Of four values.
    #[inline(always)]
    pub fn apply(&self, x: F32x4) -> F32x4 {
        self.divide(x, self.scale(self.reduce(x)))
    }

    /// Of many values.
    pub fn map(&self, in_out: InOut<'_>) {
        in_out.map_in_stages(
            |x| self.reduce(x),
            |reduced| self.scale(reduced),
            |x, scaled| self.divide(x, scaled),
        );
    }

    /// `r` with `-2 |x| = n ln 2 + r`, and n with the bias of an exponent in its lowest bits.
    #[inline(always)]
    fn reduce(&self, x: F32x4) -> [F32x4; 2] {
        let x = x.to_bits().or(F32x4::splat(self.sign).to_bits());
        let x = x.to_f32_bits().pmax(F32x4::splat(self.smallest));
        let x = x + x;
        let round = F32x4::splat(self.round);
        let rounded = x * F32x4::splat(self.log2_e) + round;
        // One constant for ln 2 is enough: the further n is from 0, the less the error of r counts.
        [x - (rounded - round) * F32x4::splat(self.ln2), rounded]
    }

    /// `2^n expm1(r)` and `2^n`.
    #[inline(always)]
    fn scale(&self, [r, rounded]: [F32x4; 2]) -> [F32x4; 2] {
        let power = rounded.to_bits().shift_left(MANTISSA_BITS).to_f32_bits();
        [self.expm1.apply(r) * power, power]
    }

    /// `-expm1(-2 |x|) / (2 + expm1(-2 |x|))` with the sign of x, where `expm1(-2 |x|) = (2^n - 1) + 2^n expm1(r)`.
    ///
    /// Numerator and denominator round that sum each on its own, from what is exact but for `expm1(r)`: made of one
    /// another, one would add its error to the other's.
    #[inline(always)]
    fn divide(&self, x: F32x4, [scaled, power]: [F32x4; 2]) -> F32x4 {
        let one = F32x4::splat(self.one);
        let quotient = ((one - power) - scaled) / ((one + power) + scaled);
        let sign = x.to_bits().and(F32x4::splat(self.sign).to_bits());
        quotient.to_bits().or(sign).to_f32_bits()
    }
}
