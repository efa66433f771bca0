//! `loss = 1/2 sum over j of (prediction[j] - target[j])^2` for each sample, and its gradient.
//!
//! Sizes: `prediction` and `target` are `[samples, size]`, `sample_loss` is `[samples]`. Any of them may be zero.

/// Writes the loss of each sample; their sum.
///
/// # Panics
/// When the slices do not fit `size`.
pub fn half_squared_error_forward(
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
        let pairs = prediction[row.clone()].iter().zip(&target[row]);
        let squares = pairs.map(|(&p, &t)| (f64::from(p) - f64::from(t)).powi(2));
        *loss = (0.5 * squares.sum::<f64>()) as f32;
        sum += f64::from(*loss);
    }
    sum
}

/// `grad_prediction = scale (prediction - target)`; overwrites `grad_prediction`.
///
/// # Panics
/// When the lengths differ.
pub fn half_squared_error_backward(
    prediction: &[f32],
    target: &[f32],
    scale: f32,
    grad_prediction: &mut [f32],
) {
    assert_eq!(target.len(), prediction.len(), "target");
    assert_eq!(grad_prediction.len(), prediction.len(), "gradPrediction");
    for (g, (p, t)) in grad_prediction
        .iter_mut()
        .zip(prediction.iter().zip(target))
    {
        *g = scale * (p - t);
    }
}
