//! Activations against those of f64.

mod reference;

use fourlane_core::kernels::activation::{Activation, activation_backward, activation_forward};
use fourlane_core::simd::InOut;
use proptest::prelude::*;
use reference::activation::{ALL, activate, derivative};
use reference::compare::{assert_close, assert_rounded};
use reference::elementary::ulps;
use reference::{LENS, central_differences, property_tests, values, wide};

fn forward(activation: Activation, input: &[f32]) -> Vec<f32> {
    let mut output = vec![f32::NAN; input.len()];
    activation_forward(activation, InOut::apart(input, &mut output));
    output
}

fn backward(activation: Activation, output: &[f32], grad_output: &[f32]) -> Vec<f32> {
    let mut grad_input = vec![f32::NAN; output.len()];
    let gradients = InOut::apart(grad_output, &mut grad_input);
    activation_backward(activation, output, gradients);
    grad_input
}

/// Forward to 2 ulp and backward to a few roundings, each apart and in place.
fn check(activation: Activation, input: &[f32], grad_output: &[f32]) {
    let output = forward(activation, input);
    for (&x, &got) in input.iter().zip(&output) {
        let expected = activate(activation, f64::from(x));
        let error = ulps(got, expected);
        assert!(
            error <= 2.0,
            "{activation:?}({x:e}) is {got:e}, expected {expected:e}"
        );
    }
    let grad_input = backward(activation, &output, grad_output);
    let pairs = output.iter().zip(grad_output);
    let expected: Vec<f64> = pairs
        .map(|(&z, &g)| derivative(activation, f64::from(z)) * f64::from(g))
        .collect();
    // Two differences or sums and two products.
    assert_rounded(&format!("{activation:?}"), &grad_input, &expected, 4.0);

    let mut in_place = input.to_vec();
    activation_forward(activation, InOut::in_place(&mut in_place));
    assert_eq!(bits(&in_place), bits(&output), "{activation:?} in place");
    let mut in_place = grad_output.to_vec();
    activation_backward(activation, &output, InOut::in_place(&mut in_place));
    assert_eq!(bits(&in_place), bits(&grad_input), "gradient in place");
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|v| v.to_bits()).collect()
}

#[test]
fn lengths_around_vectors_and_blocks() {
    for &len in LENS {
        let input: Vec<f32> = values(1, len).iter().map(|x| 6.0 * x).collect();
        for activation in ALL {
            check(activation, &input, &values(2, len));
        }
    }
}

#[test]
fn gradient_is_that_of_central_differences() {
    let input: Vec<f32> = values(3, 37).iter().map(|x| 3.0 * x).collect();
    let weights = values(4, 37);
    for activation in ALL {
        let weighted = |x: &[f64]| -> f64 {
            let pairs = x.iter().zip(&weights);
            pairs
                .map(|(&x, &w)| activate(activation, x) * f64::from(w))
                .sum()
        };
        let expected = central_differences(&wide(&input), weighted);
        let got = backward(activation, &forward(activation, &input), &weights);
        // 1e-7 of the outputs, that is of the numbers around 1 that the derivatives are made of.
        assert_close(&format!("{activation:?}"), &got, &expected, 1e-6);
    }
}

#[test]
fn nan_goes_through_each_and_slopes_at_zero() {
    for activation in ALL {
        let output = forward(activation, &[1.0, f32::NAN, -1.0, 0.5, f32::NAN]);
        let nan: Vec<bool> = output.iter().map(|v| v.is_nan()).collect();
        assert_eq!(nan, [false, true, false, false, true], "{activation:?}");
        let gradient = backward(activation, &[0.5, 0.25], &[f32::NAN, 1.0]);
        assert!(gradient[0].is_nan() && !gradient[1].is_nan());
    }
    let gradient = backward(Activation::Relu, &[0.0, -0.0, 1e-45], &[3.0; 3]);
    assert_eq!(gradient, [0.0, 0.0, 3.0]);
}

#[test]
fn codes_are_those_that_javascript_knows() {
    for (code, activation) in ALL.into_iter().enumerate() {
        assert_eq!(Activation::from_code(code as u32), Ok(activation));
    }
    let error = Activation::from_code(4).unwrap_err();
    assert_eq!(error.0, "activation: expected a code in [0, 4), got 4");
}

#[test]
#[should_panic(expected = "output and gradient")]
fn gradient_of_another_length_is_refused() {
    activation_backward(Activation::Tanh, &[0.0; 3], InOut::in_place(&mut [0.0; 4]));
}

proptest! {
    #![proptest_config(property_tests(300))]
    #[test]
    fn any_floats(input in prop::collection::vec(any::<u32>().prop_map(f32::from_bits), 0..40)) {
        for activation in ALL {
            let output = forward(activation, &input);
            for (&x, &got) in input.iter().zip(&output) {
                prop_assert!(ulps(got, activate(activation, f64::from(x))) <= 2.0, "{activation:?}({x:e}) is {got:e}");
            }
        }
    }
}
