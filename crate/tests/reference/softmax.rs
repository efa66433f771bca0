//! Softmax along rows.

/// `exp(x[j]) / sum over k of exp(x[k])` for each row of `columns`.
pub fn forward(columns: usize, input: &[f32]) -> Vec<f64> {
    let input: Vec<f64> = input.iter().map(|&x| f64::from(x)).collect();
    input.chunks(columns.max(1)).flat_map(row).collect()
}

/// Of a single row.
pub fn row(x: &[f64]) -> Vec<f64> {
    let largest = x.iter().fold(f64::NEG_INFINITY, |most, &x| most.max(x));
    let total: f64 = x.iter().map(|x| (x - largest).exp()).sum();
    x.iter().map(|x| (x - largest).exp() / total).collect()
}

/// `output[j] (grad_output[j] - sum over k of grad_output[k] output[k])`.
pub fn backward(columns: usize, output: &[f32], grad_output: &[f32]) -> Vec<f64> {
    let rows = output
        .chunks(columns.max(1))
        .zip(grad_output.chunks(columns.max(1)));
    rows.flat_map(|(output, gradient)| {
        let mean = super::dot(output, gradient);
        let pairs = output.iter().zip(gradient);
        pairs.map(move |(&y, &g)| f64::from(y) * (f64::from(g) - mean))
    })
    .collect()
}
