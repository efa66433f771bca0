//! `dense` against naive f64 loops.

mod layer;
#[path = "../reference/mod.rs"]
mod reference;

use fourlane_core::kernels::activation::Activation;
use fourlane_core::kernels::dense_panels::{self as panels, dense_panels_backward_weight};
use fourlane_core::kernels::sgd::sgd_update;
use fourlane_core::pool::with_threads;
use layer::{Layer, RATE};
use proptest::prelude::*;
use reference::compare::assert_near;
use reference::dense::DenseCase;
use reference::{cases, workspace};

#[test]
fn cases_of_the_table() {
    for case in cases::<DenseCase>("dense") {
        if !cfg!(miri) || case.batch * case.inputs * case.units < 400 {
            for layer in Layer::both(case) {
                layer.check();
                layer.check_adjoint();
            }
        }
    }
}

#[test]
fn bias_gradient_of_more_rows_than_a_block_and_every_strip() {
    for units in if cfg!(miri) { 15..18 } else { 1..40 } {
        let batch = if cfg!(miri) { 3 } else { 150 };
        let case = DenseCase {
            batch,
            inputs: 1,
            units,
        };
        Layer::both(case).iter().for_each(Layer::check);
    }
}

/// Every loop over blocks runs more than once, also the last, shorter one.
#[test]
#[cfg(not(miri))] // Too many products for an interpreter.
fn several_blocks_of_each_dimension() {
    for case in [
        DenseCase {
            batch: 131,
            inputs: 21,
            units: 19,
        },
        DenseCase {
            batch: 5,
            inputs: 2003,
            units: 9,
        },
        DenseCase {
            batch: 6,
            inputs: 521,
            units: 1037,
        },
    ] {
        Layer::both(case).iter().for_each(Layer::check);
    }
}

#[test]
fn activation_is_applied_to_the_finished_sum() {
    let inputs = if cfg!(miri) { 5 } else { 600 };
    let case = DenseCase {
        batch: 3,
        inputs,
        units: 5,
    };
    for (layer, activation) in Layer::both(case).iter().flat_map(|layer| {
        [Activation::Sigmoid, Activation::Tanh].map(|activation| (layer, activation))
    }) {
        let linear = layer.forward(Some(&layer.bias), Activation::Linear);
        let got = layer.forward(Some(&layer.bias), activation);
        for (i, (&got, &sum)) in got.iter().zip(&linear).enumerate() {
            let sum = f64::from(sum);
            let expected = if activation == Activation::Tanh {
                sum.tanh()
            } else {
                1.0 / (1.0 + (-sum).exp())
            };
            // Two units in the last place of numbers below 1.
            assert_near(
                &format!("{activation:?} [{i}]"),
                f64::from(got),
                expected,
                2.4e-7,
            );
        }
    }
}

/// Descent in one pass gives the bits of gradient and update one after the other.
#[test]
fn descent_is_gradient_and_update_at_once() {
    for (batch, inputs, units) in [(0, 3, 2), (1, 1, 1), (5, 7, 9), (13, 6, 16)] {
        let layer = Layer::new(DenseCase {
            batch,
            inputs,
            units,
        });
        let mut expected = layer.weight_panels();
        let mut gradient = vec![f32::NAN; expected.len()];
        let mut grad_bias = vec![f32::NAN; units];
        dense_panels_backward_weight(
            layer.shape,
            &layer.input,
            &layer.grad_output,
            &mut gradient,
            Some(&mut grad_bias),
            false,
            &mut workspace(panels::workspace_len()),
        );
        let mut expected_bias = layer.bias.clone();
        sgd_update(RATE, 0.0, &mut expected, &gradient);
        sgd_update(RATE, 0.0, &mut expected_bias, &grad_bias);
        assert_eq!(layer.descent(), [expected, expected_bias, grad_bias]);
    }
}

/// Jobs and the order of sums hang on the shape alone.
#[test]
fn bits_do_not_depend_on_threads() {
    let shapes = if cfg!(miri) {
        vec![(5, 9, 17)]
    } else {
        vec![
            (130, 300, 70),
            (37, 1100, 90),
            (60, 70, 600),
            (1, 700, 300),
            (100, 2000, 10),
        ]
    };
    for (batch, inputs, units) in shapes {
        let case = DenseCase {
            batch,
            inputs,
            units,
        };
        for layer in Layer::both(case) {
            let passes = || {
                let forward = layer.forward(Some(&layer.bias), Activation::Relu);
                let descent = layer.descent();
                (
                    forward,
                    layer.backward_input(),
                    layer.backward_weight(Some(0.5)),
                    descent,
                )
            };
            let alone = passes();
            for threads in [2, 3] {
                assert!(
                    alone == with_threads(threads, passes),
                    "{case:?}, panels {}, {threads} threads",
                    layer.panels
                );
            }
        }
    }
}

#[test]
#[should_panic(expected = "bias of")]
fn bias_of_another_length_is_refused() {
    let layer = Layer::new(DenseCase {
        batch: 1,
        inputs: 1,
        units: 2,
    });
    layer.forward(Some(&[0.0]), Activation::Linear);
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if cfg!(miri) { 4 } else { 200 },
        failure_persistence: None,
        ..ProptestConfig::default()
    })]
    #[test]
    fn any_small_layer(
        (batch, inputs, units) in if cfg!(miri) { (0..4usize, 0..7usize, 1..10usize) } else { (0..20, 0..40, 1..40) }
    ) {
        for layer in Layer::both(DenseCase { batch, inputs, units }) {
            layer.check();
            layer.check_adjoint();
        }
    }
}
