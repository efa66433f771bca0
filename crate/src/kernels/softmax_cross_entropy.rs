//! `loss = -sum over j of target[j] log softmax(prediction)[j]` for each sample, and its gradient
//! `softmax(prediction) sum(target) - target`.
//!
//! The two are one kernel: the logarithm of a softmax that has underflowed to 0 would be infinite, while
//! `log softmax(z)[j] = z[j] - max(z) - log(sum over k of exp(z[k] - max(z)))` is right for any finite z.
//!
//! Sizes: `prediction [samples, size]` (logits), `target` as `prediction`, or `labels [samples]` in place of one-hot
//! targets; `sample_loss [samples]`. The number of samples may be zero.

use super::share::{each_loss, each_row};
use super::softmax::{exponentials, largest, sum_of_exponentials};
use crate::ensure;
use crate::error::Result;
use crate::simd::{F32x4, sum, sum_with};

/// Writes the loss of each sample; their sum.
///
/// A target of 0 adds nothing, also where the prediction is minus infinity.
///
/// # Panics
/// When the slices do not fit `size`.
pub fn softmax_cross_entropy_forward(
    size: usize,
    prediction: &[f32],
    target: &[f32],
    sample_loss: &mut [f32],
) -> f64 {
    check_lens(size, sample_loss.len(), prediction.len());
    assert_eq!(target.len(), prediction.len(), "target");
    each_loss(size, sample_loss, |row| {
        let (logits, target) = (&prediction[row.clone()], &target[row]);
        let LogSum { largest, log } = LogSum::of(logits);
        let (shift, zero) = (F32x4::splat(largest), F32x4::splat(0.0));
        let distance = sum_with(logits, target, |z, t| {
            F32x4::select(t.ne(zero), t * (shift - z), zero)
        });
        distance + log * sum(target, 0.0, |t| t)
    })
}

/// `grad_prediction = scale (softmax(prediction) sum(target) - target)`; overwrites `grad_prediction`.
///
/// # Panics
/// When the slices do not fit `size`.
pub fn softmax_cross_entropy_backward(
    size: usize,
    prediction: &[f32],
    target: &[f32],
    scale: f32,
    grad_prediction: &mut [f32],
) {
    assert_eq!(target.len(), prediction.len(), "target");
    assert_eq!(grad_prediction.len(), prediction.len(), "gradPrediction");
    if size == 0 {
        return;
    }
    check_lens(size, prediction.len() / size, prediction.len());
    each_row(size, grad_prediction, |row, gradient| {
        let (logits, target) = (&prediction[row.clone()], &target[row]);
        exponentials(logits, gradient);
        let factor = sum(target, 0.0, |t| t) / sum(gradient, 0.0, |e| e);
        for (gradient, &target) in gradient.iter_mut().zip(target) {
            *gradient = difference(*gradient, factor, target, scale);
        }
    });
}

/// As [`softmax_cross_entropy_forward`] with one-hot targets that are given as labels.
///
/// # Errors
/// When a label is not in `[0, size)`; nothing is written then.
///
/// # Panics
/// When the slices do not fit `size`.
pub fn sparse_softmax_cross_entropy_forward(
    size: usize,
    prediction: &[f32],
    labels: &[i32],
    sample_loss: &mut [f32],
) -> Result<f64> {
    assert_eq!(labels.len(), sample_loss.len(), "labels");
    check_lens(size, labels.len(), prediction.len());
    check_labels(size, labels)?;
    Ok(each_loss(size, sample_loss, |row| {
        let label = labels[row.start / size] as usize;
        let logits = &prediction[row];
        let LogSum { largest, log } = LogSum::of(logits);
        f64::from(largest - logits[label]) + log
    }))
}

/// As [`softmax_cross_entropy_backward`] with one-hot targets that are given as labels.
///
/// # Errors
/// When a label is not in `[0, size)`; nothing is written then.
///
/// # Panics
/// When the slices do not fit `size`.
pub fn sparse_softmax_cross_entropy_backward(
    size: usize,
    prediction: &[f32],
    labels: &[i32],
    scale: f32,
    grad_prediction: &mut [f32],
) -> Result<()> {
    check_lens(size, labels.len(), prediction.len());
    assert_eq!(grad_prediction.len(), prediction.len(), "gradPrediction");
    check_labels(size, labels)?;
    each_row(size, grad_prediction, |row, gradient| {
        let label = labels[row.start / size] as usize;
        exponentials(&prediction[row], gradient);
        let factor = 1.0 / sum(gradient, 0.0, |e| e);
        for (j, gradient) in gradient.iter_mut().enumerate() {
            let target = if j == label { 1.0 } else { 0.0 };
            *gradient = difference(*gradient, factor, target, scale);
        }
    });
    Ok(())
}

/// `scale (exponential factor - target)`, in f64: where the prediction is nearly right the two are nearly alike, and
/// what is left of them is the gradient.
#[inline(always)]
fn difference(exponential: f32, factor: f64, target: f32, scale: f32) -> f32 {
    (f64::from(scale) * (f64::from(exponential) * factor - f64::from(target))) as f32
}

/// `log(sum over j of exp(row[j])) = largest + log`.
struct LogSum {
    largest: f32,
    log: f64,
}

impl LogSum {
    fn of(row: &[f32]) -> Self {
        let largest = largest(row);
        let log = libm::log(sum_of_exponentials(row, largest));
        Self { largest, log }
    }
}

fn check_lens(size: usize, samples: usize, len: usize) {
    assert_eq!(len, samples * size, "{samples} predictions of {size}");
}

fn check_labels(size: usize, labels: &[i32]) -> Result<()> {
    for (i, &label) in labels.iter().enumerate() {
        ensure!(
            usize::try_from(label).is_ok_and(|label| label < size),
            "sparseSoftmaxCrossEntropy: labels[{i}] is {label}, expected an integer in [0, {size})"
        );
    }
    Ok(())
}
