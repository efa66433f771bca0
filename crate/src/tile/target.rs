//! Where the sums of a tile go, and what happens to them on the way.

use super::{COLUMNS, ROWS};
use crate::simd::{F32x4, LANES, copy_short};

/// What happens to a sum on its way to memory.
pub trait Finish: Copy {
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

/// A place in a row-major matrix for one tile of sums.
pub struct Target<'a, F> {
    /// The matrix, or the part of it from some row on.
    pub c: &'a mut [f32],
    /// Index of the tile's first element.
    pub at: usize,
    /// Columns of the matrix.
    pub stride: usize,
    /// Rows and columns of the tile that exist, at most [`ROWS`] and [`COLUMNS`].
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

impl<F: Finish> Target<'_, F> {
    /// Calls `compute` with a place for a whole tile: this one, or where not all of it exists a stand-in, from which
    /// what exists is taken.
    ///
    /// # Panics
    /// When the tile does not fit the matrix.
    #[inline(always)]
    pub(super) fn fill(self, compute: impl Fn(&Place<F>)) {
        let Self {
            c,
            at,
            stride,
            rows,
            columns,
            finish,
        } = self;
        assert!(
            (1..=ROWS).contains(&rows) && (1..=COLUMNS).contains(&columns),
            "size of a tile"
        );
        assert!(
            at + (rows - 1) * stride + columns <= c.len(),
            "place of a tile"
        );
        let place = |first, stride| Place {
            first,
            stride,
            finish,
        };
        if rows == ROWS && columns == COLUMNS {
            compute(&place(c[at..].as_mut_ptr(), stride));
            return;
        }
        let mut whole = [0.0; ROWS * COLUMNS];
        let rows = || (0..rows).map(|i| (i * COLUMNS, at + i * stride));
        if F::READS {
            for (from, to) in rows() {
                copy_short::<COLUMNS>(
                    &c[to..][..columns],
                    whole[from..].first_chunk_mut().expect("a row"),
                );
            }
        }
        compute(&place(whole.as_mut_ptr(), COLUMNS));
        for (from, to) in rows() {
            for (place, value) in c[to..][..columns].iter_mut().zip(&whole[from..]) {
                *place = *value;
            }
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
