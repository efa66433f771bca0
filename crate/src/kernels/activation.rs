//! Activations that treat each element alone: `output = f(input)`, `grad_input = grad_output f'(input)`.
//!
//! The derivatives are written in terms of the output, so that the input need not be kept. NaN goes through each.

use super::bias_gradient::column_sums;
use super::share::share_map;
use crate::elementary::{Sigmoid, Tanh};
use crate::ensure;
use crate::error::Result;
use crate::pool::{self, Split, Work};
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

    /// How many floats of memory one value takes as long as.
    fn floats(self) -> usize {
        match self {
            Self::Linear | Self::Relu => 2,
            Self::Sigmoid | Self::Tanh => 4,
        }
    }

    /// `gradient f'(x)` where `output = f(x)`. The derivative of relu at 0 is 0; at NaN it is 1.
    #[inline(always)]
    pub(super) fn chain(self, output: F32x4, gradient: F32x4) -> F32x4 {
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

/// `output = f(input)`, by the caller alone: for parts of a larger pass.
fn activate(activation: Activation, in_out: InOut<'_>) {
    match activation {
        Activation::Linear => in_out.map(|x| x),
        Activation::Relu => in_out.map(|x| x.pmax(F32x4::splat(0.0))),
        Activation::Sigmoid => Sigmoid::new().map(in_out),
        Activation::Tanh => Tanh::new().map(in_out),
    }
}

/// `output = f(input)`.
pub fn activation_forward(activation: Activation, in_out: InOut<'_>) {
    share_map(in_out, activation.floats(), |_, part| {
        activate(activation, part)
    });
}

/// `grad_input = grad_output f'`, by the caller alone.
fn chain_all(activation: Activation, output: &[f32], gradients: InOut<'_>) {
    match activation {
        Activation::Linear => gradients.map(|gradient| gradient),
        Activation::Relu => gradients.map_with(output, |z, g| Activation::Relu.chain(z, g)),
        Activation::Sigmoid => gradients.map_with(output, |z, g| Activation::Sigmoid.chain(z, g)),
        Activation::Tanh => gradients.map_with(output, |z, g| Activation::Tanh.chain(z, g)),
    }
}

/// `grad_input = grad_output f'`; `output` is what the forward pass gave.
///
/// # Panics
/// When the lengths differ.
pub fn activation_backward(activation: Activation, output: &[f32], gradients: InOut<'_>) {
    assert_eq!(output.len(), gradients.len(), "output and gradient");
    share_map(gradients, 3, |range, part| {
        chain_all(activation, &output[range], part)
    });
}

/// As [`activation_backward`], in place, together with the sum of each channel of each sample.
///
/// # Shapes
/// `output` and `gradient` are `[samples, plane, channels]`, `sample_sums` is `[samples, channels]`, overwritten.
///
/// # Panics
/// When a slice does not fit.
pub fn activation_backward_with_sums(
    activation: Activation,
    [plane, channels]: [usize; 2],
    output: &[f32],
    gradient: &mut [f32],
    sample_sums: &mut [f32],
) {
    let len = plane * channels;
    assert_eq!(output.len(), gradient.len(), "output and gradient");
    assert!(
        len > 0 && gradient.len().is_multiple_of(len),
        "samples of {len}"
    );
    assert_eq!(
        sample_sums.len() * plane,
        gradient.len(),
        "sums of {channels}"
    );
    let work = Work::floats(4 * gradient.len());
    let sums = Split::new(sample_sums);
    pool::run_pieces(gradient, len, work, |n, gradient, _| {
        chain_all(
            activation,
            &output[n * len..][..len],
            InOut::in_place(gradient),
        );
        // SAFETY: each sample has its own.
        column_sums(gradient, unsafe {
            sums.part(n * channels..(n + 1) * channels)
        });
    });
}
