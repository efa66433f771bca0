use super::{Exp, opaque};
use crate::simd::{F32x4, InOut};

/// `1 / (1 + exp(-x))`.
pub struct Sigmoid {
    exp: Exp,
    one: f32,
    sign: f32,
}

static SIGMOID: Sigmoid = Sigmoid {
    exp: Exp::CONSTANTS,
    one: 1.0,
    sign: -0.0,
};

impl Sigmoid {
    /// The function, ready to be applied.
    pub fn new() -> &'static Self {
        opaque(&SIGMOID)
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

    /// The argument of `exp(-|x|)`.
    #[inline(always)]
    fn reduce(&self, x: F32x4) -> [F32x4; 2] {
        let sign = F32x4::splat(self.sign).to_bits();
        self.exp.reduce(x.to_bits().or(sign).to_f32_bits())
    }

    /// `e = exp(-|x|)` and `1 + e`.
    #[inline(always)]
    fn scale(&self, reduced: [F32x4; 2]) -> [F32x4; 2] {
        let e = self.exp.scale(reduced);
        [e, F32x4::splat(self.one) + e]
    }

    #[inline(always)]
    fn divide(&self, x: F32x4, [e, sum]: [F32x4; 2]) -> F32x4 {
        let one = F32x4::splat(self.one);
        let below = e / sum;
        // What the sum lost by rounding, up to an ulp of the quotient.
        let lost = e - (sum - one);
        let below = below - below * lost;
        // sigmoid(x) = 1 - sigmoid(-x) is accurate for x > 0 only.
        let positive = x.gt(F32x4::splat(0.0));
        (positive.and(one.to_bits()).to_f32_bits() - below).abs()
    }
}
