//! Four-lane vocabulary that every kernel is written in: [`F32x4`] and [`I32x4`].
//!
//! Two twins with one interface: `wasm32` maps it to `core::arch::wasm32`, `portable` to plain arrays for native
//! tests and Miri. Both round every operation the same way, so a kernel gives the same bits in either, except that
//! [`F32x4::madd`] fuses multiply and add when the crate is compiled with `relaxed-simd`.
//!
//! Comparisons give an [`I32x4`] mask, all ones where true. `max` and `min` return NaN when either side is NaN.

mod map;
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod portable;
mod sum;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod wasm32;

pub use map::InOut;
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
pub use portable::{F32x4, I32x4};
pub use sum::{sum, sum_with};
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub use wasm32::{F32x4, I32x4};

#[cfg(all(target_arch = "wasm32", not(target_feature = "simd128")))]
compile_error!(
    "fourlane-core needs simd128: build with -C target-feature=+simd128 (npm run build does)"
);

/// Floats in one vector.
pub const LANES: usize = 4;

/// Where each group of four among at least four elements starts; the last one overlaps the one before when they do not
/// come out even.
pub fn lane_groups(len: usize) -> impl Iterator<Item = usize> {
    let last = len - LANES;
    (0..last).step_by(LANES).chain(std::iter::once(last))
}

impl F32x4 {
    /// The first four floats of `values`.
    ///
    /// # Panics
    /// When there are fewer than four.
    #[inline(always)]
    pub fn load(values: &[f32]) -> Self {
        let values: &[f32; LANES] = values.first_chunk().expect("four floats");
        Self::from_array(*values)
    }

    /// Writes the four floats to the front of `target`.
    ///
    /// # Panics
    /// When it has fewer than four places.
    #[inline(always)]
    pub fn store(self, target: &mut [f32]) {
        *target.first_chunk_mut().expect("four places") = self.to_array();
    }

    /// The first `values.len()` lanes from `values` (at most four), `fill` in the others.
    #[inline(always)]
    pub fn load_partial(values: &[f32], fill: f32) -> Self {
        let mut lanes = [fill; LANES];
        copy_short(values, &mut lanes);
        Self::from_array(lanes)
    }

    /// Writes the first `target.len()` lanes (at most four).
    #[inline(always)]
    pub fn store_partial(self, target: &mut [f32]) {
        assert!(target.len() <= LANES);
        for (i, lane) in self.to_array().into_iter().enumerate() {
            if let Some(place) = target.get_mut(i) {
                *place = lane;
            }
        }
    }

    /// `((lane 0 + lane 1) + (lane 2 + lane 3))`, in this order on every machine.
    #[inline(always)]
    pub fn sum(self) -> f32 {
        let [a, b, c, d] = self.to_array();
        (a + b) + (c + d)
    }
}

/// `target[..source.len()] = source`, for at most `MOST` floats.
///
/// Spelled out, since a copy of unknown length is a call out of wasm, some 20 times as long as a few floats take.
#[inline(always)]
pub fn copy_short<const MOST: usize>(source: &[f32], target: &mut [f32; MOST]) {
    assert!(source.len() <= MOST);
    for (i, place) in target.iter_mut().enumerate() {
        if let Some(&value) = source.get(i) {
            *place = value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn max_and_min_propagate_nan_from_either_side() {
        let nan = F32x4::splat(f32::NAN);
        let one = F32x4::splat(1.0);
        for v in [nan.max(one), one.max(nan), nan.min(one), one.min(nan)] {
            assert!(v.to_array().iter().all(|x| x.is_nan()));
        }
        assert_eq!(
            F32x4::splat(-0.0)
                .max(F32x4::splat(0.0))
                .to_array()
                .map(f32::to_bits),
            [0; 4]
        );
    }

    #[test]
    fn partial_loads_and_stores_touch_only_their_lanes() {
        let mut target = [9.0; 3];
        F32x4::load_partial(&[1.0, 2.0], 7.0).store_partial(&mut target[..2]);
        assert_eq!(target, [1.0, 2.0, 9.0]);
        assert_eq!(
            F32x4::load_partial(&[1.0], 7.0).to_array(),
            [1.0, 7.0, 7.0, 7.0]
        );
    }

    #[test]
    fn select_takes_lanes_by_mask() {
        let a = F32x4::from_array([1.0, 2.0, 3.0, f32::NAN]);
        let b = F32x4::splat(2.0);
        assert_eq!(
            F32x4::select(a.gt(b), a, b).to_array(),
            [2.0, 2.0, 3.0, 2.0]
        );
        assert_eq!(
            F32x4::select(a.le(b), a, b).to_array(),
            [1.0, 2.0, 2.0, 2.0]
        );
    }

    #[test]
    fn transpose_swaps_rows_and_lanes() {
        let rows = [0.0, 4.0, 8.0, 12.0].map(|r| F32x4::from_array([r, r + 1.0, r + 2.0, r + 3.0]));
        let columns = F32x4::transpose(rows).map(F32x4::to_array);
        for (i, column) in columns.iter().enumerate() {
            let i = i as f32;
            assert_eq!(*column, [i, i + 4.0, i + 8.0, i + 12.0]);
        }
    }

    #[test]
    fn nearest_ties_to_even_and_converts() {
        let v = F32x4::from_array([0.5, 1.5, -2.5, 2.6]).nearest();
        assert_eq!(v.to_array(), [0.0, 2.0, -2.0, 3.0]);
        assert_eq!(v.to_i32().to_array(), [0, 2, -2, 3]);
    }
}
