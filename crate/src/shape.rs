//! Sizes of operations: plain `Copy` structs, checked once when they are built.
//!
//! Whoever holds one may multiply its fields without overflow checks, for a single sample; products with the batch
//! go through [`elements`].

use crate::ensure;
use crate::error::Result;
use std::ops::Range;

/// Largest number of four-byte elements in one slice: Rust allows `isize::MAX` bytes.
pub const MAX_ELEMENTS: usize = isize::MAX as usize / 4;

/// Product of `sizes` as a number of elements of one slice.
///
/// # Errors
/// When it is above [`MAX_ELEMENTS`], however it overflows.
pub fn elements(sizes: &[usize]) -> Result<usize> {
    // A zero anywhere makes the product zero, also when the others would overflow.
    let product = if sizes.contains(&0) {
        Some(0)
    } else {
        sizes
            .iter()
            .try_fold(1usize, |product, &size| product.checked_mul(size))
    };
    match product {
        Some(count) if count <= MAX_ELEMENTS => Ok(count),
        _ => Err(crate::error::Error(format!(
            "{sizes:?} is more than {MAX_ELEMENTS} elements"
        ))),
    }
}

/// Output size of a valid window walk: `(size + pads - window) / stride + 1`.
fn windows(size: usize, pad: usize, window: usize, stride: usize, what: &str) -> Result<usize> {
    let padded = size
        .checked_add(pad)
        .filter(|&padded| padded <= MAX_ELEMENTS);
    match padded {
        Some(padded) if padded >= window => Ok((padded - window) / stride + 1),
        _ => Err(crate::error::Error(format!(
            "{what}: window {window} does not fit input {size} with padding {pad}"
        ))),
    }
}

/// Places from the first of a walk's windows to behind its last.
fn reach(count: usize, stride: usize, window: usize) -> usize {
    (count - 1) * stride + window
}

/// A GEMM `C[m,n] = A[m,k] B[k,n]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GemmShape {
    /// Rows of A and C.
    pub m: usize,
    /// Columns of B and C.
    pub n: usize,
    /// Columns of A, rows of B.
    pub k: usize,
}

impl GemmShape {
    /// # Errors
    /// When an operand has more than [`MAX_ELEMENTS`] elements. Sizes may be zero.
    pub fn new(m: usize, n: usize, k: usize) -> Result<Self> {
        elements(&[m, k])?;
        elements(&[k, n])?;
        elements(&[m, n])?;
        Ok(Self { m, n, k })
    }
}

/// A 2D correlation of NHWC input `[batch, in_h, in_w, in_c]` with HWIO weights `[kernel_h, kernel_w, in_c, out_c]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Conv2dShape {
    pub in_h: usize,
    pub in_w: usize,
    pub in_c: usize,
    pub kernel_h: usize,
    pub kernel_w: usize,
    pub out_c: usize,
    pub stride_h: usize,
    pub stride_w: usize,
    pub pad_top: usize,
    pub pad_left: usize,
    pub out_h: usize,
    pub out_w: usize,
}

impl Conv2dShape {
    /// `padding` is `[top, bottom, left, right]`, in zeros around the input.
    ///
    /// # Errors
    /// When a size or stride is zero, the kernel does not fit the padded input, or a tensor is too large.
    pub fn new(
        [in_h, in_w, in_c]: [usize; 3],
        [kernel_h, kernel_w, out_c]: [usize; 3],
        [stride_h, stride_w]: [usize; 2],
        [pad_top, pad_bottom, pad_left, pad_right]: [usize; 4],
    ) -> Result<Self> {
        let sizes = [
            in_h, in_w, in_c, kernel_h, kernel_w, out_c, stride_h, stride_w,
        ];
        ensure!(
            !sizes.contains(&0),
            "conv2d: sizes and strides must be at least 1, got {sizes:?}"
        );
        let padding = [pad_top, pad_bottom, pad_left, pad_right];
        ensure!(
            padding.iter().all(|&p| p <= MAX_ELEMENTS / 4),
            "conv2d: padding {padding:?} is too large"
        );
        let (pad_h, pad_w) = (pad_top + pad_bottom, pad_left + pad_right);
        let shape = Self {
            in_h,
            in_w,
            in_c,
            kernel_h,
            kernel_w,
            out_c,
            // There is one window whether the next starts at the end or far behind it, where indices would wrap.
            stride_h: stride_h.min(in_h.saturating_add(pad_h)),
            stride_w: stride_w.min(in_w.saturating_add(pad_w)),
            pad_top,
            pad_left,
            out_h: windows(in_h, pad_h, kernel_h, stride_h, "conv2d height")?,
            out_w: windows(in_w, pad_w, kernel_w, stride_w, "conv2d width")?,
        };
        shape.input_len(1)?;
        shape.output_len(1)?;
        elements(&[kernel_h, kernel_w, in_c, out_c])?;
        Ok(shape)
    }

