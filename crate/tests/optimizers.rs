//! `sgd`, `sgd_momentum` and `adam` against the formulas in f64, step by step.

mod reference;

use fourlane_core::kernels::adam::{Adam, adam_update};
use fourlane_core::kernels::moments::SMALLEST_MOMENT;
use fourlane_core::kernels::sgd::sgd_update;
use fourlane_core::kernels::sgd_momentum::{SgdMomentum, sgd_momentum_update};
use proptest::prelude::*;
use reference::compare::{assert_close, largest};
use reference::optimizers::{Reference, Rule};
use reference::{LENS, property_tests, values};

const ADAM: Rule = Rule::Adam {
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-7,
};
const MOMENTUM: Rule = Rule::Momentum {
    momentum: 0.9,
    nesterov: false,
};
const RULES: [Rule; 5] = [
    Rule::Sgd,
    MOMENTUM,
    Rule::Momentum {
        momentum: 0.7,
        nesterov: true,
    },
    ADAM,
    Rule::Adam {
        beta1: 0.0,
        beta2: 0.5,
        epsilon: 1e-2,
    },
];

/// Parameters in f32 with what the kernels keep for them.
#[derive(Clone, Debug, PartialEq)]
struct State {
    parameter: Vec<f32>,
    first: Vec<f32>,
    second: Vec<f32>,
    steps: i32,
}

impl State {
    fn new(parameter: &[f32]) -> Self {
        Self {
            parameter: parameter.to_vec(),
            first: vec![0.0; parameter.len()],
            second: vec![0.0; parameter.len()],
            steps: 0,
        }
    }

    fn step(&mut self, rule: Rule, weight_decay: f64, learning_rate: f64, gradient: &[f32]) {
        let parameter = &mut self.parameter;
        match rule {
            Rule::Sgd => sgd_update(
                learning_rate as f32,
                weight_decay as f32,
                parameter,
                gradient,
            ),
            Rule::Momentum { momentum, nesterov } => {
                let step = SgdMomentum {
                    learning_rate: learning_rate as f32,
                    momentum: momentum as f32,
                    nesterov,
                    weight_decay: weight_decay as f32,
                };
                sgd_momentum_update(step, parameter, gradient, &mut self.first);
            }
            Rule::Adam {
                beta1,
                beta2,
                epsilon,
            } => {
                let adam = Adam {
                    learning_rate,
                    beta1,
                    beta2,
                    epsilon,
                    weight_decay,
                };
                let (first, second) = (&mut self.first, &mut self.second);
                adam_update(adam, &mut self.steps, parameter, gradient, first, second);
            }
        }
    }
}

/// Steps with rates that change, as what is kept must not hold them.
fn check(rule: Rule, weight_decay: f64, len: usize, steps: u32, seed: u32) {
    let start = values(seed, len);
    let mut state = State::new(&start);
    let mut expected = Reference::new(rule, weight_decay, &start);
    for step in 1..=steps {
        let rate = 0.125 / f64::from(step);
        let gradient = values(seed + step, len);
        state.step(rule, weight_decay, rate, &gradient);
        expected.step(rate, &gradient);
        // Some ten roundings a step, of numbers that stay below 8.
        let tolerance = f64::from(step) * 10.0 * 8.0 * f64::from(f32::EPSILON) / 2.0;
        assert!(largest(&expected.first) < 8.0 && largest(&expected.parameter) < 8.0);
        let what = |name: &str| format!("{name} of {len} in step {step} of {rule:?}");
        let parameter = &expected.parameter;
        assert_close(&what("parameter"), &state.parameter, parameter, tolerance);
        assert_close(&what("first"), &state.first, &expected.first, tolerance);
        assert_close(&what("second"), &state.second, &expected.second, tolerance);
    }
}

#[test]
fn every_value_of_every_step() {
    for rule in RULES {
        for &len in LENS {
            for weight_decay in [0.0, 0.25] {
                check(rule, weight_decay, len, if cfg!(miri) { 2 } else { 12 }, 1);
            }
        }
    }
}

#[test]
#[should_panic(expected = "parameter and gradient")]
fn gradients_of_another_length_are_refused() {
    State::new(&[0.0; 5]).step(Rule::Sgd, 0.0, 0.1, &[0.0; 4]);
}

#[test]
#[should_panic(expected = "parameter and gradient")]
fn gradients_of_another_length_are_refused_beside_moments() {
    State::new(&[0.0; 5]).step(ADAM, 0.0, 0.1, &[0.0; 4]);
}

