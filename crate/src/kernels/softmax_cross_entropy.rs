//! `loss = -sum over j of target[j] log softmax(prediction)[j]` for each sample, and its gradient
//! `softmax(prediction) sum(target) - target`.
//!
//! The two are one kernel: the logarithm of a softmax that has underflowed to 0 would be infinite, while
//! `log softmax(z)[j] = z[j] - max(z) - log(sum over k of exp(z[k] - max(z)))` is right for any finite z.
//!
//! Sizes: `prediction [samples, size]` (logits), `target` as `prediction`, or `labels [samples]` in place of one-hot
//! targets; `sample_loss [samples]`. The number of samples may be zero.

use super::softmax::{exponentials, largest, sum_of_exponentials};
use crate::ensure;
use crate::error::Result;

/// Writes the loss of each sample; their sum.
///
/// # Panics
/// When the slices do not fit `size`.
pub fn softmax_cross_entropy_forward(
    size: usize,
    prediction: &[f32],
    target: &[f32],
    sample_loss: &mut [f32],
) -> f64 {
    assert_eq!(prediction.len(), size * sample_loss.len(), "prediction");
    assert_eq!(target.len(), prediction.len(), "target");
    let mut sum = 0.0;
    for (i, loss) in sample_loss.iter_mut().enumerate() {
        let row = i * size..(i + 1) * size;
        let (logits, target) = (&prediction[row.clone()], &target[row]);
        let LogSum { largest, log } = LogSum::of(logits);
        let terms = logits.iter().zip(target).map(|(&z, &t)| {
            // 0 log 0 is 0: a class that is impossible and does not occur costs nothing.
            let distance = if t == 0.0 {
                0.0
            } else {
                f64::from(largest) - f64::from(z)
            };
            f64::from(t) * (distance + log)
        });
        *loss = terms.sum::<f64>() as f32;
        sum += f64::from(*loss);
    }
    sum
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
    let rows = prediction.chunks_exact(size).zip(target.chunks_exact(size));
    for ((logits, target), gradient) in rows.zip(grad_prediction.chunks_exact_mut(size)) {
        let sum = exponentials(logits, largest(logits), gradient);
        let total: f64 = target.iter().map(|&t| f64::from(t)).sum();
        let factor = (total / sum) as f32;
        for (g, t) in gradient.iter_mut().zip(target) {
            *g = scale * (*g * factor - t);
        }
    }
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
    assert_eq!(prediction.len(), size * labels.len(), "prediction");
    check_labels(size, labels)?;
    let mut sum = 0.0;
    for (i, loss) in sample_loss.iter_mut().enumerate() {
        let logits = &prediction[i * size..(i + 1) * size];
        let LogSum { largest, log } = LogSum::of(logits);
        let expected = logits[labels[i] as usize];
        *loss = (f64::from(largest) - f64::from(expected) + log) as f32;
        sum += f64::from(*loss);
    }
    Ok(sum)
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
    assert_eq!(prediction.len(), size * labels.len(), "prediction");
    assert_eq!(grad_prediction.len(), prediction.len(), "gradPrediction");
    check_labels(size, labels)?;
    for (i, &label) in labels.iter().enumerate() {
        let row = i * size..(i + 1) * size;
        let (logits, gradient) = (&prediction[row.clone()], &mut grad_prediction[row]);
        let sum = exponentials(logits, largest(logits), gradient);
        for (j, g) in gradient.iter_mut().enumerate() {
            let target = if j == label as usize { 1.0 } else { 0.0 };
            *g = scale * (*g / sum as f32 - target);
        }
    }
    Ok(())
}

/// `log(sum over j of exp(row[j])) = largest + log`.
struct LogSum {
    largest: f32,
    log: f64,
}

impl LogSum {
    fn of(row: &[f32]) -> Self {
        let largest = largest(row);
        // Software, as every engine has its own: the same bits everywhere.
        let log = libm::log(sum_of_exponentials(row, largest));
        Self { largest, log }
    }
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
