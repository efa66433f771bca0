//! Sums over whole slices, in f64: a loss is a sum of many small terms, and its rounding must not hide them.

use super::{F32x4, LANES};

/// Four partial sums, one for each lane, so that the order is the same everywhere and additions do not wait.
struct Sums([f64; LANES]);

impl Sums {
    #[inline(always)]
    fn add(&mut self, terms: F32x4) {
        for (sum, term) in self.0.iter_mut().zip(terms.to_array()) {
            *sum += f64::from(term);
        }
    }

    fn total(&self) -> f64 {
        let [a, b, c, d] = self.0;
        (a + b) + (c + d)
    }
}

/// Sum over i of `term(values[i])`, four at a time; the lanes behind the last element see `fill`, whose term must be 0.
#[inline(always)]
pub fn sum(values: &[f32], fill: f32, term: impl Fn(F32x4) -> F32x4) -> f64 {
    let mut sums = Sums([0.0; LANES]);
    let (whole, rest) = values.as_chunks::<LANES>();
    for values in whole {
        sums.add(term(F32x4::load(values)));
    }
    if !rest.is_empty() {
        sums.add(term(F32x4::load_partial(rest, fill)));
    }
    sums.total()
}

/// Sum over i of `term(a[i], b[i])`, four at a time; the term of two zeros must be 0.
///
/// # Panics
/// When the lengths differ.
#[inline(always)]
pub fn sum_with(a: &[f32], b: &[f32], term: impl Fn(F32x4, F32x4) -> F32x4) -> f64 {
    assert_eq!(a.len(), b.len(), "both factors");
    let mut sums = Sums([0.0; LANES]);
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    for (a, b) in a.iter().zip(b) {
        sums.add(term(F32x4::load(a), F32x4::load(b)));
    }
    if !a_rest.is_empty() {
        let (a, b) = (
            F32x4::load_partial(a_rest, 0.0),
            F32x4::load_partial(b_rest, 0.0),
        );
        sums.add(term(a, b));
    }
    sums.total()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_element_counts_once_and_small_terms_are_kept() {
        for len in [0, 1, 3, 4, 5, 8, 11] {
            let values: Vec<f32> = (0..len).map(|i| i as f32).collect();
            let expected = (0..len).sum::<i32>();
            assert_eq!(sum(&values, 0.0, |x| x), f64::from(expected), "{len}");
            assert_eq!(
                sum_with(&values, &values, |a, b| a + b),
                f64::from(2 * expected),
                "{len}"
            );
        }
        let small = f32::EPSILON / 1024.0;
        let expected = 1.0 + 2.0 * f64::from(small);
        assert_eq!(sum(&[1.0, small, small], 0.0, |x| x), expected);
    }
}
