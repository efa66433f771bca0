//! The one place that decides how a convolution is computed: by shape and by what the caller allows, never by timing or
//! by the number of threads, so that results do not change.
//!
//! Milliseconds per call, relaxed build, one thread of an EPYC (Zen 4 class, peak 58 GFLOP/s), Node 24. Forward, gradient
//! of the input, gradient of the weight:
//!
//! | in-out channels, input, kernel, batch | gemm | direct | F(2,3) | six points |
//! | --- | --- | --- | --- | --- |
//! | 64-64, 56x56 same, 3x3, 8 | 40.5 41.4 45.7 | 35.4 35.1 37.9 | 20.5 21.9 22.1 | 14.5 14.7 14.7 |
//! | 32-64, 26x26, 3x3, 128 | 62.2 61.9 70.2 | 60.4 66.6 61.1 | 36.1 35.7 40.9 | 24.9 24.3 24.4 |
//! | 32-32, 32x32 same, 3x3, 64 | 32.0 30.6 37.7 | 26.9 23.6 25.8 | 17.3 18.2 20.3 | 15.1 12.1 12.7 |
//! | 64-64, 16x16 same, 3x3, 64 | 29.6 29.2 32.8 | 25.6 24.7 28.0 | 14.0 14.2 15.7 | 8.8 9.6 11.5 |
//! | 128-128, 8x8 same, 3x3, 64 | 27.1 24.8 26.8 | 23.2 28.3 29.7 | 12.4 13.4 15.4 | 8.9 7.9 9.0 |
//! | 3-32, 32x32 same, 3x3, 64 | 4.8 5.4 5.9 | 5.7 7.2 4.9 | 9.7 5.9 4.6 | 4.7 4.6 3.8 |
//! | 1-32, 28x28, 3x3, 128 | 4.5 - 3.7 | 3.2 - 1.8 | 8.7 - 6.7 | 6.7 - 5.5 |
//! | 32-64, 6x6, 2x2, 100 | 0.91 0.93 0.97 | 0.84 1.16 1.08 | - | 0.54 0.52 0.51 |
//! | 6-16, 14x14, 5x5, 64 | 1.17 1.19 1.33 | 0.72 1.82 0.69 | - | 0.86 0.82 0.77 |
//! | 1-6, 28x28 same, 5x5, 64 | 1.94 - 2.81 | 0.94 - 0.79 | - | 5.80 - 3.25 |

use super::winograd::filter::{F2X3, F2X5, F4X3, F5X2, Filter};
use super::{direct, scatter, winograd};
use crate::error::{Error, Result};
use crate::shape::Conv2dShape;

/// Ways to compute a pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// Gradient of the input only: patches of it by a blocked product, added to where they belong. Takes every shape.
    Scatter,
    /// Pixels read in place.
    Direct,
    /// Winograd F(2 x 2, 3 x 3), four points an axis: as exact as `Direct`.
    F2x3,
    /// Winograd F(4 x 4, 3 x 3), six points an axis.
    F4x3,
    /// Winograd F(5 x 5, 2 x 2), six points an axis.
    F5x2,
    /// Winograd F(2 x 2, 5 x 5), six points an axis.
    F2x5,
}

impl Algorithm {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Scatter,
        Self::Direct,
        Self::F2x3,
        Self::F4x3,
        Self::F5x2,
        Self::F2x5,
    ];

    /// The minimal filtering, of those that are one.
    pub fn filter(self) -> Option<&'static Filter> {
        match self {
            Self::Scatter | Self::Direct => None,
            Self::F2x3 => Some(&F2X3),
            Self::F4x3 => Some(&F4X3),
            Self::F5x2 => Some(&F5X2),
            Self::F2x5 => Some(&F2X5),
        }
    }

    /// True for shapes that it takes; of the direct gradient of the input see [`direct::backward_input::fits`].
    fn takes(self, shape: &Conv2dShape) -> bool {
        self.filter()
            .is_none_or(|filter| winograd::fits(shape, filter.r))
    }
}

/// Which of Winograd's algorithms may be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Winograd {
    /// Whatever is fastest.
    Auto,
    /// F(2 x 2, 3 x 3) only.
    F2,
    /// None.
    Off,
}

impl Winograd {
    /// By the number that JavaScript knows it by.
    ///
    /// # Errors
    /// When there is none of that number.
    pub fn from_code(code: u32) -> Result<Self> {
        match code {
            0 => Ok(Self::Auto),
            1 => Ok(Self::F2),
            2 => Ok(Self::Off),
            _ => Err(Error(format!(
                "winograd: expected a code in [0, 3), got {code}"
            ))),
        }
    }
}

