//! `max_pool2d` against naive f64 loops.

mod reference;

use fourlane_core::kernels::max_pool2d::{Below, max_pool2d_backward, max_pool2d_forward};
use fourlane_core::shape::MaxPool2dShape;
use proptest::prelude::*;
use reference::compare::{assert_close, assert_near, sum_tolerance};
use reference::max_pool2d::{self as naive, MaxPool2dCase};
use reference::{cases, dot, values};

/// Inputs that take different decisions.
#[derive(Clone, Copy, Debug)]
enum Data {
    /// Hardly any two cells alike.
    Mixed,
    /// Five values, so that most windows hold their maximum more than once; both zeros among them.
    Ties,
    /// Zero padding wins wherever it is.
    Negative,
    /// Every fourth or so is NaN.
    Nans,
}

const EVERY_DATA: [Data; 4] = [Data::Mixed, Data::Ties, Data::Negative, Data::Nans];

impl Data {
    fn values(self, len: usize) -> Vec<f32> {
        let map = |v: f32| match self {
            Data::Mixed => v,
            Data::Ties => (2.0 * v).round() / 2.0,
            Data::Negative => -v.abs(),
            Data::Nans if v > 0.5 => f32::NAN,
            Data::Nans => v,
        };
        values(5, len).into_iter().map(map).collect()
    }
}

fn forward(s: &MaxPool2dShape, batch: usize, input: &[f32]) -> (Vec<f32>, Vec<i32>) {
    let len = s.output_len(batch).unwrap();
    let (mut output, mut positions) = (vec![f32::NAN; len], vec![-7; len]);
    max_pool2d_forward(s, batch, input, &mut output, Some(&mut positions));
    let mut alone = vec![f32::NAN; len];
    max_pool2d_forward(s, batch, input, &mut alone, None);
    let bits = |values: &[f32]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(&alone), bits(&output), "without positions, {s:?}");
    (output, positions)
}

fn backward(s: &MaxPool2dShape, batch: usize, grad_output: &[f32], positions: &[i32]) -> Vec<f32> {
    let mut grad_input = vec![f32::NAN; s.input_len(batch).unwrap()];
    max_pool2d_backward(
        s,
        batch,
        grad_output,
        positions,
        &mut grad_input,
        Below::default(),
    )
    .unwrap();
    grad_input
}

fn check(s: &MaxPool2dShape, batch: usize, data: Data) {
    let what = format!("{data:?}, batch {batch}, {s:?}");
    let input = data.values(s.input_len(batch).unwrap());
    let (output, positions) = forward(s, batch, &input);
    let (expected, expected_positions) = naive::forward(s, batch, &input);
    assert_eq!(positions, expected_positions, "positions of {what}");
    for (i, (&got, &expected)) in output.iter().zip(&expected).enumerate() {
        // A selected number, so the same bits, and the same zero.
        let same = got.to_bits() == (expected as f32).to_bits();
        let same = same || (got.is_nan() && expected.is_nan());
        assert!(
            same,
            "output of {what}: [{i}] is {got}, expected {expected}"
        );
    }

    let grad_output = values(6, output.len());
    let grad_input = backward(s, batch, &grad_output, &positions);
    let expected = naive::backward(s, batch, &grad_output, &positions);
    let overlaps = (s.pool_h.div_ceil(s.stride_h) * s.pool_w.div_ceil(s.stride_w)) as f64;
    let tolerance = sum_tolerance(overlaps as usize, overlaps);
    assert_close(
        &format!("gradient of {what}"),
        &grad_input,
        &expected,
        tolerance,
    );

    // `<forward(x), g> = <x, backward(g)>` at fixed positions; padding contributes 0 to the one and nothing to the other.
    if !matches!(data, Data::Nans) {
        let (by_output, by_input) = (dot(&output, &grad_output), dot(&input, &grad_input));
        let tolerance = sum_tolerance(overlaps as usize, output.len() as f64);
        assert_near(
            &format!("adjoint of {what}"),
            by_input,
            by_output,
            tolerance,
        );
    }
}

