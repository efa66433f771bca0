//! Bias: added together with the activation while a product is in registers. Its gradient is in `bias_gradient`.

use super::activation::{Activation, activation_forward};
pub use super::bias_gradient::bias_gradient;
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
