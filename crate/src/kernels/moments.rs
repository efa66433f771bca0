//! What optimizers share: a pass over parameters together with what is kept for each of them.

use super::share::share;
use crate::pool::{Split, Work};
use crate::simd::{F32x4, LANES};

/// 2^-100. Smaller moments become zero.
///
/// A moment whose gradient stays zero shrinks by a factor at each step, down to denormal numbers, with which processors
/// compute up to a hundred times slower, and which wasm cannot flush. This far below `epsilon` it changes no parameter.
pub const SMALLEST_MOMENT: f32 = f32::from_bits((127 - 100) << 23);

/// Turns moments below [`SMALLEST_MOMENT`] into 0.
#[derive(Clone, Copy)]
pub struct Flush {
    smallest: F32x4,
}

impl Flush {
    /// Ready to be applied: the bound in a variable, for the reason at [`crate::elementary`].
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        let smallest = F32x4::splat(std::hint::black_box(SMALLEST_MOMENT));
        Self { smallest }
    }

    /// `moment`, or 0 where its magnitude is below the bound. NaN stays.
    #[inline(always)]
    pub fn apply(self, moment: F32x4) -> F32x4 {
        let tiny = self.smallest.gt(moment.abs());
        moment.to_bits().and_not(tiny).to_f32_bits()
    }
}

/// `(parameter, moments) = vector(parameter, gradient, moments)` for every element, four at a time; the lanes behind
/// the last element see zeros.
///
/// `vector` is copied for each piece: given constants by value, not by reference, it keeps them in registers, as no store
/// can change them (Adam: 0.8 instead of 1.1 ns a parameter on Zen 4).
///
/// # Panics
/// When the lengths differ.
#[inline(always)]
pub fn update_with_moments<const N: usize>(
    parameter: &mut [f32],
    gradient: &[f32],
    moments: [&mut [f32]; N],
    vector: impl Fn(F32x4, F32x4, [F32x4; N]) -> (F32x4, [F32x4; N]) + Copy + Sync,
) {
    assert_eq!(parameter.len(), gradient.len(), "parameter and gradient");
    for kept in &moments {
        assert_eq!(parameter.len(), kept.len(), "parameter and moment");
    }
    let work = Work::floats((3 + 2 * N) * parameter.len());
    let (len, parameter) = (parameter.len(), Split::new(parameter));
    let moments = moments.map(Split::new);
    share(len, work, |range| {
        // SAFETY: ranges of different blocks do not overlap.
        let (parameter, moments) = unsafe {
            let kept = std::array::from_fn(|k| moments[k].part(range.clone()));
            (parameter.part(range.clone()), kept)
        };
        update_piece(parameter, &gradient[range], moments, vector);
    });
}

/// Of slices that are as long as one another.
#[inline(always)]
fn update_piece<const N: usize>(
    parameter: &mut [f32],
    gradient: &[f32],
    moments: [&mut [f32]; N],
    vector: impl Fn(F32x4, F32x4, [F32x4; N]) -> (F32x4, [F32x4; N]),
) {
    let (parameters, parameter_rest) = parameter.as_chunks_mut::<LANES>();
    let (gradients, gradient_rest) = gradient.as_chunks::<LANES>();
    let mut moments = moments.map(|kept| kept.as_chunks_mut::<LANES>());
    for (i, (p, g)) in parameters.iter_mut().zip(gradients).enumerate() {
        let before = std::array::from_fn(|k| F32x4::load(&moments[k].0[i]));
        let (value, after) = vector(F32x4::load(p), F32x4::load(g), before);
        value.store(p);
        for (kept, after) in moments.iter_mut().zip(after) {
            after.store(&mut kept.0[i]);
        }
    }
    let before = std::array::from_fn(|k| F32x4::load_partial(moments[k].1, 0.0));
    let (value, after) = vector(
        F32x4::load_partial(parameter_rest, 0.0),
        F32x4::load_partial(gradient_rest, 0.0),
        before,
    );
    value.store_partial(parameter_rest);
    for (kept, after) in moments.into_iter().zip(after) {
        after.store_partial(kept.1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_below_the_bound_is_flushed() {
        let flush = Flush::new();
        let below = f32::from_bits(SMALLEST_MOMENT.to_bits() - 1);
        assert_eq!(SMALLEST_MOMENT, 1.0 / (1_u128 << 100) as f32);
        for kept in [SMALLEST_MOMENT, -SMALLEST_MOMENT, 1.0, f32::INFINITY] {
            assert_eq!(flush.apply(F32x4::splat(kept)).to_array(), [kept; 4]);
        }
        for tiny in [below, -below, f32::MIN_POSITIVE, f32::from_bits(1), -0.0] {
            let bits = flush.apply(F32x4::splat(tiny)).to_array().map(f32::to_bits);
            assert_eq!(bits, [0; 4], "{tiny:e}");
        }
        assert!(flush.apply(F32x4::splat(f32::NAN)).to_array()[0].is_nan());
    }

    #[test]
    fn every_element_is_updated_once_with_its_own_moments() {
        for len in [0, 1, 3, 4, 5, 8, 11] {
            let numbers = |from: f32| -> Vec<f32> { (0..len).map(|i| from + i as f32).collect() };
            let mut parameter = numbers(1.0);
            let (mut first, mut second) = (numbers(100.0), numbers(1000.0));
            update_with_moments(
                &mut parameter,
                &numbers(10.0),
                [&mut first, &mut second],
                |p, g, [m, v]| (p + g + m + v, [m - g, v + p]),
            );
            let index = |i: usize| i as f32;
            for i in 0..len {
                assert_eq!(parameter[i], 1111.0 + 4.0 * index(i));
                assert_eq!(first[i], 90.0);
                assert_eq!(second[i], 1001.0 + 2.0 * index(i));
            }
        }
    }

    #[test]
    #[should_panic(expected = "parameter and moment")]
    fn moments_of_another_length_are_refused() {
        update_with_moments(&mut [0.0; 4], &[0.0; 4], [&mut [0.0; 3]], |p, _, m| (p, m));
    }
}
