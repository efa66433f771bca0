//! `conv2d` against naive f64 loops.

mod layer;
#[path = "../reference/mod.rs"]
mod reference;
#[cfg(not(miri))] // Too many products for an interpreter.
mod threads;

use fourlane_core::kernels::activation::Activation;
use fourlane_core::kernels::conv2d::{
    Algorithm, Conv2d, Winograd, conv2d_backward_input, conv2d_forward,
};
use fourlane_core::shape::Conv2dShape;
use layer::Layer;
use proptest::prelude::*;
use reference::conv2d::Conv2dCase;
use reference::{cases, workspace};

/// Padding of images in bands and in groups, tiles in several blocks, and rows that two bands share.
#[test]
#[cfg(not(miri))] // Too many products for an interpreter.
fn several_bands_and_groups() {
    for (batch, in_height, in_width, in_channels, kernel, pad) in [
        (0, 9, 9, 4, 3, 1),
        (2, 45, 40, 5, 3, 1),
        (1, 61, 23, 4, 5, 2),
        (40, 5, 6, 4, 2, 0),
        (1, 5, 700, 4, 3, 1),
    ] {
        let case = Conv2dCase {
            batch,
            in_height,
            in_width,
            in_channels,
            kernel_height: kernel,
            kernel_width: kernel,
            out_channels: 9,
            stride_height: 1,
            stride_width: 1,
            pad_top: pad,
            pad_bottom: pad,
            pad_left: pad,
            pad_right: pad,
        };
        for layer in Layer::all(case) {
            layer.check();
        }
    }
}

#[test]
fn cases_of_the_table() {
    for case in cases::<Conv2dCase>("conv2d") {
        for layer in Layer::all(case) {
            let products = layer.grad_output.len() * layer.shape.patch_len();
            if !cfg!(miri) || products < 50 {
                layer.check();
                layer.check_adjoint();
            }
        }
    }
}

#[test]
#[cfg(not(miri))] // Too many products for an interpreter.
fn several_blocks_of_pixels_and_of_the_patch() {
    let case = Conv2dCase {
        batch: 3,
        in_height: 21,
        in_width: 19,
        in_channels: 1,
        kernel_height: 3,
        kernel_width: 3,
        out_channels: 10,
        stride_height: 1,
        stride_width: 1,
        pad_top: 1,
        pad_bottom: 1,
        pad_left: 1,
        pad_right: 1,
    };
    let wide = Conv2dCase {
        in_channels: 3,
        ..case
    };
    let strided = Conv2dCase {
        in_channels: 32,
        stride_width: 2,
        ..case
    };
    let deep = Conv2dCase {
        in_channels: 60,
        out_channels: 300,
        in_width: 6,
        ..case
    };
    for layer in [case, wide, strided, deep].into_iter().flat_map(Layer::all) {
        layer.check();
    }
}

/// Winograd's shapes: kernels of 2, 3 and 5, tiles that leave the image, channels around whole panels.
#[test]
fn square_kernels_of_stride_one() {
    for (kernel, pad) in [(3, 1), (3, 0), (3, 2), (2, 0), (2, 1), (5, 2), (5, 0)] {
        for (in_channels, out_channels) in [(1, 1), (5, 9), (4, 8), (6, 16), (17, 5)] {
            let (batch, in_height, in_width) = if cfg!(miri) { (1, 6, 6) } else { (2, 9, 7) };
            let case = Conv2dCase {
                batch,
                in_height,
                in_width,
                in_channels,
                kernel_height: kernel,
                kernel_width: kernel,
                out_channels,
                stride_height: 1,
                stride_width: 1,
                pad_top: pad,
                pad_bottom: pad,
                pad_left: pad,
                pad_right: pad,
            };
            // Miri looks for what values do not show: Winograd's tile inside the image, read and written in place.
            if cfg!(miri) && (in_channels, pad) != (5, 0) {
                continue;
            }
            for layer in Layer::all(case) {
                let direct = [Algorithm::Scatter, Algorithm::Direct].contains(&layer.conv.forward);
                if !cfg!(miri) {
                    layer.check();
                }
                if !cfg!(miri) || !direct {
                    layer.check_adjoint();
                }
            }
        }
    }
}

