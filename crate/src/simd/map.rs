//! Loops that treat every element alike.

use super::{F32x4, LANES};
use std::marker::PhantomData;
use std::ops::Range;

/// Where such a loop reads and writes: two ranges of one length that lie apart, or a single one in place.
pub struct InOut<'a> {
    input: *const f32,
    output: *mut f32,
    len: usize,
    borrowed: PhantomData<(&'a [f32], &'a mut [f32])>,
}

// SAFETY: what slices of both ranges, one borrowed mutably, would be; `part` asks its callers to keep parts apart.
unsafe impl Sync for InOut<'_> {}

/// Vectors that [`InOut::map_in_stages`] takes through one stage before the next begins.
const STAGE: usize = 32;

impl<'a> InOut<'a> {
    /// From `input` to `output`.
    ///
    /// # Panics
    /// When the lengths differ.
    pub fn apart(input: &'a [f32], output: &'a mut [f32]) -> Self {
        assert_eq!(input.len(), output.len(), "input and output");
        Self {
            input: input.as_ptr(),
            output: output.as_mut_ptr(),
            len: input.len(),
            borrowed: PhantomData,
        }
    }

    /// The output takes the place of the input.
    pub fn in_place(values: &'a mut [f32]) -> Self {
        let output = values.as_mut_ptr();
        Self {
            input: output,
            output,
            len: values.len(),
            borrowed: PhantomData,
        }
    }

    /// Elements to treat.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Some of the elements.
    ///
    /// # Panics
    /// When the range is outside.
    ///
    /// # Safety
    /// No two parts that are alive at one time overlap.
    pub unsafe fn part(&self, range: Range<usize>) -> InOut<'_> {
        assert!(
            range.start <= range.end && range.end <= self.len,
            "part {range:?} of {}",
            self.len
        );
        // SAFETY: inside both ranges.
        let (input, output) =
            unsafe { (self.input.add(range.start), self.output.add(range.start)) };
        InOut {
            input,
            output,
            len: range.len(),
            borrowed: PhantomData,
        }
    }

    /// The whole vector number `index`.
    #[inline(always)]
    fn load(&self, index: usize) -> F32x4 {
        debug_assert!((index + 1) * LANES <= self.len);
        // SAFETY: inside the borrowed range, as every caller stays below `len / LANES`; no reference to it exists.
        unsafe { F32x4::load_ptr(self.input.add(index * LANES)) }
    }

    #[inline(always)]
    fn store(&mut self, index: usize, values: F32x4) {
        debug_assert!((index + 1) * LANES <= self.len);
        // SAFETY: as in `load`; the range is borrowed mutably.
        unsafe { values.store_ptr(self.output.add(index * LANES)) }
    }

    /// Applies `vector` to the elements behind the last whole vector, filled up with zeros.
    #[inline(always)]
    fn map_rest(&mut self, vector: impl FnOnce(F32x4) -> F32x4) {
        let start = self.len / LANES * LANES;
        let rest = self.len - start;
        // SAFETY: inside the borrowed ranges; the reference to the input ends before that to the output begins.
        unsafe {
            let input = std::slice::from_raw_parts(self.input.add(start), rest);
            let values = vector(F32x4::load_partial(input, 0.0));
            let output = std::slice::from_raw_parts_mut(self.output.add(start), rest);
            values.store_partial(output);
        }
    }

    /// `output[i] = vector(input[i])`, four at a time.
    #[inline(always)]
    pub fn map(mut self, vector: impl Fn(F32x4) -> F32x4) {
        for index in 0..self.len / LANES {
            self.store(index, vector(self.load(index)));
        }
        self.map_rest(vector);
    }

    /// `output[i] = vector(other[i], input[i])`, four at a time.
    ///
    /// # Panics
    /// When `other` has another length.
    #[inline(always)]
    pub fn map_with(mut self, other: &[f32], vector: impl Fn(F32x4, F32x4) -> F32x4) {
        assert_eq!(self.len, other.len(), "input and the other operand");
        let (others, rest) = other.as_chunks::<LANES>();
        for (index, other) in others.iter().enumerate() {
            self.store(index, vector(F32x4::load(other), self.load(index)));
        }
        self.map_rest(|values| vector(F32x4::load_partial(rest, 0.0), values));
    }

    /// `output[i] = last(input[i], middle(first(input[i])))`, four at a time, a block in each stage before the next.
    ///
    /// For functions that are long chains of operations: the processor looks ahead over some 100 of them, too few
    /// vectors at once to hide that each operation waits for the one before (tanh: 0.72 instead of 1.03 ns an element
    /// on Zen 4). In a stage the chains are shorter and the same number reaches over more vectors.
    #[inline(always)]
    pub fn map_in_stages(
        mut self,
        first: impl Fn(F32x4) -> [F32x4; 2],
        middle: impl Fn([F32x4; 2]) -> [F32x4; 2],
        last: impl Fn(F32x4, [F32x4; 2]) -> F32x4,
    ) {
        let vectors = self.len / LANES;
        let mut between = [[F32x4::splat(0.0); 2]; STAGE];
        let mut start = 0;
        while start < vectors {
            let count = STAGE.min(vectors - start);
            let block = &mut between[..count];
            for (i, values) in block.iter_mut().enumerate() {
                *values = first(self.load(start + i));
            }
            for values in block.iter_mut() {
                *values = middle(*values);
            }
            for (i, values) in block.iter().enumerate() {
                self.store(start + i, last(self.load(start + i), *values));
            }
            start += count;
        }
        self.map_rest(|values| last(values, middle(first(values))));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_element_is_treated_once_apart_and_in_place() {
        for len in [0, 1, 3, 4, 5, 7, 127, 128, 129, 131, 260] {
            let input: Vec<f32> = (0..len).map(|i| i as f32 + 1.0).collect();
            let other: Vec<f32> = input.iter().map(|x| 100.0 * x).collect();
            let two = F32x4::splat(2.0);
            let run = |in_out: InOut<'_>, which: usize| match which {
                0 => in_out.map(|x| x * two),
                1 => in_out.map_with(&other, |other, x| other + x),
                _ => in_out.map_in_stages(|x| [x, x + x], |[a, b]| [b, a], |x, [b, a]| x * b - a),
            };
            let expected: [fn(f32) -> f32; 3] =
                [|x| 2.0 * x, |x| 100.0 * x + x, |x| x * (x + x) - x];
            for (which, expected) in expected.into_iter().enumerate() {
                let expected: Vec<f32> = input.iter().map(|&x| expected(x)).collect();
                let mut output = vec![f32::NAN; len];
                run(InOut::apart(&input, &mut output), which);
                assert_eq!(output, expected, "{which}, {len} apart");
                output.copy_from_slice(&input);
                run(InOut::in_place(&mut output), which);
                assert_eq!(output, expected, "{which}, {len} in place");
            }
        }
    }
}
