//! Convolution of stride 1 by fewer multiplications: F(m x m, r x r), Winograd's minimal filtering.
//!
//! A tile of the output, m x m, needs a patch of the input, n x n. Both passes over pixels run tile block by tile
//! block, so that nothing large is written: patches are transformed to n * n *planes* `[tile, channels]`, each plane
//! meets its own matrix of weights in a small product, and the results are transformed back. The gradients are the
//! exact adjoints of that, step by step.
//!
//! | file | what it holds |
//! | --- | --- |
//! | [`points`] | the one-dimensional transforms and their adjoints |
//! | [`filter`] | what the passes need of one F(m x m, r x r) |
//! | [`tiles`] | which tile lies where |
//! | [`planes`] | room for planes, and their products |
//! | [`squares`] | pixels of a tile, also where it leaves its image |
//! | [`transform`] | pixels to planes and back |
//! | [`weights`] | weights to panels of planes, and the gradient's way back |
//! | [`forward`], [`backward_input`], [`backward_weight`] | the passes |

pub mod backward_input;
pub mod backward_weight;
pub mod filter;
pub mod forward;
pub mod planes;
pub mod points;
pub mod squares;
pub mod tiles;
pub mod transform;
pub mod weights;

use crate::shape::Conv2dShape;
use crate::simd::LANES;

/// True when a shape can be computed this way with kernels of `r`: stride 1, square kernel, padding below r.
pub fn fits(shape: &Conv2dShape, r: usize) -> bool {
    [shape.stride_h, shape.stride_w] == [1, 1]
        && [shape.kernel_h, shape.kernel_w] == [r, r]
        && shape.pad_top < r
        && shape.pad_left < r
}

/// Groups of four channels that cover `channels`: where each starts and how many of its lanes exist.
#[inline(always)]
fn groups(channels: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..channels)
        .step_by(LANES)
        .map(move |first| (first, LANES.min(channels - first)))
}
