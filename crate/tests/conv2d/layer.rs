//! A convolution with its data, by one way to compute it, and what every way has to satisfy.

use crate::reference::compare::{assert_close, assert_near, largest, sum_tolerance};
use crate::reference::conv2d::{self as naive, Conv2dCase};
use crate::reference::dense::bias_gradient;
use crate::reference::{dot, magnitudes, values, workspace};
use fourlane_core::kernels::activation::Activation;
use fourlane_core::kernels::conv2d::{
    Algorithm, Conv2d, Winograd, conv2d_backward_input, conv2d_backward_weight, conv2d_forward,
};
use fourlane_core::shape::Conv2dShape;

/// What rounding of the six-point transforms adds to that of the products: their constants reach 24 and 1 / 24 in each
/// of two axes. Measured: below 6 on these cases.
const SIX_POINTS: f64 = 12.0;

pub struct Layer {
    pub conv: Conv2d,
    pub shape: Conv2dShape,
    pub batch: usize,
    pub input: Vec<f32>,
    pub weight: Vec<f32>,
    pub bias: Vec<f32>,
    pub grad_output: Vec<f32>,
}

impl Layer {
    /// By every algorithm that takes the case, and as it is chosen.
    pub fn all(case: Conv2dCase) -> Vec<Self> {
        let shape = case.shape();
        let by_each = Algorithm::ALL.map(|algorithm| Conv2d::by(shape, algorithm));
        let chosen = [Winograd::Auto, Winograd::F2, Winograd::Off]
            .map(|allowed| Some(Conv2d::new(shape, allowed)));
        let mut ways: Vec<Conv2d> = Vec::new();
        for conv in by_each.into_iter().chain(chosen).flatten() {
            if !ways.contains(&conv) {
                ways.push(conv);
            }
        }
        ways.into_iter().map(|conv| Self::new(case, conv)).collect()
    }

    fn new(case: Conv2dCase, conv: Conv2d) -> Self {
        let (shape, batch) = (case.shape(), case.batch);
        Self {
            conv,
            shape,
            batch,
            input: values(1, shape.input_len(batch).unwrap()),
            weight: values(2, shape.weight_len()),
            bias: values(3, shape.out_c),
            grad_output: values(4, shape.output_len(batch).unwrap()),
        }
    }

    fn workspace(&self) -> Vec<f32> {
        workspace(self.conv.workspace_len().unwrap())
    }

    /// By how much a pass may be off, compared with sums of products.
    fn error_factor(&self, algorithm: Algorithm) -> f64 {
        match algorithm {
            Algorithm::Scatter | Algorithm::Direct => 1.0,
            Algorithm::F2x3 => 3.0,
            Algorithm::F4x3 | Algorithm::F5x2 | Algorithm::F2x5 => SIX_POINTS,
        }
    }

    pub fn forward(&self, bias: Option<&[f32]>, activation: Activation) -> Vec<f32> {
        let mut output = vec![f32::NAN; self.grad_output.len()];
        conv2d_forward(
            &self.conv,
            self.batch,
            &self.input,
            &self.weight,
            bias,
            activation,
            &mut output,
            &mut self.workspace(),
        );
        output
    }

    pub fn backward_input(&self) -> Vec<f32> {
        let mut grad_input = vec![f32::NAN; self.input.len()];
        conv2d_backward_input(
            &self.conv,
            self.batch,
            &self.grad_output,
            &self.weight,
            &mut grad_input,
            &mut self.workspace(),
        );
        grad_input
    }

    /// Gradients of weight and bias on top of `start`, or over NaN.
    pub fn backward_weight(&self, start: Option<f32>) -> (Vec<f32>, Vec<f32>) {
        let fill = start.unwrap_or(f32::NAN);
        let mut grad_weight = vec![fill; self.weight.len()];
        let mut grad_bias = vec![fill; self.bias.len()];
        conv2d_backward_weight(
            &self.conv,
            self.batch,
            &self.input,
            &self.grad_output,
            &mut grad_weight,
            Some(&mut grad_bias),
            start.is_some(),
            &mut self.workspace(),
        );
        (grad_weight, grad_bias)
    }

