//! The fused cross entropy against that of f64.

mod reference;

use fourlane_core::kernels::softmax_cross_entropy::{
    softmax_cross_entropy_backward, softmax_cross_entropy_forward,
    sparse_softmax_cross_entropy_backward, sparse_softmax_cross_entropy_forward,
};
use proptest::prelude::*;
use reference::compare::{assert_close, assert_near};
use reference::softmax_cross_entropy as naive;
use reference::{central_differences, property_tests, values, wide};

/// Losses of the samples.
fn forward(size: usize, prediction: &[f32], target: &[f32]) -> Vec<f32> {
    let mut losses = vec![f32::NAN; prediction.len() / size.max(1)];
    let total = softmax_cross_entropy_forward(size, prediction, target, &mut losses);
    let sum: f64 = losses.iter().map(|&l| f64::from(l)).sum();
    assert!(total == sum || total.is_nan(), "total {total}, sum {sum}");
    losses
}

fn backward(size: usize, prediction: &[f32], target: &[f32], scale: f32) -> Vec<f32> {
    let mut gradient = vec![f32::NAN; prediction.len()];
    softmax_cross_entropy_backward(size, prediction, target, scale, &mut gradient);
    gradient
}

/// Losses and gradient by labels, which must be those of one-hot targets.
fn sparse(size: usize, prediction: &[f32], labels: &[i32], scale: f32) -> (Vec<f32>, Vec<f32>) {
    let mut losses = vec![f32::NAN; labels.len()];
    let mut gradient = vec![f32::NAN; prediction.len()];
    sparse_softmax_cross_entropy_forward(size, prediction, labels, &mut losses).unwrap();
    sparse_softmax_cross_entropy_backward(size, prediction, labels, scale, &mut gradient).unwrap();
    (losses, gradient)
}

fn one_hot(size: usize, labels: &[i32]) -> Vec<f32> {
    let mut target = vec![0.0; size * labels.len()];
    for (i, &label) in labels.iter().enumerate() {
        target[i * size + label as usize] = 1.0;
    }
    target
}

fn check(size: usize, prediction: &[f32], target: &[f32], scale: f32) {
    let what = format!("{} entries in samples of {size}", prediction.len());
    let losses = forward(size, prediction, target);
    let gradient = backward(size, prediction, target, scale);
    let range = prediction.iter().fold(0.0f32, |most, z| most.max(z.abs())) * 2.0;
    let samples = prediction
        .chunks(size)
        .zip(target.chunks(size))
        .map(|(z, t)| (wide(z), wide(t)));
    for (i, (logits, target)) in samples.enumerate() {
        let total: f64 = target.iter().map(|t| t.abs()).sum();
        // Roundings of distances and of their products with the targets.
        let tolerance = (4.0 + f64::from(range)) * f64::from(f32::EPSILON) * total;
        let expected = naive::loss(&logits, &target);
        assert_near(&what, f64::from(losses[i]), expected, tolerance);
        let factor = f64::from(scale);
        let expected: Vec<f64> = naive::gradient(&logits, &target)
            .iter()
            .map(|g| factor * g)
            .collect();
        let got = &gradient[i * size..(i + 1) * size];
        assert_close(&what, got, &expected, tolerance * factor.abs());
    }
}

#[test]
fn sizes_around_vectors() {
    let sizes: &[usize] = if cfg!(miri) {
        &[1, 5]
    } else {
        &[1, 2, 3, 4, 5, 7, 8, 10, 131]
    };
    for &size in sizes {
        for samples in [0, 1, 3] {
            let prediction: Vec<f32> = values(1, samples * size).iter().map(|z| 5.0 * z).collect();
            let labels: Vec<i32> = (0..samples).map(|i| ((i * 7 + 2) % size) as i32).collect();
            let target = one_hot(size, &labels);
            check(size, &prediction, &target, 0.25);
            check(size, &prediction, &values(2, samples * size), 0.25);
            let (losses, gradient) = sparse(size, &prediction, &labels, 0.25);
            assert_eq!(
                losses,
                forward(size, &prediction, &target),
                "{samples} of {size}"
            );
            assert_eq!(gradient, backward(size, &prediction, &target, 0.25));
        }
    }
    assert!(backward(0, &[], &[], 1.0).is_empty());
}

