//! Sums of two tensors.

/// `a + b`.
pub fn add(a: &[f32], b: &[f32]) -> Vec<f64> {
    let pairs = a.iter().zip(b);
    pairs.map(|(&a, &b)| f64::from(a) + f64::from(b)).collect()
}