/// Padding before the first cell and number of windows along one axis, in the modes that layers offer.
fn axis(mode: &str, size: usize, pool: usize, stride: usize) -> (usize, usize) {
    let floor = size.saturating_sub(pool) / stride + 1;
    let ceil = size.saturating_sub(pool).div_ceil(stride) + 1;
    // The last window has to hold a real cell.
    let ceil = ceil.min((size - 1) / stride + 1);
    let missing = |out: usize| ((out - 1) * stride + pool).saturating_sub(size);
    match mode {
        "floor" => (0, floor),
        "ceil, padded at the end" => (0, ceil),
        "ceil, padded at the start" if missing(ceil) < pool => (missing(ceil), ceil),
        "ceil, padded at the start" => (0, floor),
        "same" => (missing(size.div_ceil(stride)) / 2, size.div_ceil(stride)),
        _ => unreachable!("{mode}"),
    }
}

#[test]
fn cases_of_the_table() {
    for case in cases::<MaxPool2dCase>("maxPool2d") {
        let s = case.shape();
        if !cfg!(miri) || case.batch * s.in_h * s.in_w * s.channels < 100 {
            for data in EVERY_DATA {
                check(&s, case.batch, data);
            }
        }
    }
}

/// Every mode, with strides below, at and above the window.
fn grid() -> Vec<MaxPool2dShape> {
    let modes = [
        "floor",
        "ceil, padded at the end",
        "ceil, padded at the start",
        "same",
    ];
    // [height, width] of windows and strides.
    let walks = [
        ([2, 2], [2, 2]),
        ([2, 2], [1, 1]),
        ([3, 3], [2, 2]),
        ([3, 2], [1, 3]),
        ([1, 1], [2, 2]),
        ([2, 3], [3, 2]),
        ([1, 4], [1, 2]),
        ([4, 1], [5, 1]),
    ];
    let (sizes, channels): (&[[usize; 2]], &[usize]) = if cfg!(miri) {
        (&[[3, 5]], &[1, 5])
    } else {
        (
            &[[1, 1], [4, 4], [5, 7], [11, 8], [2, 13]],
            &[1, 2, 3, 4, 5, 7, 8, 9],
        )
    };
    let mut shapes = Vec::new();
    for (pool, stride) in walks {
        for mode in modes {
            for &[in_h, in_w] in sizes {
                let (pad_top, out_h) = axis(mode, in_h, pool[0], stride[0]);
                let (pad_left, out_w) = axis(mode, in_w, pool[1], stride[1]);
                let (pads, outs) = ([pad_top, pad_left], [out_h, out_w]);
                for &channels in channels {
                    for zero in [false, true] {
                        let sizes = [in_h, in_w, channels];
                        shapes.push(
                            MaxPool2dShape::new(sizes, pool, stride, pads, outs, zero).unwrap(),
                        );
                    }
                }
            }
        }
    }
    shapes
}

#[test]
fn every_shape_of_the_grid() {
    // Miri takes one kind of data each for a few of them, spread so that every walk, mode and path is among them.
    let few = grid()
        .into_iter()
        .enumerate()
        .step_by(if cfg!(miri) { 7 } else { 1 });
    for (i, s) in few {
        let kinds = if cfg!(miri) {
            &EVERY_DATA[i % 4..][..1]
        } else {
            &EVERY_DATA[..]
        };
        for &data in kinds {
            check(&s, if cfg!(miri) { 1 } else { 2 }, data);
        }
    }
}

fn two_by_two(channels: usize) -> MaxPool2dShape {
    MaxPool2dShape::new([5, 6, channels], [2, 2], [2, 2], [0, 0], [2, 3], true).unwrap()
}

#[test]
fn empty_batch_writes_nothing() {
    check(&two_by_two(4), 0, Data::Mixed);
}

