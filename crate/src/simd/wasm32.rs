//! The vocabulary over `core::arch::wasm32`. Its portable twin documents the same names.
#![allow(missing_docs)]

use core::arch::wasm32 as w;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// Four floats.
#[derive(Clone, Copy, Debug)]
pub struct F32x4(w::v128);

/// Four 32-bit integers; also the masks of comparisons.
#[derive(Clone, Copy, Debug)]
pub struct I32x4(w::v128);

macro_rules! operator {
    ($trait:ident, $method:ident, $intrinsic:ident) => {
        impl $trait for F32x4 {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                Self(w::$intrinsic(self.0, other.0))
            }
        }
    };
}
operator!(Add, add, f32x4_add);
operator!(Sub, sub, f32x4_sub);
operator!(Mul, mul, f32x4_mul);
operator!(Div, div, f32x4_div);

impl Neg for F32x4 {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Self(w::f32x4_neg(self.0))
    }
}

impl F32x4 {
    #[inline(always)]
    pub fn splat(value: f32) -> Self {
        Self(w::f32x4_splat(value))
    }

    #[inline(always)]
    pub fn from_array(lanes: [f32; 4]) -> Self {
        // SAFETY: the array is 16 readable bytes; `load_ptr` takes any alignment.
        unsafe { Self::load_ptr(lanes.as_ptr()) }
    }

    #[inline(always)]
    pub fn to_array(self) -> [f32; 4] {
        let mut lanes = [0.0; 4];
        // SAFETY: the array is 16 writable bytes; `store_ptr` takes any alignment.
        unsafe { self.store_ptr(lanes.as_mut_ptr()) };
        lanes
    }

    /// # Safety
    /// `pointer` is valid for reading 16 bytes.
    #[inline(always)]
    pub unsafe fn load_ptr(pointer: *const f32) -> Self {
        // SAFETY: the caller's contract; wasm loads take any alignment.
        Self(unsafe { w::v128_load(pointer.cast()) })
    }

    /// # Safety
    /// `pointer` is valid for reading 4 bytes.
    #[inline(always)]
    pub unsafe fn splat_ptr(pointer: *const f32) -> Self {
        // SAFETY: the caller's contract; wasm loads take any alignment.
        Self(unsafe { w::v128_load32_splat(pointer.cast()) })
    }

    /// # Safety
    /// `pointer` is valid for writing 16 bytes.
    #[inline(always)]
    pub unsafe fn store_ptr(self, pointer: *mut f32) {
        // SAFETY: the caller's contract; wasm stores take any alignment.
        unsafe { w::v128_store(pointer.cast(), self.0) }
    }

    #[cfg(target_feature = "relaxed-simd")]
    #[inline(always)]
    pub fn madd(self, b: Self, c: Self) -> Self {
        Self(w::f32x4_relaxed_madd(self.0, b.0, c.0))
    }

    #[cfg(not(target_feature = "relaxed-simd"))]
    #[inline(always)]
    pub fn madd(self, b: Self, c: Self) -> Self {
        self * b + c
    }

    #[inline(always)]
    pub fn max(self, other: Self) -> Self {
        Self(w::f32x4_max(self.0, other.0))
    }

    #[inline(always)]
    pub fn min(self, other: Self) -> Self {
        Self(w::f32x4_min(self.0, other.0))
    }

    #[inline(always)]
    pub fn pmin(self, other: Self) -> Self {
        Self(w::f32x4_pmin(self.0, other.0))
    }

    #[inline(always)]
    pub fn pmax(self, other: Self) -> Self {
        Self(w::f32x4_pmax(self.0, other.0))
    }

    #[inline(always)]
    pub fn abs(self) -> Self {
        Self(w::f32x4_abs(self.0))
    }

    #[inline(always)]
    pub fn nearest(self) -> Self {
        Self(w::f32x4_nearest(self.0))
    }

    #[inline(always)]
    pub fn sqrt(self) -> Self {
        Self(w::f32x4_sqrt(self.0))
    }