    pub fn check(&self) {
        let (s, n) = (&self.shape, self.batch);
        let (input, weight) = (magnitudes(&self.input), magnitudes(&self.weight));
        let (bias, grad_output) = (magnitudes(&self.bias), magnitudes(&self.grad_output));
        let what = |pass: &str| format!("{pass}, batch {n}, {:?}", self.conv);

        let biases = [Some(&self.bias[..]), None];
        for &given in if cfg!(miri) { &biases[..1] } else { &biases } {
            let expected = naive::forward(s, n, &self.input, &self.weight, given);
            let bound = largest(&naive::forward(s, n, &input, &weight, Some(&bias)));
            let tolerance =
                sum_tolerance(s.patch_len() + 1, bound) * self.error_factor(self.conv.forward);
            let got = self.forward(given, Activation::Linear);
            assert_close(&what("forward"), &got, &expected, tolerance);
            let expected: Vec<f64> = expected.iter().map(|v| v.max(0.0)).collect();
            let got = self.forward(given, Activation::Relu);
            assert_close(&what("forward with relu"), &got, &expected, tolerance);
        }

        let expected = naive::backward_input(s, n, &self.grad_output, &self.weight);
        let bound = largest(&naive::backward_input(s, n, &grad_output, &weight));
        let factor = self.error_factor(self.conv.backward_input);
        let tolerance = sum_tolerance(s.kernel_h * s.kernel_w * s.out_c, bound) * factor;
        let got = self.backward_input();
        assert_close(&what("backward input"), &got, &expected, tolerance);

        let pixels = n * s.out_h * s.out_w;
        for start in [None, Some(0.5)] {
            let plus = |v: &f64| v + f64::from(start.unwrap_or(0.0));
            let (got, got_bias) = self.backward_weight(start);
            let expected = naive::backward_weight(s, n, &self.input, &self.grad_output);
            let expected: Vec<f64> = expected.iter().map(plus).collect();
            let bound = largest(&naive::backward_weight(s, n, &input, &grad_output)) + 0.5;
            let tolerance =
                sum_tolerance(pixels + 1, bound) * self.error_factor(self.conv.backward_weight);
            assert_close(&what("backward weight"), &got, &expected, tolerance);
            let expected = bias_gradient(s.out_c, &self.grad_output);
            let expected: Vec<f64> = expected.iter().map(plus).collect();
            let bound = largest(&bias_gradient(s.out_c, &grad_output)) + 0.5;
            let tolerance = sum_tolerance(pixels + 1, bound);
            assert_close(&what("bias gradient"), &got_bias, &expected, tolerance);
        }
    }

    /// `<forward(x), g> = <x, backward_input(g)> = <w, backward_weight(x, g)>`: the gradients are the exact adjoints.
    pub fn check_adjoint(&self) {
        let (s, n) = (&self.shape, self.batch);
        let output = self.forward(None, Activation::Linear);
        let expected = dot(&output, &self.grad_output);
        let (mut products, mut longest) = (0.0, n * s.out_h * s.out_w);
        naive::for_each_product(s, n, |_, _, _| products += 1.0);
        longest = longest
            .max(s.patch_len())
            .max(s.kernel_h * s.kernel_w * s.out_c);
        // Each of the products is below 1, and each sum is at most `longest` long.
        let factor = [
            self.conv.forward,
            self.conv.backward_input,
            self.conv.backward_weight,
        ]
        .map(|algorithm| self.error_factor(algorithm));
        let tolerance = sum_tolerance(longest, products) * factor.into_iter().fold(1.0, f64::max);
        let by_input = dot(&self.input, &self.backward_input());
        assert_near(&format!("input of {s:?}"), by_input, expected, tolerance);
        let by_weight = dot(&self.weight, &self.backward_weight(None).0);
        assert_near(&format!("weight of {s:?}"), by_weight, expected, tolerance);
    }
}
