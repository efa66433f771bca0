//! A window of cells and the search for the best of them, in four lanes.

use crate::shape::MaxPool2dShape;
use crate::simd::{F32x4, I32x4};
use std::ops::Range;

/// Position of a maximum that is padding.
pub const PADDING: i32 = -1;

/// Largest cells so far of four windows (or of four channels of one), and where they are.
#[derive(Clone, Copy)]
pub struct Best {
    pub value: F32x4,
    pub position: I32x4,
}

impl Best {
    #[inline(always)]
    pub fn new(value: F32x4, position: i32) -> Self {
        Self {
            value,
            position: I32x4::splat(position),
        }
    }

    /// The better of two, `self` being earlier: it stays unless `later` is larger, or NaN where it is not.
    #[inline(always)]
    pub fn or(self, later: Self) -> Self {
        let keep = later.value.le(self.value).or(self.value.ne(self.value));
        Self {
            value: F32x4::select(keep, self.value, later.value),
            position: I32x4::select(keep, self.position, later.position),
        }
    }
}

/// The cells of a window that lie inside the input, at least one.
pub struct Window {
    pub rows: Range<usize>,
    pub columns: Range<usize>,
    /// The rest of the window counts as zero.
    pub zero_padded: bool,
}

/// Window number `index` along one axis without what lies outside the input, and whether something does.
fn clip(index: usize, stride: usize, pool: usize, pad: usize, size: usize) -> (Range<usize>, bool) {
    // Both in coordinates that start at the padding.
    let (start, end) = (index * stride, index * stride + pool);
    let inside = start.saturating_sub(pad)..(end - pad).min(size);
    (inside, start < pad || end - pad > size)
}

impl Window {
    /// Window `[oy, ox]`.
    pub fn at(s: &MaxPool2dShape, oy: usize, ox: usize) -> Self {
        let (rows, above_or_below) = clip(oy, s.stride_h, s.pool_h, s.pad_top, s.in_h);
        let (columns, beside) = clip(ox, s.stride_w, s.pool_w, s.pad_left, s.in_w);
        Self {
            rows,
            columns,
            zero_padded: s.pad_with_zero && (above_or_below || beside),
        }
    }

    /// The best of its cells in row-major order; `load` gives the values of cell `row * in_w + column`.
    #[inline(always)]
    pub fn best(&self, in_w: usize, load: impl Fn(usize) -> F32x4) -> Best {
        let cell_best = |cell| Best::new(load(cell), cell as i32);
        let mut best = cell_best(self.rows.start * in_w + self.columns.start);
        for row in self.rows.clone() {
            for column in self.columns.clone() {
                best = best.or(cell_best(row * in_w + column));
            }
        }
        best
    }

    /// `best` of the cells, or the padding where that is larger.
    #[inline(always)]
    pub fn with_padding(&self, best: Best) -> Best {
        if self.zero_padded {
            best.or(Best::new(F32x4::splat(0.0), PADDING))
        } else {
            best
        }
    }
}
