//! Stride 1: the gradient of the input is the forward pass over the gradient of the output, padded so far that every
//! window which saw a pixel looks back at it, with kernels turned by 180 degrees and channels exchanged.

use super::forward::{Windows, slide};
use super::image::Padded;
use crate::gemm::Matrix;
use crate::shape::Conv2dShape;
use crate::tile::{COLUMNS, Segments, Write};

/// True for shapes that it can do: stride 1, padding below the kernel's size.
pub fn fits(shape: &Conv2dShape) -> bool {
    [shape.stride_h, shape.stride_w] == [1, 1]
        && shape.pad_top < shape.kernel_h
        && shape.pad_left < shape.kernel_w
        && shape.pad_bottom() < shape.kernel_h
        && shape.pad_right() < shape.kernel_w
}

fn padded(shape: &Conv2dShape) -> Padded {
    let pads = [
        shape.kernel_h - 1 - shape.pad_top,
        shape.kernel_h - 1 - shape.pad_bottom(),
        shape.kernel_w - 1 - shape.pad_left,
        shape.kernel_w - 1 - shape.pad_right(),
    ];
    Padded::new(
        [shape.out_h, shape.out_w, shape.out_c],
        pads,
        [1, shape.kernel_h],
    )
}

fn window_len(shape: &Conv2dShape) -> usize {
    shape.kernel_h * shape.kernel_w * shape.out_c
}

/// Floats of workspace, for shapes that fit.
pub fn workspace_len(shape: &Conv2dShape) -> usize {
    let pixels = [shape.in_h, shape.in_w];
    super::forward::workspace_len(&padded(shape), pixels, window_len(shape), shape.in_c)
}

/// See [`super::super::conv2d_backward_input`].
pub fn backward_input(
    shape: &Conv2dShape,
    batch: usize,
    grad_output: &[f32],
    weight: &[f32],
    grad_input: &mut [f32],
    workspace: &mut [f32],
) {
    let (packed, workspace) =
        workspace.split_at_mut(Matrix::packed_len(shape.in_c, window_len(shape)));
    pack_turned(shape, weight, packed);
    let padded = padded(shape);
    let windows = Windows {
        out_h: shape.in_h,
        out_w: shape.in_w,
        step: shape.out_c,
        row_step: padded.width,
        segments: Segments {
            count: shape.kernel_h,
            len: shape.kernel_w * shape.out_c,
            stride: padded.width,
        },
    };
    slide(
        batch,
        (&padded, &windows),
        (grad_output, packed),
        |_| Write,
        (grad_input, shape.in_c),
        workspace,
    );
}

/// `panels[ic / 8][(ky, kx, oc)][ic % 8] = weight[kh - 1 - ky, kw - 1 - kx, ic, oc]`, zeros behind the last channel.
fn pack_turned(shape: &Conv2dShape, weight: &[f32], panels: &mut [f32]) {
    let taps = shape.kernel_h * shape.kernel_w;
    let panel_len = taps * shape.out_c * COLUMNS;
    if !shape.in_c.is_multiple_of(COLUMNS) {
        panels.fill(0.0);
    }
    for (tap, kernel) in weight.chunks_exact(shape.in_c * shape.out_c).enumerate() {
        let turned = taps - 1 - tap;
        for (ic, row) in kernel.chunks_exact(shape.out_c).enumerate() {
            let start = ic / COLUMNS * panel_len + turned * shape.out_c * COLUMNS + ic % COLUMNS;
            let places = panels[start..].iter_mut().step_by(COLUMNS);
            for (place, value) in places.zip(row) {
                *place = *value;
            }
        }
    }
}
