//! Where the sums of a tile go, and what happens to them on the way.

use super::{COLUMNS, ROWS};
use crate::pool::Split;
use crate::simd::{F32x4, LANES, copy_short};
use std::ops::Range;

/// What happens to a sum on its way to memory.
pub trait Finish: Copy + Sync {
    /// True when what is there is read; otherwise it is overwritten unread.
    const READS: bool;

    /// The new value, of the first (`half` 0) or last four columns of the tile.
    fn apply(self, old: F32x4, sum: F32x4, half: usize) -> F32x4;
}

/// The sums as they are.
#[derive(Clone, Copy)]
pub struct Write;

impl Finish for Write {
    const READS: bool = false;

    #[inline(always)]
    fn apply(self, _old: F32x4, sum: F32x4, _half: usize) -> F32x4 {
        sum
    }
}

/// Added to what is there.
#[derive(Clone, Copy)]
pub struct Add;

impl Finish for Add {
    const READS: bool = true;

    #[inline(always)]
    fn apply(self, old: F32x4, sum: F32x4, _half: usize) -> F32x4 {
        old + sum
    }
}

/// `max(sum + bias, floor)`: with a floor of 0 that is relu, with minus infinity no activation.
#[derive(Clone, Copy)]
pub struct BiasFloor {
    /// Of the tile's eight columns.
    pub bias: [F32x4; 2],
    /// In all lanes.
    pub floor: F32x4,
}

impl Finish for BiasFloor {
    const READS: bool = false;

    #[inline(always)]
    fn apply(self, _old: F32x4, sum: F32x4, half: usize) -> F32x4 {
        (sum + self.bias[half]).pmax(self.floor)
    }
}

/// The memory of a matrix that tiles are written to.
pub trait Cells {
    /// Where a range starts; it may be read and written until the next call.
    ///
    /// # Panics
    /// When the range is outside the memory.
    fn place(&mut self, range: Range<usize>) -> *mut f32;
}

impl Cells for &mut [f32] {
    #[inline(always)]
    fn place(&mut self, range: Range<usize>) -> *mut f32 {
        self[range].as_mut_ptr()
    }
}

/// A matrix whose tiles several threads write side by side, each its own.
#[derive(Clone, Copy)]
pub struct Shared<'s>(&'s Split<'s, f32>);

impl<'s> Shared<'s> {
    /// # Safety
    /// No two threads have tiles that overlap.
    pub unsafe fn new(cells: &'s Split<'s, f32>) -> Self {
        Self(cells)
    }
}

impl Cells for Shared<'_> {
    #[inline(always)]
    fn place(&mut self, range: Range<usize>) -> *mut f32 {
        self.0.pointer(range)
    }
}

/// A place in a row-major matrix for one tile of sums.
pub struct Target<F, C> {
    /// The matrix, or the part of it from some row on.
    pub c: C,
    /// Index of the tile's first element.
    pub at: usize,
    /// Columns of the matrix.
    pub stride: usize,
    /// Rows and columns of the tile that exist, of [`ROWS`] or [`super::WIDE_ROWS`], and [`COLUMNS`].
    pub rows: usize,
    /// See `rows`.
    pub columns: usize,
    /// What happens on the way.
    pub finish: F,
}

/// A whole tile of writable memory.
pub(super) struct Place<F> {
    first: *mut f32,
    stride: usize,
    finish: F,
}

impl<F: Finish, C: Cells> Target<F, C> {
    /// Its place, of which not all may exist, for a tile of at most `MOST` rows.
    ///
    /// # Panics
    /// When the tile does not fit the matrix.
    #[inline(always)]
    pub(super) fn part<const MOST: usize>(self) -> Part<F> {
        let Self {
            mut c,
            at,
            stride,
            rows,
            columns,
            finish,
        } = self;
        assert!(
            (1..=MOST).contains(&rows) && (1..=COLUMNS).contains(&columns),
            "size of a tile"
        );
        let place = Place {
            first: c.place(at..at + (rows - 1) * stride + columns),
            stride,
            finish,
        };
        Part {
            place,
            rows,
            columns,
        }
    }
}

/// The rows and columns that exist of a place for a tile.
pub(super) struct Part<F> {
    pub(super) place: Place<F>,
    rows: usize,
    columns: usize,
}

