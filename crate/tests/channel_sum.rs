//! Sums over channels against those of f64, and the adjoint identity.

mod reference;

use fourlane_core::kernels::channel_sum::{channel_sum_backward, channel_sum_forward};
use proptest::prelude::*;
use reference::compare::{assert_close, assert_near, sum_tolerance};
use reference::{LENS, channel_sum as naive, dot, property_tests, values};

fn check(pixels: usize, channels: usize) {
    let what = format!("{pixels} pixels of {channels}");
    let input = values(1, pixels * channels);
    let mut output = vec![f32::NAN; pixels];
    channel_sum_forward(channels, &input, &mut output);
    let tolerance = sum_tolerance(channels, channels as f64);
    if channels > 0 {
        assert_close(&what, &output, &naive::forward(channels, &input), tolerance);
    } else {
        assert_eq!(output, vec![0.0; pixels], "{what}");
    }

    let grad_output = values(2, pixels);
    let mut grad_input = vec![f32::NAN; input.len()];
    channel_sum_backward(channels, &grad_output, &mut grad_input);
    let expected: Vec<f32> = (0..pixels * channels)
        .map(|i| grad_output[i / channels])
        .collect();
    assert_eq!(grad_input, expected, "{what}, backward");
    let (forward, backward) = (dot(&output, &grad_output), dot(&input, &grad_input));
    assert_near(&what, forward, backward, tolerance * pixels as f64);
}

#[test]
fn sizes_around_vectors() {
    for &pixels in &[0, 1, 3, 4, 5, 9] {
        for &channels in LENS {
            check(pixels, channels);
        }
    }
}

#[test]
fn nan_spoils_its_pixel_only() {
    for at in 0..3 * 7 {
        let mut input = [0.5; 3 * 7];
        input[at] = f32::NAN;
        let mut output = [0.0; 3];
        channel_sum_forward(7, &input, &mut output);
        for (pixel, sum) in output.iter().enumerate() {
            assert_eq!(sum.is_nan(), pixel == at / 7, "{at}");
            assert!(sum.is_nan() || *sum == 3.5, "{at}");
        }
    }
}

#[test]
#[should_panic(expected = "input and output")]
fn other_lengths_are_refused() {
    channel_sum_forward(3, &[0.0; 7], &mut [0.0; 2]);
}

proptest! {
    #![proptest_config(property_tests(100))]
    #[test]
    fn any_sizes(pixels in 0..20usize, channels in 0..50usize) {
        check(pixels, channels);
    }
}
