//! Bias: added together with the activation while a product is in registers, and its gradient.

use super::activation::Activation;
use crate::gemm::Epilogue;
use crate::simd::{F32x4, LANES};

/// `activation(C + bias)`, the bias along the columns.
pub struct BiasActivation<'a> {
    /// One for each column, or none.
    pub bias: Option<&'a [f32]>,
    /// Applied to each element.
    pub activation: Activation,
}

impl Epilogue for BiasActivation<'_> {
    #[inline(always)]
    fn apply(&self, _row: usize, col: usize, values: F32x4) -> F32x4 {
        let Some(bias) = self.bias else {
            return self.activation.apply(values);
        };
        let bias = match bias.get(col..col + LANES) {
            Some(whole) => F32x4::load(whole),
            None => F32x4::load_partial(bias.get(col..).unwrap_or(&[]), 0.0),
        };
        self.activation.apply(values + bias)
    }
}

/// Rows whose sum is formed in registers before it is added to the gradient. Short partial sums keep the rounding
/// error of a large batch small; 16 floats of a row are a cache line.
const ROWS: usize = 64;
const STRIP: usize = 4 * LANES;

/// `grad_bias[j] = sum over i of grad_output[i, j]`, added to what `grad_bias` holds if `accumulate`.
///
/// # Shapes
/// `grad_output` is `[rows, grad_bias.len()]`, of any number of rows, zero included.
///
/// # Panics
/// When the length of `grad_output` is no multiple of that of `grad_bias`.
pub fn bias_gradient(grad_output: &[f32], grad_bias: &mut [f32], accumulate: bool) {
    let columns = grad_bias.len();
    if !accumulate {
        grad_bias.fill(0.0);
    }
    if columns == 0 {
        return;
    }
    assert!(
        grad_output.len().is_multiple_of(columns),
        "rows of {columns}"
    );
    for block in grad_output.chunks(ROWS * columns) {
        let rows = || block.chunks_exact(columns);
        let mut col = 0;
        while col + STRIP <= columns {
            let mut sums = [F32x4::splat(0.0); STRIP / LANES];
            for row in rows() {
                let row = &row[col..col + STRIP];
                for (sum, values) in sums.iter_mut().zip(row.as_chunks::<LANES>().0) {
                    *sum = *sum + F32x4::load(values);
                }
            }
            for (sum, target) in sums.iter().zip(grad_bias[col..].as_chunks_mut::<LANES>().0) {
                (F32x4::load(target) + *sum).store(target);
            }
            col += STRIP;
        }
        for j in col..columns {
            grad_bias[j] += rows().map(|row| row[j]).sum::<f32>();
        }
    }
}
