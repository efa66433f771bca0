//! Adam and AdamW.

use super::moments::{Flush, update_with_moments};
use crate::simd::F32x4;

/// Coefficients of [`adam_update`].
#[derive(Clone, Copy, Debug)]
pub struct Adam {
    /// Rate of this step.
    pub learning_rate: f64,
    /// What is kept of the mean of the gradients at each step, in [0, 1).
    pub beta1: f64,
    /// What is kept of the mean of their squares at each step, in [0, 1).
    pub beta2: f64,
    /// Added to the root of that mean; above 0, as both may be 0.
    pub epsilon: f64,
    /// Decoupled: shrinks the parameter, and does not go into the moments.
    pub weight_decay: f64,
}

/// One step, in this order and each element on its own:
///
/// ```text
/// steps         = steps + 1
/// first_moment  = beta1 first_moment  + (1 - beta1) gradient
/// second_moment = beta2 second_moment + (1 - beta2) gradient^2
/// direction     = first_moment / (1 - beta1^steps) / (sqrt(second_moment / (1 - beta2^steps)) + epsilon)
/// parameter    -= learning_rate (direction + weight_decay parameter)
/// ```
///
/// Kingma and Ba 2015 (arXiv:1412.6980, algorithm 1), the decay as in Loshchilov and Hutter 2019 (arXiv:1711.05101);
/// `epsilon` stands where PyTorch and TensorFlow.js have it, outside of the corrected root. `steps` counts the updates
/// of these parameters, 0 before the first.
///
/// # Panics
/// When the lengths differ.
pub fn adam_update(
    adam: Adam,
    steps: &mut i32,
    parameter: &mut [f32],
    gradient: &[f32],
    first_moment: &mut [f32],
    second_moment: &mut [f32],
) {
    *steps = steps.saturating_add(1);
    let splat = |value: f64| F32x4::splat(value as f32);
    let (beta1, beta2) = (adam.beta1, adam.beta2);
    let rate = splat(adam.learning_rate / (1.0 - power(beta1, *steps)));
    let root_scale = splat(1.0 / (1.0 - power(beta2, *steps)).sqrt());
    let epsilon = splat(adam.epsilon);
    let decay = splat(adam.learning_rate * adam.weight_decay);
    let (new1, new2) = (splat(1.0 - beta1), splat(1.0 - beta2));
    let flush = Flush::new();
    // beta m = m - (1 - beta) m: 0.999 as a float is off by 1.3e-5 of its distance to 1, and so would the mean be.
    let mean =
        move |old: F32x4, share: F32x4, new: F32x4| flush.apply((old - share * old) + share * new);
    let moments = [first_moment, second_moment];
    update_with_moments(parameter, gradient, moments, move |p, g, [m, v]| {
        let (m, v) = (mean(m, new1, g), mean(v, new2, g * g));
        let direction = m / (v.sqrt() * root_scale + epsilon);
        (p - (rate * direction + decay * p), [m, v])
    });
}

/// `base^exponent` by squaring: multiplications only, so the same bits everywhere, and for any count without the ones
/// before it.
fn power(base: f64, exponent: i32) -> f64 {
    let (mut result, mut square) = (1.0, base);
    let mut rest = exponent;
    while rest > 0 {
        if rest & 1 == 1 {
            result *= square;
        }
        square *= square;
        rest >>= 1;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::power;

    #[test]
    fn powers_are_those_of_a_running_product() {
        for base in [0.0, 0.5, 0.9, 0.999, 1.0 - 1e-7] {
            let mut product = 1.0;
            for exponent in 0..if cfg!(miri) { 40 } else { 3000 } {
                let error = (power(base, exponent) - product).abs();
                assert!(
                    error <= 1e-12 * product,
                    "{base}^{exponent}: off by {error:e}"
                );
                product *= base;
            }
        }
        assert_eq!(power(0.999, i32::MAX), 0.0);
        assert_eq!(power(0.5, 1000), f64::from_bits((1023 - 1000) << 52));
    }
}
