//! The same bits for any number of threads.

use crate::layer::Layer;
use crate::reference::conv2d::Conv2dCase;
use fourlane_core::kernels::activation::Activation;
use fourlane_core::pool::with_threads;

/// Results of all passes.
fn passes(layer: &Layer) -> Vec<u32> {
    let (grad_weight, grad_bias) = layer.backward_weight(Some(0.5));
    let all = [
        layer.forward(Some(&layer.bias), Activation::Tanh),
        layer.backward_input(),
        layer.backward_weight(None).0,
        grad_weight,
        grad_bias,
    ];
    all.concat().into_iter().map(f32::to_bits).collect()
}

/// Groups of small images and bands of large ones, sums with partial results and by owner, one tile and many.
#[test]
fn bits_do_not_depend_on_the_number_of_threads() {
    let shapes: &[[usize; 7]] = &[
        // Batch, height, width, channels in and out, kernel, stride.
        [9, 13, 13, 1, 32, 3, 1],
        [37, 6, 6, 9, 20, 2, 1],
        [3, 45, 40, 5, 9, 3, 1],
        [1, 61, 9, 17, 16, 5, 1],
        [5, 30, 31, 4, 12, 3, 2],
        [2, 8, 700, 3, 8, 3, 1],
        [20, 8, 8, 40, 24, 3, 1],
        [3, 33, 17, 70, 16, 2, 3],
    ];
    for &[
        batch,
        in_height,
        in_width,
        in_channels,
        out_channels,
        kernel,
        stride,
    ] in shapes
    {
        for pad in 0..2 {
            let case = Conv2dCase {
                batch,
                in_height,
                in_width,
                in_channels,
                kernel_height: kernel,
                kernel_width: kernel,
                out_channels,
                stride_height: stride,
                stride_width: stride,
                pad_top: pad,
                pad_bottom: pad,
                pad_left: pad,
                pad_right: pad,
            };
            for layer in Layer::all(case) {
                let alone = passes(&layer);
                for threads in 2..4 {
                    let shared = with_threads(threads, || passes(&layer));
                    let what = format!("{threads} threads, batch {batch}, {:?}", layer.conv);
                    assert_eq!(shared.len(), alone.len(), "{what}");
                    let different = shared.iter().zip(&alone).position(|(a, b)| a != b);
                    assert_eq!(different, None, "{what}");
                }
            }
        }
    }
}
