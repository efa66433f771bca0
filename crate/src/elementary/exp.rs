use super::{BIAS, EXPM1, Expm1, MANTISSA_BITS, ROUND, opaque};
use crate::simd::{F32x4, I32x4};

/// `exp(x)`.
pub struct Exp {
    largest: f32,
    smallest: f32,
    log2_e: f32,
    round: f32,
    ln2_high: f32,
    ln2_low: f32,
    expm1: Expm1,
    one: f32,
}

static EXP: Exp = Exp::CONSTANTS;

impl Exp {
    pub(super) const CONSTANTS: Self = Self {
        // From here on the result is infinite ...
        largest: 89.0,
        // ... and from here on 0.
        smallest: -104.0,
        log2_e: std::f32::consts::LOG2_E,
        // Twice the bias of an exponent, as the result is scaled by two factors.
        round: ROUND + 2.0 * BIAS as f32,
        // 15 bits, so that its products with integers up to 150 are exact.
        ln2_high: 0.693_145_75,
        ln2_low: 1.428_606_8e-6,
        expm1: EXPM1,
        one: 1.0,
    };

    /// The function, ready to be applied.
    pub fn new() -> &'static Self {
        opaque(&EXP)
    }

    /// Of four values.
    #[inline(always)]
    pub fn apply(&self, x: F32x4) -> F32x4 {
        self.scale(self.reduce(x.pmin(F32x4::splat(self.largest))))
    }

    /// `r` with `x = n ln 2 + r`, for x up to 89, and n with twice the bias of an exponent in its lowest bits.
    #[inline(always)]
    pub(super) fn reduce(&self, x: F32x4) -> [F32x4; 2] {
        let x = x.pmax(F32x4::splat(self.smallest));
        let round = F32x4::splat(self.round);
        let rounded = x * F32x4::splat(self.log2_e) + round;
        let n = rounded - round;
        let r = (x - n * F32x4::splat(self.ln2_high)) - n * F32x4::splat(self.ln2_low);
        [r, rounded]
    }

    /// `2^n exp(r)`. The power comes in two factors, since n reaches from -150 to 128, further than an exponent.
    #[inline(always)]
    pub(super) fn scale(&self, [r, rounded]: [F32x4; 2]) -> F32x4 {
        // The bits above the integer are zeros where they would be shifted in.
        let both = rounded.to_bits();
        let half = both.shift_right(1);
        let power = |exponent: I32x4| exponent.shift_left(MANTISSA_BITS).to_f32_bits();
        let exp = self.expm1.apply(r) + F32x4::splat(self.one);
        exp * power(half) * power(both.wrapping_sub(half))
    }
}