impl<F: Finish> Part<F> {
    #[inline(always)]
    pub(super) fn is_whole(&self) -> bool {
        self.rows == ROWS && self.columns == COLUMNS
    }

    /// Takes the sums of its first rows.
    ///
    /// # Safety
    /// What exists is readable and writable, and has as many rows.
    #[inline(always)]
    pub(super) unsafe fn take_rows<const R: usize>(&self, sums: &[[f32; COLUMNS]; R]) {
        if self.columns < COLUMNS {
            // SAFETY: the caller's contract.
            unsafe { self.take_short_rows(sums) };
            return;
        }
        for (i, sums) in sums.iter().enumerate() {
            // SAFETY: the caller's contract.
            let row = unsafe { &mut *self.place.first.add(i * self.place.stride).cast() };
            self.take_row(sums, row);
        }
    }

    /// As [`Part::take_rows`], of fewer columns.
    ///
    /// # Safety
    /// As there.
    #[inline(never)]
    unsafe fn take_short_rows(&self, sums: &[[f32; COLUMNS]]) {
        for (i, sums) in sums.iter().enumerate() {
            // SAFETY: the caller's contract.
            let row = unsafe {
                let start = self.place.first.add(i * self.place.stride);
                std::slice::from_raw_parts_mut(start, self.columns)
            };
            let mut whole = [0.0; COLUMNS];
            if F::READS {
                copy_short(row, &mut whole);
            }
            self.take_row(sums, &mut whole);
            row.iter_mut().zip(whole).for_each(|(to, from)| *to = from);
        }
    }

    /// Leaves out its first rows, where there are more; whether there are.
    #[inline(always)]
    pub(super) fn next_rows(&mut self, rows: usize) -> bool {
        let more = self.rows > rows;
        if more {
            self.rows -= rows;
            // Inside, or at the start of, what the part has.
            self.place.first = self.place.first.wrapping_add(rows * self.place.stride);
        }
        more
    }

    #[inline(always)]
    fn take_row(&self, sums: &[f32; COLUMNS], row: &mut [f32; COLUMNS]) {
        let halves = row.as_chunks_mut::<LANES>().0.iter_mut();
        for (half, (row, sums)) in halves.zip(sums.as_chunks::<LANES>().0).enumerate() {
            let sum = F32x4::load(sums);
            let old = if F::READS { F32x4::load(row) } else { sum };
            self.place.finish.apply(old, sum, half).store(row);
        }
    }

    /// Calls `compute` with a stand-in for a whole tile, from which what exists is taken.
    ///
    /// # Safety
    /// What exists is readable and writable.
    pub(super) unsafe fn by_stand_in(&self, compute: impl FnOnce(&Place<F>)) {
        let mut whole = [0.0; ROWS * COLUMNS];
        let row = |i: usize| {
            // SAFETY: the caller's contract.
            unsafe {
                let start = self.place.first.add(i * self.place.stride);
                std::slice::from_raw_parts_mut(start, self.columns)
            }
        };
        let (rows, _) = whole.as_chunks_mut::<COLUMNS>();
        if F::READS {
            for (i, whole) in rows.iter_mut().enumerate().take(self.rows) {
                whole
                    .iter_mut()
                    .zip(row(i))
                    .for_each(|(to, from)| *to = *from);
            }
        }
        compute(&Place {
            first: whole.as_mut_ptr(),
            stride: COLUMNS,
            finish: self.place.finish,
        });
        let (rows, _) = whole.as_chunks::<COLUMNS>();
        for (i, whole) in rows.iter().enumerate().take(self.rows) {
            row(i)
                .iter_mut()
                .zip(whole)
                .for_each(|(to, from)| *to = *from);
        }
    }
}

impl<F: Finish> Place<F> {
    /// Takes the sums of a tile.
    ///
    /// # Safety
    /// What `fill` lent is still lent.
    #[inline(always)]
    pub(super) unsafe fn take(&self, sums: [[F32x4; 2]; ROWS]) {
        // By index: an iterator over the array would take the sums through memory.
        for i in 0..ROWS {
            for half in 0..2 {
                // SAFETY: `fill` lent all rows of eight.
                unsafe {
                    let place = self.first.add(i * self.stride + half * LANES);
                    let old = if F::READS {
                        F32x4::load_ptr(place)
                    } else {
                        sums[i][half]
                    };
                    self.finish.apply(old, sums[i][half], half).store_ptr(place);
                }
            }
        }
    }
}