#[test]
fn gradient_is_that_of_central_differences() {
    let (prediction, target) = (values(3, 7), values(4, 7));
    let targets = wide(&target);
    let expected = central_differences(&wide(&prediction), |z| naive::loss(z, &targets));
    assert_close(
        "gradient",
        &backward(7, &prediction, &target, 1.0),
        &expected,
        1e-6,
    );
}

/// Where softmax rounds to 1 or underflows to 0, its logarithm would be 0 or infinite.
#[test]
fn losses_are_right_at_both_ends() {
    for (logits, label) in [
        ([20.0, 0.5, -1.0], 0),
        ([40.0, -50.0, -2.0], 0),
        ([20.0, 0.5, -1.0], 1),
        ([300.0, 0.0, -400.0], 2),
        ([-1e30, 0.0, 1e30], 0),
    ] {
        let (losses, gradient) = sparse(3, &logits, &[label], 1.0);
        let (logits, target) = (wide(&logits), wide(&one_hot(3, &[label])));
        // The sum of exponentials is 1 and more, and an f64: what is below 1e-16 of it is lost.
        let expected = naive::loss(&logits, &target);
        let tolerance = 1e-6 * expected + 4e-16;
        assert_near("loss", f64::from(losses[0]), expected, tolerance);
        let expected = naive::gradient(&logits, &target);
        for (j, (&got, expected)) in gradient.iter().zip(expected).enumerate() {
            let tolerance = 1e-6 * expected.abs() + 4e-16;
            assert_near(
                &format!("gradient {j}"),
                f64::from(got),
                expected,
                tolerance,
            );
        }
    }
}

#[test]
fn impossible_classes_that_do_not_occur_cost_nothing() {
    let logits = [1.0, f32::NEG_INFINITY, 1.0];
    let half = std::f32::consts::LN_2;
    assert_eq!(forward(3, &logits, &[1.0, 0.0, 0.0]), [half]);
    assert_eq!(
        sparse(3, &logits, &[2], 1.0),
        (vec![half], vec![0.5, 0.0, -0.5])
    );
    assert_eq!(forward(3, &logits, &[0.0, 1.0, 0.0]), [f32::INFINITY]);
    assert_eq!(forward(3, &logits, &[0.0; 3]), [0.0]);
}

#[test]
fn nan_spoils_its_sample_only() {
    for at in 0..5 {
        let mut prediction = [0.5; 10];
        prediction[5 + at] = f32::NAN;
        let (losses, gradient) = sparse(5, &prediction, &[1, 1], 1.0);
        assert!(losses[0].is_finite() && losses[1].is_nan(), "{at}");
        assert!(
            gradient[5..].iter().all(|g| g.is_nan()) && gradient[..5].iter().all(|g| g.is_finite())
        );
        let dense = forward(5, &prediction, &one_hot(5, &[1, 1]));
        assert!(dense[0].is_finite() && dense[1].is_nan(), "{at}");
    }
}

#[test]
fn a_label_out_of_range_is_an_error_and_nothing_is_written() {
    for label in [-1, 3, i32::MIN, i32::MAX] {
        let labels = [0, 2, label];
        let (mut losses, mut gradient) = ([7.0; 3], [7.0; 9]);
        let expected = format!(
            "sparseSoftmaxCrossEntropy: labels[2] is {label}, expected an integer in [0, 3)"
        );
        let error = sparse_softmax_cross_entropy_forward(3, &[0.5; 9], &labels, &mut losses);
        assert_eq!(error.unwrap_err().0, expected);
        let error =
            sparse_softmax_cross_entropy_backward(3, &[0.5; 9], &labels, 1.0, &mut gradient);
        assert_eq!(error.unwrap_err().0, expected);
        assert_eq!((losses, gradient), ([7.0; 3], [7.0; 9]));
    }
}

#[test]
#[should_panic(expected = "2 predictions of 3")]
fn broken_samples_are_refused() {
    softmax_cross_entropy_forward(3, &[0.0; 7], &[0.0; 7], &mut [0.0; 2]);
}

proptest! {
    #![proptest_config(property_tests(300))]
    #[test]
    fn any_predictions(
        size in 1..20usize,
        samples in 0..4usize,
        range in 0.0f32..100.0,
        scale in -2.0f32..2.0,
    ) {
        let prediction: Vec<f32> = values(size as u32, samples * size).iter().map(|z| range * z).collect();
        check(size, &prediction, &values(5, samples * size), scale);
    }
}