/// A cell that no window covers gets a zero, whatever was there before.
#[test]
fn cells_between_strides_get_no_gradient() {
    let shape = Conv2dShape::new([5, 5, 2], [1, 1, 3], [2, 2], [0; 4]).unwrap();
    let mut grad_input = vec![f32::NAN; 50];
    let conv = Conv2d::new(shape, Winograd::Auto);
    let mut workspace = workspace(conv.workspace_len().unwrap());
    conv2d_backward_input(
        &conv,
        1,
        &[1.0; 27],
        &[1.0; 6],
        &mut grad_input,
        &mut workspace,
    );
    for (i, &value) in grad_input.iter().enumerate() {
        let (y, x) = (i / 10, i / 2 % 5);
        let expected = if y % 2 == 0 && x % 2 == 0 { 3.0 } else { 0.0 };
        assert_eq!(value, expected, "[{y}, {x}]");
    }
}

#[test]
fn nan_in_the_input_reaches_only_windows_that_see_it() {
    let shape = Conv2dShape::new([4, 4, 1], [2, 2, 5], [1, 1], [0; 4]).unwrap();
    let mut layer_input = vec![1.0; 16];
    layer_input[15] = f32::NAN;
    let mut output = vec![f32::NAN; 45];
    let conv = Conv2d::new(shape, Winograd::Auto);
    let mut workspace = workspace(conv.workspace_len().unwrap());
    conv2d_forward(
        &conv,
        1,
        &layer_input,
        &[1.0; 20],
        None,
        Activation::Relu,
        &mut output,
        &mut workspace,
    );
    assert!(output[..40].iter().all(|&v| v == 4.0) && output[40..].iter().all(|v| v.is_nan()));
}

#[test]
#[should_panic(expected = "gradInput of")]
fn gradient_of_another_length_is_refused() {
    let shape = Conv2dShape::new([2, 2, 1], [1, 1, 1], [1, 1], [0; 4]).unwrap();
    let conv = Conv2d::new(shape, Winograd::Auto);
    let mut workspace = workspace(conv.workspace_len().unwrap());
    conv2d_backward_input(&conv, 1, &[1.0; 4], &[1.0], &mut [0.0; 5], &mut workspace);
}

/// Small convolutions of every kind. A kernel that does not fit its input is grown into it by padding at the bottom
/// and right.
fn any_case() -> impl Strategy<Value = Conv2dCase> {
    let most = if cfg!(miri) { 4usize } else { 9 };
    let input = (0..3usize, 1..most, 1..most, 1..most);
    let kernel = (1..5usize, 1..5usize, 1..2 * most, 1..4usize, 1..4usize);
    let padding = (0..3usize, 0..3usize, 0..6usize, 0..6usize);
    (input, kernel, padding).prop_map(|(input, kernel, padding)| {
        let (batch, in_height, in_width, in_channels) = input;
        let (kernel_height, kernel_width, out_channels, stride_height, stride_width) = kernel;
        let (pad_top, pad_bottom, pad_left, pad_right) = padding;
        Conv2dCase {
            batch,
            in_height,
            in_width,
            in_channels,
            kernel_height,
            kernel_width,
            out_channels,
            stride_height,
            stride_width,
            pad_top,
            pad_bottom: pad_bottom.max(kernel_height.saturating_sub(in_height + pad_top)),
            pad_left,
            pad_right: pad_right.max(kernel_width.saturating_sub(in_width + pad_left)),
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if cfg!(miri) { 1 } else { 300 },
        failure_persistence: None,
        ..ProptestConfig::default()
    })]
    #[test]
    fn any_small_convolution(case in any_case()) {
        for layer in Layer::all(case) {
            layer.check();
            layer.check_adjoint();
        }
    }
}
