//! The one place that decides how a convolution is computed: by shape and by what the caller allows, never by timing or
//! by the number of threads, so that results do not change.
//!
//! Milliseconds per call, relaxed build, one thread of an EPYC (Zen 4 class, peak 58 GFLOP/s) that others used too, least
//! time of the processor, Node 24: forward, gradient of the input, gradient of the weight. Without Winograd: direct, but
//! the gradient of the input by scattering where it is marked.
//!
//! | in-out channels, input, kernel, batch | without Winograd | F(2,3) | six points |
//! | --- | --- | --- | --- |
//! | 64-64, 56x56 same, 3x3, 8 | 36.0 35.8 38.5 | 19.5 19.9 22.5 | 12.4 12.7 14.1 |
//! | 32-64, 26x26, 3x3, 128 | 52.7 62.2* 56.8 | 30.7 31.7 35.6 | 19.8 19.7 22.4 |
//! | 32-32, 32x32 same, 3x3, 64 | 23.9 23.9 25.5 | 15.7 16.8 17.9 | 9.9 10.5 11.2 |
//! | 32-64, 16x16 same, 3x3, 64 | 11.8 12.0 13.2 | 7.3 7.4 8.3 | 4.6 4.7 5.3 |
//! | 64-64, 16x16 same, 3x3, 64 | 23.2 23.4 26.1 | 13.0 13.4 15.3 | 8.4 8.9 9.8 |
//! | 64-128, 8x8 same, 3x3, 64 | 11.7 12.3 15.5 | 6.2 6.4 7.5 | 4.0 4.3 4.9 |
//! | 128-128, 8x8 same, 3x3, 64 | 25.6 25.3 29.1 | 12.3 12.3 14.8 | 7.9 8.2 9.3 |
//! | 32-64, 6x6, 2x2, 100 | 0.82 0.94* 1.15 | - | 0.53 0.51 0.52 |
//! | 6-16, 14x14, 5x5, 64 | 0.61 1.13* 0.70 | - | 0.86 0.99 0.77 |
//! | 3-32, 32x32 same, 3x3, 64 | 2.5 6.6 3.6 | - | - |
//! | 1-32, 28x28, 3x3, 128 | 1.42 4.0* 1.7 | - | - |
//! | 1-6, 28x28 same, 5x5, 64 | 0.44 2.6 0.73 | - | - |
//!
//! Before the forward pass over one or three channels had loops of its own, F(2,3) took 9.7 and six points 4.7 ms for 3-32,
//! six points 6.7 ms for 1-32 and 5.8 for 1-6.

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
