//! Between channels last and channels first.

/// `output[n, c, p] = input[n, p, c]`, p counting the pixels of a plane.
pub fn nhwc_to_nchw(plane: usize, channels: usize, input: &[f32]) -> Vec<f32> {
    let mut output = vec![f32::NAN; input.len()];
    for (i, &value) in input.iter().enumerate() {
        let (n, p, c) = (i / (plane * channels), i / channels % plane, i % channels);
        output[(n * channels + c) * plane + p] = value;
    }
    output
}
