//! Permutations against the definition, index by index.

mod reference;

use fourlane_core::kernels::permute::{nchw_to_nhwc, nhwc_to_nchw};
use proptest::prelude::*;
use reference::{permute, property_tests, values};

fn check(batch: usize, plane: usize, channels: usize) {
    let nhwc = values(1, batch * plane * channels);
    let mut nchw = vec![f32::NAN; nhwc.len()];
    nhwc_to_nchw(plane, channels, &nhwc, &mut nchw);
    let what = format!("[{batch}, {plane}, {channels}]");
    assert_eq!(
        nchw,
        permute::nhwc_to_nchw(plane, channels, &nhwc),
        "{what}"
    );
    let mut back = vec![f32::NAN; nhwc.len()];
    nchw_to_nhwc(plane, channels, &nchw, &mut back);
    assert_eq!(back, nhwc, "{what} and back");
}

#[test]
fn planes_and_channels_around_vectors() {
    let sizes: &[usize] = if cfg!(miri) {
        &[0, 1, 5]
    } else {
        &[0, 1, 3, 4, 5, 7, 8, 31]
    };
    for batch in [0, 1, 2] {
        for &plane in sizes {
            for &channels in sizes {
                check(batch, plane, channels);
            }
        }
    }
}

#[test]
#[should_panic(expected = "samples of 6")]
fn broken_samples_are_refused() {
    nhwc_to_nchw(2, 3, &[0.0; 7], &mut [0.0; 7]);
}

proptest! {
    #![proptest_config(property_tests(100))]
    #[test]
    fn any_sizes(batch in 0..3usize, plane in 0..30usize, channels in 0..30usize) {
        check(batch, plane, channels);
    }
}