    /// Rows of padding below the input that a window reaches.
    pub fn pad_bottom(&self) -> usize {
        reach(self.out_h, self.stride_h, self.kernel_h).saturating_sub(self.in_h + self.pad_top)
    }

    /// Columns of padding right of the input that a window reaches.
    pub fn pad_right(&self) -> usize {
        reach(self.out_w, self.stride_w, self.kernel_w).saturating_sub(self.in_w + self.pad_left)
    }

    /// Elements of a batch of inputs.
    ///
    /// # Errors
    /// When there are too many for one slice.
    pub fn input_len(&self, batch: usize) -> Result<usize> {
        elements(&[batch, self.in_h, self.in_w, self.in_c])
    }

    /// Elements of a batch of outputs.
    ///
    /// # Errors
    /// When there are too many for one slice.
    pub fn output_len(&self, batch: usize) -> Result<usize> {
        elements(&[batch, self.out_h, self.out_w, self.out_c])
    }

    /// Elements of the weights.
    pub fn weight_len(&self) -> usize {
        self.patch_len() * self.out_c
    }

    /// Products per output element: `kernel_h * kernel_w * in_c`.
    pub fn patch_len(&self) -> usize {
        self.kernel_h * self.kernel_w * self.in_c
    }
}

/// Max pooling of NHWC input `[batch, in_h, in_w, channels]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct MaxPool2dShape {
    pub in_h: usize,
    pub in_w: usize,
    pub channels: usize,
    pub pool_h: usize,
    pub pool_w: usize,
    pub stride_h: usize,
    pub stride_w: usize,
    pub pad_top: usize,
    pub pad_left: usize,
    pub out_h: usize,
    pub out_w: usize,
    /// Cells outside the input count as 0 and win where they exceed every real cell; otherwise they never win.
    pub pad_with_zero: bool,
}

impl MaxPool2dShape {
    /// Output sizes are given, as rounding and padding sides are the caller's choice (`pad` is top, left; what the
    /// last windows need beyond the input is padding too).
    ///
    /// # Errors
    /// When a size or stride is zero or too large, a window holds no real cell, or a tensor is too large.
    pub fn new(
        [in_h, in_w, channels]: [usize; 3],
        [pool_h, pool_w]: [usize; 2],
        [stride_h, stride_w]: [usize; 2],
        [pad_top, pad_left]: [usize; 2],
        [out_h, out_w]: [usize; 2],
        pad_with_zero: bool,
    ) -> Result<Self> {
        let sizes = [
            in_h, in_w, channels, pool_h, pool_w, stride_h, stride_w, out_h, out_w,
        ];
        // The upper bound keeps sums of two or three sizes and four strides from wrapping.
        ensure!(
            sizes.iter().all(|size| (1..=MAX_ELEMENTS).contains(size)),
            "maxPool2d: sizes and strides must be in [1, {MAX_ELEMENTS}], got {sizes:?}"
        );
        for (axis, size, pool, stride, pad, out) in [
            ("height", in_h, pool_h, stride_h, pad_top, out_h),
            ("width", in_w, pool_w, stride_w, pad_left, out_w),
        ] {
            ensure!(
                pad < pool,
                "maxPool2d {axis}: padding {pad} leaves the first window of {pool} without a real cell"
            );
            let last = (out - 1)
                .checked_mul(stride)
                .filter(|&start| start <= MAX_ELEMENTS);
            ensure!(
                last.is_some_and(|start| start < size + pad),
                "maxPool2d {axis}: the last of {out} windows (stride {stride}, padding {pad}) starts behind input {size}"
            );
        }
        let shape = Self {
            in_h,
            in_w,
            channels,
            pool_h,
            pool_w,
            stride_h,
            stride_w,
            pad_top,
            pad_left,
            out_h,
            out_w,
            pad_with_zero,
        };
        shape.input_len(1)?;
        shape.output_len(1)?;
        // Positions are stored as i32 within one plane.
        ensure!(
            in_h * in_w <= i32::MAX as usize,
            "maxPool2d: plane [{in_h}, {in_w}] is too large for i32 positions"
        );
        Ok(shape)
    }