/// A convolution with the algorithm of each pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conv2d {
    /// Its sizes.
    pub shape: Conv2dShape,
    /// Of the forward pass.
    pub forward: Algorithm,
    /// Of the gradient of the input.
    pub backward_input: Algorithm,
    /// Of the gradient of the weight.
    pub backward_weight: Algorithm,
}

impl Conv2d {
    /// All passes by one algorithm, for tests and measurements; none where it does not take the shape.
    pub fn by(shape: Conv2dShape, algorithm: Algorithm) -> Option<Self> {
        let direct = algorithm == Algorithm::Direct && !direct::backward_input::fits(&shape);
        algorithm.takes(&shape).then_some(Self {
            shape,
            forward: algorithm,
            backward_input: if direct {
                Algorithm::Scatter
            } else {
                algorithm
            },
            backward_weight: algorithm,
        })
    }

    /// Chooses.
    pub fn new(shape: Conv2dShape, winograd: Winograd) -> Self {
        let fast = fast_for(&shape, winograd);
        let wide = shape.in_c.min(shape.out_c) >= WIDE;
        let direct_input = direct::backward_input::fits(&shape) && growth(&shape) < MOST_GROWTH;
        Self {
            shape,
            forward: fast.filter(|_| wide).unwrap_or(Algorithm::Direct),
            backward_input: fast.unwrap_or(if direct_input {
                Algorithm::Direct
            } else {
                Algorithm::Scatter
            }),
            backward_weight: fast.filter(|_| wide).unwrap_or(Algorithm::Direct),
        }
    }

    /// Floats of workspace that each pass needs, for any batch and the threads there are; a pass overwrites them.
    ///
    /// # Errors
    /// When they are too many for one slice.
    pub fn workspace_len(&self) -> Result<usize> {
        let shape = &self.shape;
        let (in_c, out_c) = (shape.in_c, shape.out_c);
        let forward = match self.forward.filter() {
            Some(filter) => winograd::forward::workspace_len(filter, in_c, out_c),
            None => direct::forward::workspace_len_of(shape),
        };
        let backward_input = match (self.backward_input.filter(), self.backward_input) {
            (Some(filter), _) => winograd::forward::workspace_len(filter, out_c, in_c),
            (None, Algorithm::Direct) => direct::backward_input::workspace_len(shape),
            (None, _) => scatter::workspace_len(shape),
        };
        let backward_weight = match self.backward_weight.filter() {
            Some(filter) => winograd::backward_weight::workspace_len(filter, shape),
            None => direct::backward_weight::workspace_len(shape),
        };
        crate::shape::elements(&[forward.max(backward_input).max(backward_weight)])
    }
}

/// Channels on both sides from which Winograd's transforms pay in every pass.
const WIDE: usize = 16;

/// How many times more products than the forward pass the direct gradient of the input may have before the adjoint of
/// the blocked product, which has as many, is faster.
const MOST_GROWTH: f64 = 1.15;

/// How many times more products the direct gradient of the input has than the forward pass.
fn growth(shape: &Conv2dShape) -> f64 {
    (shape.in_h * shape.in_w) as f64 / (shape.out_h * shape.out_w) as f64
}

/// Winograd's algorithm for a shape, where it wins in some pass.
fn fast_for(shape: &Conv2dShape, winograd: Winograd) -> Option<Algorithm> {
    let algorithm = match (shape.kernel_h, winograd) {
        (3, Winograd::Auto) => Algorithm::F4x3,
        (3, Winograd::F2) => Algorithm::F2x3,
        (2, Winograd::Auto) => Algorithm::F5x2,
        (5, Winograd::Auto) => Algorithm::F2x5,
        _ => return None,
    };
    let narrow = if shape.kernel_h == 5 { 4 } else { WIDE };
    (algorithm.takes(shape) && shape.in_c.min(shape.out_c) >= narrow).then_some(algorithm)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workspaces_that_are_too_large_are_refused_also_where_their_sizes_wrap() {
        // Powers of two below MAX_ELEMENTS on this machine.
        let bits = usize::BITS as usize - 3;
        let pads = [1 << (bits - 3); 4];
        let stride = [pads[0]; 2];
        let padding = Conv2dShape::new([1, 1, 1], [1, 1, 1], stride, pads).unwrap();
        assert_eq!([padding.out_h, padding.out_w], [3, 3]);
        let channels =
            Conv2dShape::new([3, 3, 1 << (bits - 8)], [3, 3, 16], [1, 1], [0; 4]).unwrap();
        for shape in [padding, channels] {
            for winograd in [Winograd::Auto, Winograd::F2, Winograd::Off] {
                assert!(
                    Conv2d::new(shape, winograd).workspace_len().is_err(),
                    "{shape:?}"
                );
            }
        }
    }
}
