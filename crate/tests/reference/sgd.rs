//! Plain gradient descent.

/// `parameter - learning_rate gradient`.
pub fn update(learning_rate: f32, parameter: &[f32], gradient: &[f32]) -> Vec<f64> {
    let pairs = parameter.iter().zip(gradient);
    pairs
        .map(|(&p, &g)| f64::from(p) - f64::from(learning_rate) * f64::from(g))
        .collect()
}
