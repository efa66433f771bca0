//! A layer with data, in either layout of its weights, checked against the references.

use crate::reference::compare::{assert_close, assert_near, largest, sum_tolerance};
use crate::reference::dense::{DenseCase, bias_gradient, from_panels, to_panels};
use crate::reference::{dot, magnitudes, values, workspace};
use fourlane_core::kernels::activation::Activation;
use fourlane_core::kernels::dense::{
    DenseShape, WORKSPACE_LEN, dense_backward_input, dense_backward_weight, dense_forward,
};
use fourlane_core::kernels::dense_panels::{
    self as panels, dense_panels_backward_input, dense_panels_backward_weight,
    dense_panels_descend, dense_panels_forward,
};

/// Of plain descent.
pub const RATE: f32 = 0.25;

pub struct Layer {
    /// Weights and their gradient as panels; shown row-major all the same.
    pub panels: bool,
    pub case: DenseCase,
    pub shape: DenseShape,
    pub input: Vec<f32>,
    pub weight: Vec<f32>,
    pub bias: Vec<f32>,
    pub grad_output: Vec<f32>,
}

impl Layer {
    /// In both layouts of the weights.
    pub fn both(case: DenseCase) -> [Self; 2] {
        [false, true].map(|panels| Self {
            panels,
            ..Self::new(case)
        })
    }

    pub fn new(case: DenseCase) -> Self {
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

    pub fn weight_panels(&self) -> Vec<f32> {
        to_panels(&self.case, &self.weight)
    }

    pub fn forward(&self, bias: Option<&[f32]>, activation: Activation) -> Vec<f32> {
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

    pub fn backward_input(&self) -> Vec<f32> {
        let mut grad_input = vec![f32::NAN; self.shape.input_len()];
        if self.panels {
            dense_panels_backward_input(
                self.shape,
                &self.grad_output,
                &self.weight_panels(),
                &mut grad_input,
                &mut workspace(panels::workspace_len()),
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
    pub fn backward_weight(&self, start: Option<f32>) -> (Vec<f32>, Vec<f32>) {
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
                &mut workspace(panels::workspace_len()),
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

    /// Weight as panels and bias after a step of plain descent, of at most as many samples as it takes, and the gradient of
    /// the bias.
    pub fn descent(&self) -> [Vec<f32>; 3] {
        let batch = self.case.batch.min(panels::SAMPLES);
        let shape = DenseShape::new(batch, self.case.inputs, self.case.units).unwrap();
        let (mut weight, mut bias) = (self.weight_panels(), self.bias.clone());
        let mut grad_bias = vec![f32::NAN; shape.units];
        dense_panels_descend(
            shape,
            &self.input[..shape.input_len()],
            &self.grad_output[..shape.output_len()],
            RATE,
            &mut weight,
            Some((&mut bias[..], &mut grad_bias[..])),
            &mut workspace(panels::workspace_len()),
        );
        [weight, bias, grad_bias]
    }

    pub fn check(&self) {
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
    pub fn check_adjoint(&self) {
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
