//! `dense` against naive f64 loops.

mod reference;

use fourlane_core::kernels::activation::Activation;
use fourlane_core::kernels::dense::{
    DenseShape, WORKSPACE_LEN, dense_backward_input, dense_backward_weight, dense_forward,
};
use fourlane_core::kernels::dense_panels::{
    self as panels, dense_panels_backward_input, dense_panels_backward_weight,
    dense_panels_descend, dense_panels_forward,
};
use fourlane_core::kernels::sgd::sgd_update;
use proptest::prelude::*;
use reference::compare::{assert_close, assert_near, largest, sum_tolerance};
use reference::dense::{DenseCase, bias_gradient, from_panels, to_panels};
use reference::{cases, dot, magnitudes, values, workspace};

struct Layer {
    /// Weights and their gradient as panels; shown row-major all the same.
    panels: bool,
    case: DenseCase,
    shape: DenseShape,
    input: Vec<f32>,
    weight: Vec<f32>,
    bias: Vec<f32>,
    grad_output: Vec<f32>,
}

impl Layer {
    /// In both layouts of the weights.
    fn both(case: DenseCase) -> [Self; 2] {
        [false, true].map(|panels| Self {
            panels,
            ..Self::new(case)
        })
    }

    fn new(case: DenseCase) -> Self {
        let DenseCase {
            batch,
            inputs,
            units,
        } = case;
        Self {
            panels: false,
            case,
            shape: DenseShape::new(batch, inputs, units).unwrap(),
            input: values(1, batch * inputs),
            weight: values(2, inputs * units),
            bias: values(3, units),
            grad_output: values(4, batch * units),
        }
    }

    fn weight_panels(&self) -> Vec<f32> {
        to_panels(&self.case, &self.weight)
    }

    fn forward(&self, bias: Option<&[f32]>, activation: Activation) -> Vec<f32> {
        let mut output = vec![f32::NAN; self.shape.output_len()];
        if self.panels {
            let weight = self.weight_panels();
            dense_panels_forward(
                self.shape,
                &self.input,
                &weight,
                bias,
                activation,
                &mut output,
            );
            return output;
        }
        let workspace = &mut workspace(WORKSPACE_LEN);
        dense_forward(
            self.shape,
            &self.input,
            &self.weight,
            bias,
            activation,
            &mut output,
            workspace,
        );
        output
    }

    fn backward_input(&self) -> Vec<f32> {
        let mut grad_input = vec![f32::NAN; self.shape.input_len()];
        if self.panels {
            dense_panels_backward_input(
                self.shape,
                &self.grad_output,
                &self.weight_panels(),
                &mut grad_input,
                &mut workspace(panels::WORKSPACE_LEN),
            );
            return grad_input;
        }
        let workspace = &mut workspace(WORKSPACE_LEN);
        dense_backward_input(
            self.shape,
            &self.grad_output,
            &self.weight,
            &mut grad_input,
            workspace,
        );
        grad_input
    }

    /// Gradients of weight and bias on top of `start`, or over NaN.
    fn backward_weight(&self, start: Option<f32>) -> (Vec<f32>, Vec<f32>) {
        let fill = start.unwrap_or(f32::NAN);
        let mut grad_weight = vec![fill; self.shape.weight_len()];
        let mut grad_bias = vec![fill; self.shape.units];
        if self.panels {
            let mut gradient = vec![fill; panels::weight_len(self.shape)];
            dense_panels_backward_weight(
                self.shape,
                &self.input,
                &self.grad_output,
                &mut gradient,
                Some(&mut grad_bias),
                start.is_some(),
                &mut workspace(panels::WORKSPACE_LEN),
            );
            return (from_panels(&self.case, &gradient), grad_bias);
        }
        dense_backward_weight(
            self.shape,
            &self.input,
            &self.grad_output,
            &mut grad_weight,
            Some(&mut grad_bias),
            start.is_some(),
            &mut workspace(WORKSPACE_LEN),
        );
        (grad_weight, grad_bias)
    }