    /// Elements of a batch of inputs.
    ///
    /// # Errors
    /// When there are too many for one slice.
    pub fn input_len(&self, batch: usize) -> Result<usize> {
        elements(&[batch, self.in_h, self.in_w, self.channels])
    }

    /// Elements of a batch of outputs.
    ///
    /// # Errors
    /// When there are too many for one slice.
    pub fn output_len(&self, batch: usize) -> Result<usize> {
        elements(&[batch, self.out_h, self.out_w, self.channels])
    }

    /// Windows of a row that do not cross the left or right border.
    pub fn columns_inside(&self) -> Range<usize> {
        let start = self.pad_left.div_ceil(self.stride_w).min(self.out_w);
        let last_start = (self.pad_left + self.in_w).checked_sub(self.pool_w);
        let end = last_start.map_or(0, |last| last / self.stride_w + 1);
        start..end.clamp(start, self.out_w)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn element_counts_are_checked_also_where_they_wrap() {
        assert_eq!(elements(&[2, 3, 4]), Ok(24));
        assert_eq!(elements(&[0, usize::MAX, usize::MAX]), Ok(0));
        assert_eq!(elements(&[MAX_ELEMENTS]), Ok(MAX_ELEMENTS));
        assert!(elements(&[MAX_ELEMENTS + 1]).is_err());
        assert!(elements(&[usize::MAX / 2, 4]).is_err());
    }

    #[test]
    fn conv_output_sizes_and_refusals() {
        let shape = Conv2dShape::new([24, 24, 1], [3, 3, 32], [2, 1], [0, 0, 1, 1]).unwrap();
        assert_eq!([shape.out_h, shape.out_w], [11, 24]);
        let far = Conv2dShape::new([24, 24, 1], [3, 3, 32], [usize::MAX, 24], [1, 0, 0, 0]);
        assert_eq!(
            far,
            Conv2dShape::new([24, 24, 1], [3, 3, 32], [25, 25], [1, 0, 0, 0])
        );
        assert!(Conv2dShape::new([2, 24, 1], [3, 3, 32], [1, 1], [0; 4]).is_err());
        assert!(Conv2dShape::new([24, 24, 1], [3, 3, 32], [0, 1], [0; 4]).is_err());
        assert!(Conv2dShape::new([usize::MAX / 8, 24, 1], [3, 3, 32], [1, 1], [0; 4]).is_err());
    }

    #[test]
    fn pool_windows_hold_a_real_cell() {
        assert!(MaxPool2dShape::new([5, 5, 1], [2, 2], [2, 2], [0, 0], [3, 3], true).is_ok());
        assert!(MaxPool2dShape::new([5, 5, 1], [2, 2], [2, 2], [0, 0], [4, 3], true).is_err());
        assert!(MaxPool2dShape::new([5, 5, 1], [2, 2], [2, 2], [2, 0], [3, 3], true).is_err());
        let huge = usize::MAX - 1;
        assert!(
            MaxPool2dShape::new([5, 5, 1], [huge, 2], [2, 2], [huge - 1, 0], [3, 3], true).is_err()
        );
        assert!(MaxPool2dShape::new([5, 5, 1], [5, 5], [huge, 1], [0, 0], [1, 1], true).is_err());
    }
}
