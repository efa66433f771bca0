//! Loops that treat every element alike.

use super::{F32x4, LANES};

/// Where such a loop reads and writes: two slices of one length, or a single one in place.
pub enum InOut<'a> {
    /// The input stays as it is.
    Apart(&'a [f32], &'a mut [f32]),
    /// The output takes the place of the input.
    Same(&'a mut [f32]),
}

impl InOut<'_> {
    /// `output[i] = vector(input[i])`, in groups of four; the lanes behind the last element see zeros.
    ///
    /// # Panics
    /// When the lengths differ.
    #[inline(always)]
    pub fn map(self, vector: impl Fn(F32x4) -> F32x4) {
        match self {
            Self::Apart(input, output) => {
                assert_eq!(input.len(), output.len(), "input and output");
                let (input, input_rest) = input.as_chunks::<LANES>();
                let (output, output_rest) = output.as_chunks_mut::<LANES>();
                for (i, o) in input.iter().zip(output) {
                    vector(F32x4::load(i)).store(o);
                }
                vector(F32x4::load_partial(input_rest, 0.0)).store_partial(output_rest);
            }
            Self::Same(values) => {
                let (chunks, rest) = values.as_chunks_mut::<LANES>();
                for chunk in chunks {
                    vector(F32x4::load(chunk)).store(chunk);
                }
                vector(F32x4::load_partial(rest, 0.0)).store_partial(rest);
            }
        }
    }

    /// `output[i] = vector(other[i], input[i])`, in groups of four; the lanes behind the last element see zeros.
    ///
    /// # Panics
    /// When the lengths differ.
    #[inline(always)]
    pub fn map_with(self, other: &[f32], vector: impl Fn(F32x4, F32x4) -> F32x4) {
        let (others, other_rest) = other.as_chunks::<LANES>();
        match self {
            Self::Apart(input, output) => {
                assert_eq!(input.len(), output.len(), "input and output");
                assert_eq!(input.len(), other.len(), "input and the other operand");
                let (input, input_rest) = input.as_chunks::<LANES>();
                let (output, output_rest) = output.as_chunks_mut::<LANES>();
                for ((a, i), o) in others.iter().zip(input).zip(output) {
                    vector(F32x4::load(a), F32x4::load(i)).store(o);
                }
                let rest = F32x4::load_partial(input_rest, 0.0);
                vector(F32x4::load_partial(other_rest, 0.0), rest).store_partial(output_rest);
            }
            Self::Same(values) => {
                assert_eq!(values.len(), other.len(), "input and the other operand");
                let (chunks, rest) = values.as_chunks_mut::<LANES>();
                for (a, chunk) in others.iter().zip(chunks) {
                    vector(F32x4::load(a), F32x4::load(chunk)).store(chunk);
                }
                let last = F32x4::load_partial(rest, 0.0);
                vector(F32x4::load_partial(other_rest, 0.0), last).store_partial(rest);
            }
        }
    }
}
