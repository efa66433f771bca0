//! `output[j] = exp(input[j]) / sum over k of exp(input[k])` along each row.
//!
//! Sizes: all operands are `[rows, columns]`, row-major. Both may be zero.

/// Overwrites `output`.
///
/// # Panics
/// When the slices are no whole rows or differ in length.
pub fn softmax_forward(columns: usize, input: &[f32], output: &mut [f32]) {
    assert_eq!(input.len(), output.len(), "input and output");
    if columns == 0 {
        return;
    }
    for (input, output) in input
        .chunks_exact(columns)
        .zip(output.chunks_exact_mut(columns))
    {
        let largest = largest(input);
        let sum = exponentials(input, largest, output);
        for value in output {
            *value /= sum as f32;
        }
    }
}

/// `grad_input[j] = output[j] (grad_output[j] - sum over k of grad_output[k] output[k])`; overwrites `grad_input`.
///
/// # Panics
/// When the slices are no whole rows or differ in length.
pub fn softmax_backward(
    columns: usize,
    output: &[f32],
    grad_output: &[f32],
    grad_input: &mut [f32],
) {
    assert_eq!(output.len(), grad_output.len(), "output and gradOutput");
    assert_eq!(output.len(), grad_input.len(), "output and gradInput");
    if columns == 0 {
        return;
    }
    let rows = output
        .chunks_exact(columns)
        .zip(grad_output.chunks_exact(columns));
    for ((output, grad_output), grad_input) in rows.zip(grad_input.chunks_exact_mut(columns)) {
        let products = output.iter().zip(grad_output);
        let mean: f64 = products.map(|(y, g)| f64::from(*y) * f64::from(*g)).sum();
        for (j, gradient) in grad_input.iter_mut().enumerate() {
            *gradient = output[j] * (grad_output[j] - mean as f32);
        }
    }
}

/// The largest entry; NaN when one is NaN.
pub(super) fn largest(row: &[f32]) -> f32 {
    row.iter().fold(f32::NEG_INFINITY, |most, &x| {
        if x.is_nan() || x > most { x } else { most }
    })
}

/// `output[j] = exp(row[j] - largest)`; their sum.
pub(super) fn exponentials(row: &[f32], largest: f32, output: &mut [f32]) -> f64 {
    let mut sum = 0.0;
    for (x, output) in row.iter().zip(output) {
        *output = libm::expf(x - largest);
        sum += f64::from(*output);
    }
    sum
}

/// Sum over j of `exp(row[j] - largest)`.
pub(super) fn sum_of_exponentials(row: &[f32], largest: f32) -> f64 {
    row.iter().map(|x| f64::from(libm::expf(x - largest))).sum()
}
