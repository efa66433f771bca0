//! The vocabulary over plain arrays: native tests, Miri and reference for the wasm twin.

use std::ops::{Add, Div, Mul, Neg, Sub};

/// Four floats.
#[derive(Clone, Copy, Debug)]
pub struct F32x4([f32; 4]);

/// Four 32-bit integers; also the masks of comparisons.
#[derive(Clone, Copy, Debug)]
pub struct I32x4([i32; 4]);

#[inline(always)]
fn zip<A: Copy, B: Copy, R>(a: [A; 4], b: [B; 4], f: impl Fn(A, B) -> R) -> [R; 4] {
    [f(a[0], b[0]), f(a[1], b[1]), f(a[2], b[2]), f(a[3], b[3])]
}

#[inline(always)]
fn mask(condition: bool) -> i32 {
    if condition { -1 } else { 0 }
}

/// NaN when either side is NaN; +0 above -0: what `f32x4.max` of wasm does.
#[inline(always)]
fn max_nan(a: f32, b: f32) -> f32 {
    if a.is_nan() || b.is_nan() {
        f32::NAN
    } else if a == b {
        f32::from_bits(a.to_bits() & b.to_bits())
    } else if a > b {
        a
    } else {
        b
    }
}

macro_rules! operator {
    ($trait:ident, $method:ident, $op:tt) => {
        impl $trait for F32x4 {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                Self(zip(self.0, other.0, |a, b| a $op b))
            }
        }
    };
}
operator!(Add, add, +);
operator!(Sub, sub, -);
operator!(Mul, mul, *);
operator!(Div, div, /);

impl Neg for F32x4 {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Self(self.0.map(|a| -a))
    }
}

impl F32x4 {
    /// The same value in all lanes.
    #[inline(always)]
    pub fn splat(value: f32) -> Self {
        Self([value; 4])
    }

    /// Lanes in order.
    #[inline(always)]
    pub fn from_array(lanes: [f32; 4]) -> Self {
        Self(lanes)
    }

    /// Lanes in order.
    #[inline(always)]
    pub fn to_array(self) -> [f32; 4] {
        self.0
    }

    /// Four floats at `pointer`, of any alignment.
    ///
    /// # Safety
    /// `pointer` is valid for reading 16 bytes.
    #[inline(always)]
    pub unsafe fn load_ptr(pointer: *const f32) -> Self {
        // SAFETY: the caller's contract.
        Self(unsafe { pointer.cast::<[f32; 4]>().read_unaligned() })
    }

    /// One float at `pointer`, in all lanes.
    ///
    /// # Safety
    /// `pointer` is valid for reading 4 bytes.
    #[inline(always)]
    pub unsafe fn splat_ptr(pointer: *const f32) -> Self {
        // SAFETY: the caller's contract.
        Self::splat(unsafe { pointer.read_unaligned() })
    }

    /// Writes four floats at `pointer`, of any alignment.
    ///
    /// # Safety
    /// `pointer` is valid for writing 16 bytes.
    #[inline(always)]
    pub unsafe fn store_ptr(self, pointer: *mut f32) {
        // SAFETY: the caller's contract.
        unsafe { pointer.cast::<[f32; 4]>().write_unaligned(self.0) }
    }

    /// `self * b + c`: two roundings here and in plain simd128, one in the relaxed build.
    #[inline(always)]
    pub fn madd(self, b: Self, c: Self) -> Self {
        self * b + c
    }

    /// Larger of each lane; NaN when either is NaN.
    #[inline(always)]
    pub fn max(self, other: Self) -> Self {
        Self(zip(self.0, other.0, max_nan))
    }

    /// Smaller of each lane; NaN when either is NaN.
    #[inline(always)]
    pub fn min(self, other: Self) -> Self {
        Self(zip(self.0, other.0, |a, b| -max_nan(-a, -b)))
    }

    /// `other < self ? other : self` in one instruction, for a bound: NaN of `self` stays.
    #[inline(always)]
    pub fn pmin(self, other: Self) -> Self {
        Self(zip(self.0, other.0, |a, b| if b < a { b } else { a }))
    }

    /// `self < other ? other : self` in one instruction, for a bound: NaN of `self` stays.
    #[inline(always)]
    pub fn pmax(self, other: Self) -> Self {
        Self(zip(self.0, other.0, |a, b| if a < b { b } else { a }))
    }

    /// Sign bit cleared.
    #[inline(always)]
    pub fn abs(self) -> Self {
        Self(self.0.map(f32::abs))
    }

