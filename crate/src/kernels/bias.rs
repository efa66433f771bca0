//! Bias: added together with the activation while a product is in registers, and its gradient.

use super::activation::{Activation, activation_forward};
use crate::simd::{F32x4, InOut, LANES};
use crate::tile;

/// `max(C + bias, floor)`, the bias along the columns: what can be done to sums in registers at no cost. Activations
/// other than relu are a pass of their own over the result, see [`BiasFloor::finish`].
pub struct BiasFloor<'a> {
    /// One for each column, or none.
    bias: Option<&'a [f32]>,
    /// 0 for relu, minus infinity for none.
    floor: f32,
    /// What is left to do afterwards.
    rest: Activation,
}

impl<'a> BiasFloor<'a> {
    /// Bias and as much of the activation as goes with it.
    pub fn new(bias: Option<&'a [f32]>, activation: Activation) -> Self {
        let (floor, rest) = match activation {
            Activation::Relu => (0.0, Activation::Linear),
            _ => (f32::NEG_INFINITY, activation),
        };
        Self { bias, floor, rest }
    }

    /// Of sums that are formed in several blocks, of which the first gets the bias: with more than one, all of the
    /// activation is left to [`BiasFloor::finish`].
    pub fn of_blocks(blocks: usize, bias: Option<&'a [f32]>, activation: Activation) -> Self {
        if blocks <= 1 {
            return Self::new(bias, activation);
        }
        Self {
            rest: activation,
            ..Self::new(bias, Activation::Linear)
        }
    }

    /// The rest of the activation, in place.
    pub fn finish(&self, output: &mut [f32]) {
        if self.rest != Activation::Linear {
            activation_forward(self.rest, InOut::in_place(output));
        }
    }
}

impl BiasFloor<'_> {
    /// The bias of four columns; zeros behind the last.
    #[inline(always)]
    fn bias(&self, col: usize) -> F32x4 {
        let Some(bias) = self.bias else {
            return F32x4::splat(0.0);
        };
        match bias.get(col..col + LANES) {
            Some(whole) => F32x4::load(whole),
            None => F32x4::load_partial(bias.get(col..).unwrap_or(&[]), 0.0),
        }
    }

    /// For the eight columns of a tile.
    #[inline(always)]
    pub fn columns(&self, col: usize) -> tile::BiasFloor {
        tile::BiasFloor {
            bias: [self.bias(col), self.bias(col + LANES)],
            floor: F32x4::splat(self.floor),
        }
    }

    /// Of four values.
    #[inline(always)]
    pub fn four(&self, col: usize, values: F32x4) -> F32x4 {
        (values + self.bias(col)).pmax(F32x4::splat(self.floor))
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
