//! Sum over the channels of each pixel: what a convolution sees whose kernel has one plane for all input channels.

use super::share::PIECE;
use crate::pool::{self, Work};
use crate::simd::{F32x4, LANES};

/// `output[p] = sum_c input[p, c]`, p counting the pixels of the whole batch; overwrites `output`.
///
/// Either size may be zero; a sum of no channels is 0.
///
/// # Panics
/// When the lengths do not go together.
pub fn channel_sum_forward(channels: usize, input: &[f32], output: &mut [f32]) {
    assert_eq!(input.len(), output.len() * channels, "input and output");
    if channels == 0 {
        output.fill(0.0);
        return;
    }
    let pixels = pixels_of_piece(channels);
    let work = Work::floats(input.len() + output.len());
    pool::run_pieces(output, pixels, work, |piece, sums, _| {
        let input = &input[piece * pixels * channels..][..sums.len() * channels];
        sum_pixels(channels, input, sums);
    });
}

/// Whole fours of pixels, so that which of them are added up together hangs on their number alone.
fn pixels_of_piece(channels: usize) -> usize {
    (PIECE / channels).next_multiple_of(LANES).max(LANES)
}

/// The sums of a piece.
fn sum_pixels(channels: usize, input: &[f32], output: &mut [f32]) {
    let blocks = input.chunks_exact(LANES * channels);
    let rest = blocks.remainder();
    let (fours, singles) = output.as_chunks_mut::<LANES>();
    for (block, sums) in blocks.zip(fours) {
        // Four pixels at once: their partial sums turned, so that all four are added up in one go.
        let rows = std::array::from_fn(|i| partial_sums(&block[i * channels..][..channels]));
        let [a, b, c, d] = F32x4::transpose(rows);
        *sums = ((a + b) + (c + d)).to_array();
    }
    for (pixel, sum) in rest.chunks_exact(channels).zip(singles) {
        *sum = partial_sums(pixel).sum();
    }
}

/// Lane i holds the sum of channels i, i + 4, i + 8 and so on.
#[inline(always)]
fn partial_sums(pixel: &[f32]) -> F32x4 {
    let (whole, rest) = pixel.as_chunks::<LANES>();
    let mut sums = F32x4::load_partial(rest, 0.0);
    for four in whole {
        sums = sums + F32x4::from_array(*four);
    }
    sums
}

/// `grad_input[p, c] = grad_output[p]`, the adjoint of [`channel_sum_forward`]; overwrites `grad_input`.
///
/// # Panics
/// When the lengths do not go together.
pub fn channel_sum_backward(channels: usize, grad_output: &[f32], grad_input: &mut [f32]) {
    assert_eq!(
        grad_input.len(),
        grad_output.len() * channels,
        "grad_input and grad_output"
    );
    if grad_input.is_empty() {
        return;
    }
    let pixels = pixels_of_piece(channels);
    let work = Work::floats(grad_input.len() + grad_output.len());
    pool::run_pieces(
        grad_input,
        pixels * channels,
        work,
        |piece, grad_input, _| {
            let gradients = &grad_output[piece * pixels..];
            for (pixel, &gradient) in grad_input.chunks_exact_mut(channels).zip(gradients) {
                pixel.fill(gradient);
            }
        },
    );
}