#[test]
fn second_moments_of_long_trainings_keep_their_precision() {
    if cfg!(miri) {
        return;
    }
    let mut state = State::new(&[1.0; 3]);
    let mut expected = Reference::new(ADAM, 0.0, &[1.0; 3]);
    for step in 0..10_000 {
        let gradient = values(step, 3);
        state.step(ADAM, 0.0, 1e-3, &gradient);
        expected.step(1e-3, &gradient);
    }
    // A float of 0.999 beside one of 0.001 would settle 1.3e-5 off.
    let second = largest(&expected.second);
    assert_close("second", &state.second, &expected.second, 3e-6 * second);
    assert_close("parameter", &state.parameter, &expected.parameter, 1e-5);
}

#[test]
fn moments_go_to_zero_without_denormal_numbers_on_the_way() {
    let steps = if cfg!(miri) { 10 } else { 100_000 };
    // Near the bound already, so that few steps show it.
    let start = [2e-30, -1e-30, 0.0, 3e-30, 9e-31];
    for rule in [MOMENTUM, ADAM] {
        let mut state = State::new(&[1.0; 5]);
        state.first.copy_from_slice(&start);
        if matches!(rule, Rule::Adam { .. }) {
            state.second.copy_from_slice(&start.map(f32::abs));
        }
        for _ in 0..steps {
            state.step(rule, 0.0, 0.1, &[0.0; 5]);
            for &moment in state.first.iter().chain(&state.second) {
                assert!(
                    moment == 0.0 || moment.abs() >= SMALLEST_MOMENT,
                    "{moment:e}"
                );
            }
        }
        assert_eq!(state.first[1..3], [0.0; 2], "{rule:?}");
        if !cfg!(miri) {
            assert_eq!((state.first, state.second), (vec![0.0; 5], vec![0.0; 5]));
        }
    }
}

#[test]
fn gradients_below_the_bound_leave_no_moment() {
    let gradient = [f32::MIN_POSITIVE, -SMALLEST_MOMENT / 2.0];
    for rule in [MOMENTUM, ADAM] {
        let mut state = State::new(&[1.0, 2.0]);
        state.step(rule, 0.0, 0.1, &gradient);
        assert_eq!(state.first, [0.0; 2]);
        assert_eq!(state.parameter, [1.0, 2.0]);
    }
}

#[test]
fn nan_stays_in_its_element() {
    for rule in RULES {
        let mut state = State::new(&[1.0; 7]);
        let mut gradient = [0.5; 7];
        gradient[5] = f32::NAN;
        for _ in 0..2 {
            state.step(rule, 0.0, 0.1, &gradient);
        }
        for (i, value) in state.parameter.iter().enumerate() {
            assert_eq!(value.is_nan(), i == 5, "{rule:?} [{i}] is {value}");
        }
    }
}

#[test]
fn zero_gradients_leave_parameters_as_they_are() {
    for rule in RULES {
        let start = values(3, 6);
        let mut state = State::new(&start);
        state.step(rule, 0.0, 0.1, &[0.0; 6]);
        assert_eq!(state.parameter, start, "{rule:?}");
    }
}

#[test]
fn counts_of_steps_saturate() {
    let mut state = State::new(&[1.0]);
    state.steps = i32::MAX;
    state.step(ADAM, 0.0, 0.5, &[1.0]);
    assert_eq!(state.steps, i32::MAX);
    // Nothing is left to correct: 0.1 / sqrt(0.001).
    assert_close(
        "parameter",
        &state.parameter,
        &[1.0 - 0.5 * 0.1 / 0.001f64.sqrt()],
        1e-5,
    );
}

proptest! {
    #![proptest_config(property_tests(200))]
    #[test]
    fn any_coefficients(
        momentum in 0.0..0.8f64,
        nesterov: bool,
        beta1 in 0.0..0.95f64,
        beta2 in 0.0..0.9999f64,
        epsilon in 0.1..1.0f64,
        weight_decay in 0.0..1.0f64,
        len in 0..20usize,
        seed in 0..1000u32,
    ) {
        let steps = if cfg!(miri) { 2 } else { 8 };
        check(Rule::Momentum { momentum, nesterov }, weight_decay, len, steps, seed);
        check(Rule::Adam { beta1, beta2, epsilon }, weight_decay, len, steps, seed);
    }
}
