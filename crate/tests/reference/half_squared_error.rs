//! Half the sum of squares, for one sample.

/// `1/2 sum over j of (prediction[j] - target[j])^2`.
pub fn loss(prediction: &[f32], target: &[f32]) -> f64 {
    0.5 * gradient(prediction, target).map(|d| d * d).sum::<f64>()
}

/// `prediction - target`.
pub fn gradient<'a>(prediction: &'a [f32], target: &'a [f32]) -> impl Iterator<Item = f64> + 'a {
    let pairs = prediction.iter().zip(target);
    pairs.map(|(&p, &t)| f64::from(p) - f64::from(t))
}
