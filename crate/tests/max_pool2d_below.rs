//! The backward pass of pooling with what lies below it in one pass, against passes of their own: the same bits.

mod reference;

use fourlane_core::kernels::activation::{Activation, activation_backward, activation_forward};
use fourlane_core::kernels::bias_gradient::{add_up, bias_gradient_of_samples};
use fourlane_core::kernels::max_pool2d::{Below, max_pool2d_backward, max_pool2d_forward};
use fourlane_core::shape::MaxPool2dShape;
use fourlane_core::simd::InOut;
use reference::values;

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

/// One axis: size, window, stride, padding before, windows.
type Axis = [usize; 5];

const APART: &[Axis] = &[
    [6, 2, 2, 0, 3],
    [5, 2, 2, 0, 3],
    [7, 2, 2, 1, 4],
    [7, 3, 3, 0, 2],
    [8, 2, 3, 0, 3],
    [5, 1, 2, 0, 2],
];
const OVERLAPPING: &[Axis] = &[[7, 3, 2, 1, 4], [5, 2, 1, 0, 4]];

fn check(rows: Axis, columns: Axis, channels: usize, zeros: bool, activation: Activation) {
    let pair = |i: usize| [rows[i], columns[i]];
    let sizes = [rows[0], columns[0], channels];
    let s = MaxPool2dShape::new(sizes, pair(1), pair(2), pair(3), pair(4), zeros).unwrap();
    let (batch, what) = (2, format!("{activation:?} below {s:?}"));
    let mut input = values(1, s.input_len(batch).unwrap());
    activation_forward(activation, InOut::in_place(&mut input));
    let len = s.output_len(batch).unwrap();
    let (mut maxima, mut positions) = (vec![f32::NAN; len], vec![-7; len]);
    max_pool2d_forward(&s, batch, &input, &mut maxima, Some(&mut positions));
    let gradient = values(2, len);

    let mut expected = vec![f32::NAN; input.len()];
    let alone = Below::default();
    max_pool2d_backward(&s, batch, &gradient, &positions, &mut expected, alone).unwrap();
    activation_backward(activation, &input, InOut::in_place(&mut expected));
    let mut expected_bias = values(3, channels);
    let plane = s.in_h * s.in_w;
    bias_gradient_of_samples(plane, &expected, &mut expected_bias, true);

    let mut got = vec![f32::NAN; input.len()];
    let mut sums = vec![f32::NAN; batch * channels];
    let below = Below {
        activation: Some((activation, &maxima)),
        sample_sums: Some(&mut sums),
    };
    max_pool2d_backward(&s, batch, &gradient, &positions, &mut got, below).unwrap();
    let mut bias = values(3, channels);
    add_up(&sums, &mut bias, true);
    assert!(expected.iter().any(|&value| value != 0.0), "{what}");
    assert!(bits(&got) == bits(&expected), "{what}");
    assert_eq!(bits(&bias), bits(&expected_bias), "bias of {what}");
}

#[test]
fn windows_apart_with_every_activation() {
    let (all, some) = ([1, 3, 4, 6, 16, 19], [2, 6]);
    for &channels in if cfg!(miri) { &some[..] } else { &all } {
        let step = if cfg!(miri) { 5 } else { 1 };
        let pairs = APART
            .iter()
            .flat_map(|rows| APART.iter().map(move |columns| (rows, columns)));
        for (&rows, &columns) in pairs.step_by(step) {
            for activation in [Activation::Relu, Activation::Sigmoid, Activation::Tanh] {
                check(
                    rows,
                    columns,
                    channels,
                    (channels + rows[0]) % 2 == 0,
                    activation,
                );
            }
        }
    }
}

#[test]
fn overlapping_windows_with_relu() {
    for channels in [1, 4, 7] {
        for (&rows, &columns) in [
            (&OVERLAPPING[0], &OVERLAPPING[1]),
            (&OVERLAPPING[1], &APART[1]),
        ] {
            for zeros in [false, true] {
                check(rows, columns, channels, zeros, Activation::Relu);
            }
        }
    }
}
