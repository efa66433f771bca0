//! Correlation of NHWC input with HWIO weights.

use fourlane_core::shape::Conv2dShape;
use serde::Deserialize;

/// One convolution of the table.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Conv2dCase {
    pub batch: usize,
    pub in_height: usize,
    pub in_width: usize,
    pub in_channels: usize,
    pub kernel_height: usize,
    pub kernel_width: usize,
    pub out_channels: usize,
    pub stride_height: usize,
    pub stride_width: usize,
    pub pad_top: usize,
    pub pad_bottom: usize,
    pub pad_left: usize,
    pub pad_right: usize,
}

impl Conv2dCase {
    /// The checked shape.
    pub fn shape(&self) -> Conv2dShape {
        Conv2dShape::new(
            [self.in_height, self.in_width, self.in_channels],
            [self.kernel_height, self.kernel_width, self.out_channels],
            [self.stride_height, self.stride_width],
            [self.pad_top, self.pad_bottom, self.pad_left, self.pad_right],
        )
        .expect("a legal case")
    }
}

/// Calls `visit(input index, weight index, output index)` for every product of the convolution.
pub fn for_each_product(s: &Conv2dShape, batch: usize, mut visit: impl FnMut(usize, usize, usize)) {
    for n in 0..batch {
        for oy in 0..s.out_h {
            for ox in 0..s.out_w {
                for ky in 0..s.kernel_h {
                    for kx in 0..s.kernel_w {
                        let iy = (oy * s.stride_h + ky).wrapping_sub(s.pad_top);
                        let ix = (ox * s.stride_w + kx).wrapping_sub(s.pad_left);
                        if iy >= s.in_h || ix >= s.in_w {
                            continue;
                        }
                        for ic in 0..s.in_c {
                            for oc in 0..s.out_c {
                                visit(
                                    ((n * s.in_h + iy) * s.in_w + ix) * s.in_c + ic,
                                    ((ky * s.kernel_w + kx) * s.in_c + ic) * s.out_c + oc,
                                    ((n * s.out_h + oy) * s.out_w + ox) * s.out_c + oc,
                                );
                            }
                        }
                    }
                }
            }
        }
    }
}

/// `[batch, out_h, out_w, out_c]`, before the activation.
pub fn forward(
    s: &Conv2dShape,
    batch: usize,
    input: &[f32],
    weight: &[f32],
    bias: Option<&[f32]>,
) -> Vec<f64> {
    let len = s.output_len(batch).expect("a legal size");
    let start = |i: usize| bias.map_or(0.0, |bias| f64::from(bias[i % s.out_c]));
    let mut output: Vec<f64> = (0..len).map(start).collect();
    for_each_product(s, batch, |i, w, o| {
        output[o] += f64::from(input[i]) * f64::from(weight[w]);
    });
    output
}

/// `[batch, in_h, in_w, in_c]`.
pub fn backward_input(
    s: &Conv2dShape,
    batch: usize,
    grad_output: &[f32],
    weight: &[f32],
) -> Vec<f64> {
    let mut grad_input = vec![0.0; s.input_len(batch).expect("a legal size")];
    for_each_product(s, batch, |i, w, o| {
        grad_input[i] += f64::from(grad_output[o]) * f64::from(weight[w]);
    });
    grad_input
}

/// `[kernel_h, kernel_w, in_c, out_c]`.
pub fn backward_weight(
    s: &Conv2dShape,
    batch: usize,
    input: &[f32],
    grad_output: &[f32],
) -> Vec<f64> {
    let mut grad_weight = vec![0.0; s.weight_len()];
    for_each_product(s, batch, |i, w, o| {
        grad_weight[w] += f64::from(input[i]) * f64::from(grad_output[o]);
    });
    grad_weight
}
