//! Cross entropy of softmax, for one sample.

use super::softmax;

/// `sum over j of target[j] (log(sum over k of exp(logits[k])) - logits[j])`.
pub fn loss(logits: &[f64], target: &[f64]) -> f64 {
    let largest = logits
        .iter()
        .fold(f64::NEG_INFINITY, |most, &x| most.max(x));
    // Without the largest entry, whose 1 would swallow the others.
    let first = logits.iter().position(|&z| z == largest);
    let others = logits.iter().enumerate().filter(|(j, _)| Some(*j) != first);
    let log = others
        .map(|(_, z)| (z - largest).exp())
        .sum::<f64>()
        .ln_1p();
    let terms = logits.iter().zip(target).filter(|(_, t)| **t != 0.0);
    terms.map(|(z, t)| t * (largest - z + log)).sum()
}

/// `softmax(logits) sum(target) - target`.
pub fn gradient(logits: &[f64], target: &[f64]) -> Vec<f64> {
    let total: f64 = target.iter().sum();
    let probabilities = softmax::row(logits);
    let pairs = probabilities.iter().zip(target);
    pairs.map(|(p, t)| p * total - t).collect()
}