    #[inline(always)]
    pub fn to_i32(self) -> I32x4 {
        I32x4(w::i32x4_trunc_sat_f32x4(self.0))
    }

    #[inline(always)]
    pub fn to_bits(self) -> I32x4 {
        I32x4(self.0)
    }

    #[inline(always)]
    pub fn gt(self, other: Self) -> I32x4 {
        I32x4(w::f32x4_gt(self.0, other.0))
    }

    #[inline(always)]
    pub fn le(self, other: Self) -> I32x4 {
        I32x4(w::f32x4_le(self.0, other.0))
    }

    #[inline(always)]
    pub fn ne(self, other: Self) -> I32x4 {
        I32x4(w::f32x4_ne(self.0, other.0))
    }

    #[inline(always)]
    pub fn transpose(rows: [Self; 4]) -> [Self; 4] {
        let [a, b, c, d] = rows.map(|row| row.0);
        let ab_low = w::i32x4_shuffle::<0, 4, 1, 5>(a, b);
        let ab_high = w::i32x4_shuffle::<2, 6, 3, 7>(a, b);
        let cd_low = w::i32x4_shuffle::<0, 4, 1, 5>(c, d);
        let cd_high = w::i32x4_shuffle::<2, 6, 3, 7>(c, d);
        [
            Self(w::i64x2_shuffle::<0, 2>(ab_low, cd_low)),
            Self(w::i64x2_shuffle::<1, 3>(ab_low, cd_low)),
            Self(w::i64x2_shuffle::<0, 2>(ab_high, cd_high)),
            Self(w::i64x2_shuffle::<1, 3>(ab_high, cd_high)),
        ]
    }

    #[inline(always)]
    pub fn select(mask: I32x4, a: Self, b: Self) -> Self {
        Self(w::v128_bitselect(a.0, b.0, mask.0))
    }
}

impl I32x4 {
    #[inline(always)]
    pub fn splat(value: i32) -> Self {
        Self(w::i32x4_splat(value))
    }

    #[inline(always)]
    pub fn from_array(lanes: [i32; 4]) -> Self {
        // SAFETY: the array is 16 readable bytes; wasm loads take any alignment.
        Self(unsafe { w::v128_load(lanes.as_ptr().cast()) })
    }

    #[inline(always)]
    pub fn to_array(self) -> [i32; 4] {
        let mut lanes = [0; 4];
        // SAFETY: the array is 16 writable bytes; wasm stores take any alignment.
        unsafe { w::v128_store(lanes.as_mut_ptr().cast(), self.0) };
        lanes
    }

    #[inline(always)]
    pub fn wrapping_add(self, other: Self) -> Self {
        Self(w::i32x4_add(self.0, other.0))
    }

    #[inline(always)]
    pub fn wrapping_sub(self, other: Self) -> Self {
        Self(w::i32x4_sub(self.0, other.0))
    }

    #[inline(always)]
    pub fn shift_left(self, bits: u32) -> Self {
        Self(w::i32x4_shl(self.0, bits))
    }

    #[inline(always)]
    pub fn shift_right(self, bits: u32) -> Self {
        Self(w::i32x4_shr(self.0, bits))
    }

    #[inline(always)]
    pub fn eq(self, other: Self) -> Self {
        Self(w::i32x4_eq(self.0, other.0))
    }

    #[inline(always)]
    pub fn and(self, other: Self) -> Self {
        Self(w::v128_and(self.0, other.0))
    }

    #[inline(always)]
    pub fn and_not(self, other: Self) -> Self {
        Self(w::v128_andnot(self.0, other.0))
    }

    #[inline(always)]
    pub fn or(self, other: Self) -> Self {
        Self(w::v128_or(self.0, other.0))
    }

    #[inline(always)]
    pub fn to_f32_bits(self) -> F32x4 {
        F32x4(self.0)
    }

    #[inline(always)]
    pub fn select(mask: Self, a: Self, b: Self) -> Self {
        Self(w::v128_bitselect(a.0, b.0, mask.0))
    }

    #[inline(always)]
    pub fn any(self) -> bool {
        w::v128_any_true(self.0)
    }
}
