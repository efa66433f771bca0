//! A dense layer whose weights are kept as panels, `[units / 8][inputs][8]`, zeros behind the last unit: the layout in
//! which products read them, so that nothing as large as the weights is ever packed.
//!
//! Sizes as in [`super::dense`]; the gradient of the weight has the layout of the weight. Every function overwrites the
//! first [`workspace_len`] floats of its workspace, those that need one.
//!
//! The threads share out panels, or rows of eight inputs where the result has inputs as columns: every sum stays with one
//! of them, in the same order.
//!
//! | pass | rows x columns of a tile, sum | what is packed |
//! | --- | --- | --- |
//! | forward | samples x units, over inputs | nothing |
//! | gradient of the weight | inputs x units, over samples | blocks of both operands, a small part of the work |
//! | plain descent | as the gradient of the weight, subtracted from the weight at once | the same |
//! | gradient of the input | samples x inputs, over units | pieces of panels, transposed, each used by all samples |
mod backward_input;
mod backward_weight;
mod forward;
mod jobs;

pub use backward_input::dense_panels_backward_input;
pub use backward_weight::{dense_panels_backward_weight, dense_panels_descend};
pub use forward::dense_panels_forward;

use super::dense::DenseShape;
use crate::pool;
use crate::tile::COLUMNS;

/// Units of a transposed piece, and columns or rows of a block in the gradient of the weight.
const BLOCK: usize = 512;

/// Samples of a block in the gradient of the weight.
pub const SAMPLES: usize = 128;

/// Floats of workspace that each pass needs, whatever the sizes.
pub fn workspace_len() -> usize {
    backward_weight::WORKSPACE_LEN.max(pool::scratch_len(backward_input::PIECE_LEN))
}

/// Floats of the weights as panels.
pub fn weight_len(shape: DenseShape) -> usize {
    shape.units.next_multiple_of(COLUMNS) * shape.inputs
}
