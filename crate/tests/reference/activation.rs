//! Activations and their derivatives, one element at a time.

use super::elementary::sigmoid;
use fourlane_core::kernels::activation::Activation;

/// Every activation there is.
pub const ALL: [Activation; 4] = [
    Activation::Linear,
    Activation::Relu,
    Activation::Sigmoid,
    Activation::Tanh,
];

/// `f(x)`.
pub fn activate(activation: Activation, x: f64) -> f64 {
    match activation {
        Activation::Linear => x,
        // Not `max`, which drops NaN.
        Activation::Relu => {
            if x < 0.0 {
                0.0
            } else {
                x
            }
        }
        Activation::Sigmoid => sigmoid(x),
        Activation::Tanh => x.tanh(),
    }
}

/// `f'(x)` by `output = f(x)`.
pub fn derivative(activation: Activation, output: f64) -> f64 {
    match activation {
        Activation::Linear => 1.0,
        Activation::Relu => f64::from(u8::from(output > 0.0)),
        Activation::Sigmoid => output * (1.0 - output),
        Activation::Tanh => 1.0 - output * output,
    }
}
