//! Activations that treat each element alone: `output = f(input)`, `grad_input = grad_output f'(input)`.
//!
//! The derivatives are written in terms of the output, so that the input need not be kept.

use crate::ensure;
use crate::error::Result;
use crate::simd::{F32x4, InOut};

/// Which function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// `x`
    Linear,
    /// `max(x, 0)`
    Relu,
    /// `1 / (1 + exp(-x))`
    Sigmoid,
    /// `tanh(x)`
    Tanh,
}

impl Activation {
    /// By the number that JavaScript knows it by.
    ///
    /// # Errors
    /// When there is none of that number.
    pub fn from_code(code: u32) -> Result<Self> {
        let all = [Self::Linear, Self::Relu, Self::Sigmoid, Self::Tanh];
        let found = usize::try_from(code).ok().and_then(|code| all.get(code));
        ensure!(
            found.is_some(),
            "activation: expected a code in [0, {}), got {code}",
            all.len()
        );
        Ok(*found.unwrap_or(&Self::Linear))
    }

    /// The function of four values. NaN stays NaN.
    #[inline(always)]
    pub fn apply(self, x: F32x4) -> F32x4 {
        match self {
            Self::Linear => x,
            Self::Relu => x.max(F32x4::splat(0.0)),
            Self::Sigmoid => F32x4::from_array(
                x.to_array()
                    .map(|x| (1.0 / (1.0 + libm::exp(-f64::from(x)))) as f32),
            ),
            Self::Tanh => F32x4::from_array(x.to_array().map(libm::tanhf)),
        }
    }

    /// `gradient f'(x)` where `output = f(x)`.
    #[inline(always)]
    pub fn chain(self, output: F32x4, gradient: F32x4) -> F32x4 {
        let one = F32x4::splat(1.0);
        match self {
            Self::Linear => gradient,
            Self::Relu => {
                let zero = F32x4::splat(0.0);
                F32x4::select(output.le(zero), zero, gradient)
            }
            Self::Sigmoid => gradient * (output * (one - output)),
            // Not 1 - z^2: near 1 the square's rounding is as large as what is left, while 1 - z is exact.
            Self::Tanh => gradient * ((one - output) * (one + output)),
        }
    }
}

/// `output = f(input)`, in place if wanted.
pub fn activation_forward(activation: Activation, in_out: InOut<'_>) {
    in_out.map(|x| activation.apply(x));
}

/// `grad_input = grad_output f'`, in place if wanted; `output` is what the forward pass gave.
pub fn activation_backward(activation: Activation, output: &[f32], gradients: InOut<'_>) {
    gradients.map_with(output, |output, gradient| {
        activation.chain(output, gradient)
    });
}
