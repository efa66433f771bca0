//! Gradient descent with momentum.

use super::moments::{Flush, update_with_moments};
use crate::simd::F32x4;

/// Coefficients of [`sgd_momentum_update`].
#[derive(Clone, Copy, Debug)]
pub struct SgdMomentum {
    /// Rate of this step.
    pub learning_rate: f32,
    /// What is kept of the velocity at each step.
    pub momentum: f32,
    /// Whether the step looks ahead: along `gradient + momentum velocity`, instead of `velocity`.
    pub nesterov: bool,
    /// Decoupled: shrinks the parameter, and does not go into the velocity.
    pub weight_decay: f32,
}

/// `velocity = momentum velocity + gradient`, then `parameter -= learning_rate (velocity + weight_decay parameter)`.
///
/// The velocity does not hold the rate, which may change from step to step: Sutskever et al. 2013 (ICML, "On the
/// importance of initialization and momentum in deep learning") as torch.optim.SGD has it.
///
/// # Panics
/// When the lengths differ.
pub fn sgd_momentum_update(
    step: SgdMomentum,
    parameter: &mut [f32],
    gradient: &[f32],
    velocity: &mut [f32],
) {
    let rate = F32x4::splat(step.learning_rate);
    let momentum = F32x4::splat(step.momentum);
    let decay = F32x4::splat(step.weight_decay);
    let along = move |direction: F32x4, p: F32x4| p - rate * (direction + decay * p);
    let flush = Flush::new();
    let kept = move |v: F32x4, g: F32x4| flush.apply(momentum * v + g);
    if step.nesterov {
        update_with_moments(parameter, gradient, [velocity], move |p, g, [v]| {
            let v = kept(v, g);
            (along(g + momentum * v, p), [v])
        });
    } else {
        update_with_moments(parameter, gradient, [velocity], move |p, g, [v]| {
            let v = kept(v, g);
            (along(v, p), [v])
        });
    }
}