#[test]
fn first_of_equal_maxima_wins_and_gets_the_whole_gradient() {
    for channels in [1, 4, 5] {
        let s = two_by_two(channels);
        let (_, positions) = forward(&s, 1, &vec![1.5; s.input_len(1).unwrap()]);
        let corners = [0, 2, 4, 12, 14, 16];
        let expected: Vec<i32> = corners.iter().flat_map(|&p| vec![p; channels]).collect();
        assert_eq!(positions, expected);
        let grad_input = backward(&s, 1, &vec![1.0; positions.len()], &positions);
        assert_eq!(grad_input.iter().sum::<f32>(), positions.len() as f32);
    }
}

#[test]
fn infinities_and_the_smaller_zero_are_ordinary_numbers() {
    let s = MaxPool2dShape::new([1, 2, 1], [1, 2], [1, 2], [0, 0], [1, 1], true).unwrap();
    let low = f32::NEG_INFINITY;
    assert_eq!(forward(&s, 1, &[low, low]), (vec![low], vec![0]));
    assert_eq!(
        forward(&s, 1, &[low, f32::INFINITY]),
        (vec![f32::INFINITY], vec![1])
    );
    // Padding is no real cell's equal: 0 does not beat -0, which stays.
    let s = MaxPool2dShape::new([1, 1, 1], [1, 2], [1, 2], [0, 0], [1, 1], true).unwrap();
    let (output, positions) = forward(&s, 1, &[-0.0]);
    assert_eq!(
        (output[0].to_bits(), positions[0]),
        ((-0.0f32).to_bits(), 0)
    );
    assert_eq!(forward(&s, 1, &[low]), (vec![0.0], vec![-1]));
}

#[test]
fn positions_outside_the_plane_are_refused() {
    for channels in [1, 4] {
        let s = two_by_two(channels);
        let mut positions = forward(&s, 1, &values(1, s.input_len(1).unwrap())).1;
        let grad_output = values(2, positions.len());
        for bad in [-2, 30, i32::MAX, i32::MIN] {
            positions[3] = bad;
            let mut grad_input = vec![9.0; s.input_len(1).unwrap()];
            let error = max_pool2d_backward(
                &s,
                1,
                &grad_output,
                &positions,
                &mut grad_input,
                Below::default(),
            );
            assert_eq!(
                error.unwrap_err().0,
                format!(
                    "maxPool2dBackward: positions[3] is {bad}, expected -1 or a cell of plane [5, 6]"
                )
            );
        }
    }
}

#[test]
#[should_panic(expected = "output of")]
fn output_of_another_length_is_refused() {
    let s = two_by_two(1);
    max_pool2d_forward(&s, 1, &[0.0; 30], &mut [0.0; 5], None);
}

/// Any legal geometry of one axis: size, window, stride, padding before the first cell, number of windows.
fn any_axis(most: usize) -> impl Strategy<Value = [usize; 5]> {
    let sizes = (1..=most, 1..=4usize, 1..=5usize);
    sizes.prop_flat_map(|(size, pool, stride)| {
        (0..pool).prop_flat_map(move |pad| {
            let windows = (size + pad - 1) / stride + 1;
            (1..=windows).prop_map(move |out| [size, pool, stride, pad, out])
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if cfg!(miri) { 3 } else { 500 },
        failure_persistence: None,
        ..ProptestConfig::default()
    })]
    #[test]
    fn any_small_pooling(
        y in any_axis(if cfg!(miri) { 4 } else { 12 }),
        x in any_axis(if cfg!(miri) { 6 } else { 24 }),
        channels in 1..=9usize,
        batch in 0..3usize,
        pad_with_zero in any::<bool>(),
        data in 0..4usize,
    ) {
        let s = MaxPool2dShape::new([y[0], x[0], channels], [y[1], x[1]], [y[2], x[2]], [y[3], x[3]], [y[4], x[4]], pad_with_zero);
        check(&s.unwrap(), batch, EVERY_DATA[data]);
    }
}