    /// Nearest integer, ties to even.
    #[inline(always)]
    pub fn nearest(self) -> Self {
        Self(self.0.map(f32::round_ties_even))
    }

    /// Square root, correctly rounded.
    #[inline(always)]
    pub fn sqrt(self) -> Self {
        Self(self.0.map(f32::sqrt))
    }

    /// Towards zero; saturates, and NaN gives 0.
    #[inline(always)]
    pub fn to_i32(self) -> I32x4 {
        I32x4(self.0.map(|a| a as i32))
    }

    /// The same bits as integers.
    #[inline(always)]
    pub fn to_bits(self) -> I32x4 {
        I32x4(self.0.map(|a| a.to_bits() as i32))
    }

    /// Mask of `self > other`.
    #[inline(always)]
    pub fn gt(self, other: Self) -> I32x4 {
        I32x4(zip(self.0, other.0, |a, b| mask(a > b)))
    }

    /// Mask of `self <= other`.
    #[inline(always)]
    pub fn le(self, other: Self) -> I32x4 {
        I32x4(zip(self.0, other.0, |a, b| mask(a <= b)))
    }

    /// Mask of `self != other`; true for NaN.
    #[inline(always)]
    pub fn ne(self, other: Self) -> I32x4 {
        I32x4(zip(self.0, other.0, |a, b| mask(a != b)))
    }

    /// Lane `j` of result `i` is lane `i` of `rows[j]`.
    #[inline(always)]
    pub fn transpose(rows: [Self; 4]) -> [Self; 4] {
        std::array::from_fn(|i| Self(rows.map(|row| row.0[i])))
    }

    /// `a` where the mask is set, `b` elsewhere, bit by bit.
    #[inline(always)]
    pub fn select(mask: I32x4, a: Self, b: Self) -> Self {
        I32x4::select(mask, a.to_bits(), b.to_bits()).to_f32_bits()
    }
}

impl I32x4 {
    /// The same value in all lanes.
    #[inline(always)]
    pub fn splat(value: i32) -> Self {
        Self([value; 4])
    }

    /// Lanes in order.
    #[inline(always)]
    pub fn from_array(lanes: [i32; 4]) -> Self {
        Self(lanes)
    }

    /// Lanes in order.
    #[inline(always)]
    pub fn to_array(self) -> [i32; 4] {
        self.0
    }

    /// Wrapping sum.
    #[inline(always)]
    pub fn wrapping_add(self, other: Self) -> Self {
        Self(zip(self.0, other.0, i32::wrapping_add))
    }

    /// Wrapping difference.
    #[inline(always)]
    pub fn wrapping_sub(self, other: Self) -> Self {
        Self(zip(self.0, other.0, i32::wrapping_sub))
    }

    /// Each lane shifted left by the same `bits`.
    #[inline(always)]
    pub fn shift_left(self, bits: u32) -> Self {
        Self(self.0.map(|a| a << bits))
    }

    /// Each lane shifted right by the same `bits`, keeping the sign.
    #[inline(always)]
    pub fn shift_right(self, bits: u32) -> Self {
        Self(self.0.map(|a| a >> bits))
    }

    /// Mask of `self == other`.
    #[inline(always)]
    pub fn eq(self, other: Self) -> Self {
        Self(zip(self.0, other.0, |a, b| mask(a == b)))
    }

    /// The bits of `self` that are not set in `other`.
    #[inline(always)]
    pub fn and_not(self, other: Self) -> Self {
        Self(zip(self.0, other.0, |a, b| a & !b))
    }

    /// Bitwise and.
    #[inline(always)]
    pub fn and(self, other: Self) -> Self {
        Self(zip(self.0, other.0, |a, b| a & b))
    }

    /// Bitwise or.
    #[inline(always)]
    pub fn or(self, other: Self) -> Self {
        Self(zip(self.0, other.0, |a, b| a | b))
    }

    /// The same bits as floats.
    #[inline(always)]
    pub fn to_f32_bits(self) -> F32x4 {
        F32x4(self.0.map(|a| f32::from_bits(a as u32)))
    }

    /// `a` where the mask is set, `b` elsewhere, bit by bit.
    #[inline(always)]
    pub fn select(mask: Self, a: Self, b: Self) -> Self {
        let (m, a, b) = (mask.0, a.0, b.0);
        Self(std::array::from_fn(|i| (a[i] & m[i]) | (b[i] & !m[i])))
    }

    /// True when any bit of any lane is set.
    #[inline(always)]
    pub fn any(self) -> bool {
        self.0 != [0; 4]
    }
}
