//! Maxima of windows, cell by cell.

use fourlane_core::shape::MaxPool2dShape;
use serde::Deserialize;

/// One pooling of the table.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MaxPool2dCase {
    pub batch: usize,
    pub in_height: usize,
    pub in_width: usize,
    pub channels: usize,
    pub pool_height: usize,
    pub pool_width: usize,
    pub stride_height: usize,
    pub stride_width: usize,
    pub pad_top: usize,
    pub pad_left: usize,
    pub out_height: usize,
    pub out_width: usize,
    pub pad_with_zero: bool,
}

impl MaxPool2dCase {
    /// The checked shape.
    pub fn shape(&self) -> MaxPool2dShape {
        MaxPool2dShape::new(
            [self.in_height, self.in_width, self.channels],
            [self.pool_height, self.pool_width],
            [self.stride_height, self.stride_width],
            [self.pad_top, self.pad_left],
            [self.out_height, self.out_width],
            self.pad_with_zero,
        )
        .expect("a legal case")
    }
}

/// Largest cell of window `[oy, ox]` of one plane and channel, and its position.
fn window(s: &MaxPool2dShape, oy: usize, ox: usize, cell: impl Fn(usize) -> f64) -> (f64, i32) {
    let mut best: Option<(f64, i32)> = None;
    let mut padded = false;
    for ky in 0..s.pool_h {
        for kx in 0..s.pool_w {
            let iy = (oy * s.stride_h + ky).wrapping_sub(s.pad_top);
            let ix = (ox * s.stride_w + kx).wrapping_sub(s.pad_left);
            if iy >= s.in_h || ix >= s.in_w {
                padded = true;
                continue;
            }
            let value = cell(iy * s.in_w + ix);
            let wins = match best {
                None => true,
                Some((best, _)) => value > best || (value.is_nan() && !best.is_nan()),
            };
            if wins {
                best = Some((value, (iy * s.in_w + ix) as i32));
            }
        }
    }
    let best = best.expect("a real cell in every window");
    if padded && s.pad_with_zero && best.0 < 0.0 {
        (0.0, -1)
    } else {
        best
    }
}

/// Maxima and positions, each `[batch, out_h, out_w, channels]`.
pub fn forward(s: &MaxPool2dShape, batch: usize, input: &[f32]) -> (Vec<f64>, Vec<i32>) {
    let mut results = Vec::new();
    for n in 0..batch {
        for oy in 0..s.out_h {
            for ox in 0..s.out_w {
                for c in 0..s.channels {
                    let cell =
                        |cell| f64::from(input[(n * s.in_h * s.in_w + cell) * s.channels + c]);
                    results.push(window(s, oy, ox, cell));
                }
            }
        }
    }
    results.into_iter().unzip()
}

/// `[batch, in_h, in_w, channels]`: every gradient at its position.
pub fn backward(
    s: &MaxPool2dShape,
    batch: usize,
    grad_output: &[f32],
    positions: &[i32],
) -> Vec<f64> {
    let mut grad_input = vec![0.0; batch * s.in_h * s.in_w * s.channels];
    for (i, (&grad, &position)) in grad_output.iter().zip(positions).enumerate() {
        let (n, c) = (i / (s.out_h * s.out_w * s.channels), i % s.channels);
        if position >= 0 {
            let cell = n * s.in_h * s.in_w + position as usize;
            grad_input[cell * s.channels + c] += f64::from(grad);
        }
    }
    grad_input
}