    fn check(&self) {
        let case = self.case;
        let (input, weight) = (magnitudes(&self.input), magnitudes(&self.weight));
        let (bias, grad_output) = (magnitudes(&self.bias), magnitudes(&self.grad_output));
        let what = |pass: &str| format!("{pass} of {case:?}, panels {}", self.panels);

        for given in [None, Some(&self.bias[..])] {
            let expected = case.forward(&self.input, &self.weight, given);
            let bound = largest(&case.forward(&input, &weight, Some(&bias)));
            let tolerance = sum_tolerance(case.inputs + 1, bound);
            let got = self.forward(given, Activation::Linear);
            assert_close(&what("forward"), &got, &expected, tolerance);
            let expected: Vec<f64> = expected.iter().map(|v| v.max(0.0)).collect();
            let got = self.forward(given, Activation::Relu);
            assert_close(&what("forward with relu"), &got, &expected, tolerance);
        }

        let expected = case.backward_input(&self.grad_output, &self.weight);
        let bound = largest(&case.backward_input(&grad_output, &weight));
        let tolerance = sum_tolerance(case.units, bound);
        assert_close(
            &what("backward input"),
            &self.backward_input(),
            &expected,
            tolerance,
        );

        for start in [None, Some(0.5)] {
            let plus = |v: &f64| v + f64::from(start.unwrap_or(0.0));
            let (got, got_bias) = self.backward_weight(start);
            let expected = case.backward_weight(&self.input, &self.grad_output);
            let expected: Vec<f64> = expected.iter().map(plus).collect();
            let bound = largest(&case.backward_weight(&input, &grad_output)) + 0.5;
            let tolerance = sum_tolerance(case.batch + 1, bound);
            assert_close(&what("backward weight"), &got, &expected, tolerance);
            let expected = bias_gradient(case.units, &self.grad_output);
            let expected: Vec<f64> = expected.iter().map(plus).collect();
            let bound = largest(&bias_gradient(case.units, &grad_output)) + 0.5;
            let tolerance = sum_tolerance(case.batch + 1, bound);
            assert_close(&what("bias gradient"), &got_bias, &expected, tolerance);
        }
    }

    /// `<forward(x), g> = <x, backward_input(g)> = <w, backward_weight(x, g)>`: the gradients are the exact adjoints.
    fn check_adjoint(&self) {
        let DenseCase {
            batch,
            inputs,
            units,
        } = self.case;
        let output = self.forward(None, Activation::Linear);
        let expected = dot(&output, &self.grad_output);
        let magnitude = (batch * inputs * units) as f64;
        // Errors of single outputs are independent of each other, so the whole sum is far below its bound.
        let tolerance = sum_tolerance(inputs.max(units).max(batch), magnitude);
        let by_input = dot(&self.input, &self.backward_input());
        assert_near(
            &format!("input of {:?}", self.case),
            by_input,
            expected,
            tolerance,
        );
        let by_weight = dot(&self.weight, &self.backward_weight(None).0);
        assert_near(
            &format!("weight of {:?}", self.case),
            by_weight,
            expected,
            tolerance,
        );
    }
}

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
        let (rate, shape) = (0.25, layer.shape);
        let space = &mut workspace(panels::WORKSPACE_LEN);
        let mut expected = layer.weight_panels();
        let mut gradient = vec![f32::NAN; expected.len()];
        let mut grad_bias = vec![f32::NAN; units];
        dense_panels_backward_weight(
            shape,
            &layer.input,
            &layer.grad_output,
            &mut gradient,
            Some(&mut grad_bias),
            false,
            space,
        );
        let mut expected_bias = layer.bias.clone();
        sgd_update(rate, 0.0, &mut expected, &gradient);
        sgd_update(rate, 0.0, &mut expected_bias, &grad_bias);
        let (mut weight, mut bias) = (layer.weight_panels(), layer.bias.clone());
        let mut left = vec![f32::NAN; units];
        let both = Some((&mut bias[..], &mut left[..]));
        dense_panels_descend(
            shape,
            &layer.input,
            &layer.grad_output,
            rate,
            &mut weight,
            both,
            space,
        );
        assert_eq!((weight, bias, left), (expected, expected_bias, grad_bias));
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
