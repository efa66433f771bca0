//! Max pooling of NHWC input, `output[n, oy, ox, c] = max over the window of input[n, ., ., c]`, and its gradient.
//!
//! The first maximum in row-major order wins, and NaN wins against every number. Its position is `row * in_w + column`
//! in the unpadded plane. Padding wins only where it counts as 0 and every real cell is below; its position is -1.
//!
//! # Shapes
//! `input [batch, in_h, in_w, channels]`, `output` and `positions [batch, out_h, out_w, channels]`, gradients as what
//! they belong to. The batch may be zero.
//!
//! # Fast paths
//! | path | when |
//! | --- | --- |
//! | 2 x 2 cells, four channels at a time, no bounds checks per cell | those windows inside the input, 4 channels or more |
//! | any window, four channels at a time | 4 channels or more |
//! | four neighbouring windows at a time | fewer channels, none of the four crosses the left or right border |
//! | one window, a vector with all of its channels | fewer channels, at the borders |
//! | gradient by comparing positions: writes each cell once | windows apart, 4 channels or more |
//!
//! Shared by the pool: rows of windows forward, samples backward.

mod backward;
mod forward;
mod window;

use crate::error::Result;
use crate::shape::MaxPool2dShape;
pub use backward::Below;
use backward::backward;
use forward::forward;

/// Maxima of every window, and their positions where asked for; overwrites both without reading them.
///
/// # Panics
/// When a slice does not fit the shape.
pub fn max_pool2d_forward(
    shape: &MaxPool2dShape,
    batch: usize,
    input: &[f32],
    output: &mut [f32],
    positions: Option<&mut [i32]>,
) {
    let (input_len, output_len) = lens(shape, batch);
    assert_eq!(input.len(), input_len, "input of {shape:?}");
    assert_eq!(output.len(), output_len, "output of {shape:?}");
    if let Some(positions) = &positions {
        assert_eq!(positions.len(), output_len, "positions of {shape:?}");
    }
    forward(shape, input, output, positions);
}

/// Gradient of the input: `grad_output` added up at the recorded positions, zero elsewhere, dropped where padding won.
/// Overwrites `grad_input` without reading it. Positions are those of a forward pass with this shape; a position that
/// is in the plane but not in its window goes to that cell or nowhere. `below` is done to the gradient at once: the
/// same bits as in passes of its own, if windows do not overlap or the activation is relu, but for NaN that no window
/// chose.
///
/// # Errors
/// When a position is neither -1 nor in the plane; what is written then means nothing.
///
/// # Panics
/// When a slice does not fit the shape.
pub fn max_pool2d_backward(
    shape: &MaxPool2dShape,
    batch: usize,
    grad_output: &[f32],
    positions: &[i32],
    grad_input: &mut [f32],
    below: Below<'_>,
) -> Result<()> {
    let (input_len, output_len) = lens(shape, batch);
    assert_eq!(grad_output.len(), output_len, "gradOutput of {shape:?}");
    assert_eq!(positions.len(), output_len, "positions of {shape:?}");
    assert_eq!(grad_input.len(), input_len, "gradInput of {shape:?}");
    if let Some((_, maxima)) = below.activation {
        assert_eq!(maxima.len(), output_len, "maxima of {shape:?}");
    }
    if let Some(sums) = &below.sample_sums {
        assert_eq!(sums.len(), batch * shape.channels, "sums of {shape:?}");
    }
    backward(shape, grad_output, positions, grad_input, below)
}

/// Elements of a batch of inputs and of outputs.
fn lens(shape: &MaxPool2dShape, batch: usize) -> (usize, usize) {
    let len = |len: Result<usize>| len.unwrap_or_else(|error| panic!("{error}"));
    (len(shape.input_len(batch)), len(shape.output_len(batch)))
}
