//! What A and B may be: plain, transposed, or packed before.

use super::pack::{copy_lanes, interleave, transpose};
use crate::pool::{self, Work};
use crate::simd::{F32x4, InOut};
use crate::tile::{COLUMNS, touch};
use std::ops::Range;

/// A factor of a matrix product.
///
/// Its *lanes* are the rows of A or the columns of B, the dimension that is cut into panels; its *depth* is k.
///
/// | | stored | |
/// | --- | --- | --- |
/// | A | `[m, k]` | [`Matrix::depth_contiguous`] |
/// | A transposed | `[k, m]` | [`Matrix::lanes_contiguous`] |
/// | B | `[k, n]` | [`Matrix::lanes_contiguous`] |
/// | B transposed | `[n, k]` | [`Matrix::depth_contiguous`] |
/// | B packed before | `[n / 8][k][8]` | [`Matrix::packed`] |
#[derive(Clone, Copy)]
pub struct Matrix<'a> {
    data: &'a [f32],
    lanes: usize,
    depth: usize,
    layout: Layout,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Layout {
    DepthContiguous,
    LanesContiguous,
    Packed,
}

/// Panels of B: number `q` is `[depth, 8]`, contiguous from `q * stride`.
#[derive(Clone, Copy)]
pub(super) struct Panels<'s> {
    data: &'s [f32],
    stride: usize,
}

impl<'s> Panels<'s> {
    /// Panel number `index`.
    #[inline(always)]
    pub(super) fn get(&self, index: usize, depth: usize) -> &'s [f32] {
        &self.data[index * self.stride..][..depth * COLUMNS]
    }
}

/// Rows of A over a block of depth: number `i` is contiguous from `i * stride`.
#[derive(Clone, Copy)]
pub(crate) struct Rows<'s> {
    pub data: &'s [f32],
    pub stride: usize,
}

/// Floats between two panels of a block: a cache line. Without it panels whose length is a power of two would all fall
/// into the same sets of the cache while they are written side by side.
pub const GAP: usize = 16;

/// Lanes that are packed side by side: rows are read by four whole cache lines.
const GROUP: usize = 64;

impl<'a> Matrix<'a> {
    fn new(data: &'a [f32], lanes: usize, depth: usize, layout: Layout) -> Self {
        Self {
            data,
            lanes,
            depth,
            layout,
        }
    }

    /// Stored as `[lanes, depth]`.
    ///
    /// # Panics
    /// When `data` has another length.
    pub fn depth_contiguous(data: &'a [f32], lanes: usize, depth: usize) -> Self {
        assert_eq!(data.len(), lanes * depth, "matrix [{lanes}, {depth}]");
        Self::new(data, lanes, depth, Layout::DepthContiguous)
    }

    /// Stored as `[depth, lanes]`.
    ///
    /// # Panics
    /// When `data` has another length.
    pub fn lanes_contiguous(data: &'a [f32], lanes: usize, depth: usize) -> Self {
        assert_eq!(data.len(), lanes * depth, "matrix [{depth}, {lanes}]");
        Self::new(data, lanes, depth, Layout::LanesContiguous)
    }

    /// A of the product: `[m, k]`, or `[k, m]` when transposed.
    pub fn a(data: &'a [f32], m: usize, k: usize, transposed: bool) -> Self {
        if transposed {
            Self::lanes_contiguous(data, m, k)
        } else {
            Self::depth_contiguous(data, m, k)
        }
    }

    /// B of the product: `[k, n]`, or `[n, k]` when transposed.
    pub fn b(data: &'a [f32], n: usize, k: usize, transposed: bool) -> Self {
        Self::a(data, n, k, !transposed)
    }

    /// Floats of the panels that [`Matrix::pack`] writes.
    pub fn packed_len(lanes: usize, depth: usize) -> usize {
        lanes.next_multiple_of(COLUMNS).saturating_mul(depth)
    }

    /// The same matrix as panels of eight lanes over the whole depth, to be read in place as B: in `buffer`, which has
    /// at least [`Matrix::packed_len`] floats.
    ///
    /// # Panics
    /// When the buffer is too short.
    pub fn pack<'b>(&self, buffer: &'b mut [f32]) -> Matrix<'b> {
        let Self { lanes, depth, .. } = *self;
        let data = &mut buffer[..Self::packed_len(lanes, depth)];
        self.pack_block::<COLUMNS>(0..lanes, 0..depth, depth * COLUMNS, data);
        Matrix::new(data, lanes, depth, Layout::Packed)
    }

    /// Number of lanes.
    pub fn lanes(&self) -> usize {
        self.lanes
    }

    /// Number of terms in each sum.
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// Panels that cover a block, times `alpha`; in `buffer` where it has to be packed.
    pub(super) fn panels<'s>(
        &self,
        lanes: Range<usize>,
        depth: Range<usize>,
        alpha: f32,
        buffer: &'s mut [f32],
    ) -> Panels<'s>
    where
        'a: 's,
    {
        if self.layout == Layout::Packed {
            assert!(alpha == 1.0 || alpha == 0.0, "alpha with packed B");
            return Panels {
                data: &self.data[lanes.start * self.depth + depth.start * COLUMNS..],
                stride: self.depth * COLUMNS,
            };
        }
        let stride = depth.len() * COLUMNS + GAP;
        let data = self.pack_block::<COLUMNS>(lanes, depth, stride, buffer);
        if alpha != 1.0 {
            let factor = F32x4::splat(alpha);
            InOut::in_place(&mut *data).map(|value| value * factor);
        }
        Panels { data, stride }
    }

    /// Rows of a block; in `buffer` where they have to be packed.
    pub(crate) fn rows<'s>(
        &self,
        lanes: Range<usize>,
        depth: Range<usize>,
        buffer: &'s mut [f32],
    ) -> Rows<'s>
    where
        'a: 's,
    {
        match self.layout {
            Layout::DepthContiguous => Rows {
                data: &self.data[lanes.start * self.depth + depth.start..],
                stride: self.depth,
            },
            Layout::LanesContiguous => self.transpose_block(lanes, depth, buffer),
            Layout::Packed => panic!("A packed as B"),
        }
    }

    /// Rows of a block, copied so that their terms lie side by side.
    fn transpose_block<'s>(
        &self,
        lanes: Range<usize>,
        depth: Range<usize>,
        buffer: &'s mut [f32],
    ) -> Rows<'s> {
        let stride = depth.len() + GAP;
        let buffer = &mut buffer[..lanes.len() * stride];
        let work = Work::floats(2 * buffer.len());
        pool::run_pieces(buffer, GROUP * stride, work, |group, target, _| {
            let first = lanes.start + group * GROUP;
            let lanes = first..lanes.end.min(first + GROUP);
            let row = |p: usize| &self.data[(depth.start + p) * self.lanes..][lanes.clone()];
            (0..depth.len()).for_each(|p| touch(row(p)));
            transpose(depth.len(), row, stride, target);
        });
        Rows {
            data: buffer,
            stride,
        }
    }

    /// Fills the panels of `WIDTH` lanes that cover a block, each `stride` behind the one before, zeros behind the last
    /// lane.
    pub(crate) fn pack_block<'s, const WIDTH: usize>(
        &self,
        lanes: Range<usize>,
        depth: Range<usize>,
        stride: usize,
        buffer: &'s mut [f32],
    ) -> &'s mut [f32] {
        let buffer = &mut buffer[..lanes.len().div_ceil(WIDTH) * stride];
        let work = Work::floats(2 * buffer.len());
        let piece = (GROUP / WIDTH * stride).max(1);
        pool::run_pieces(buffer, piece, work, |group, panels, _| {
            let first = lanes.start + group * GROUP;
            let lanes = first..lanes.end.min(first + GROUP);
            if !lanes.len().is_multiple_of(WIDTH) {
                panels.fill(0.0);
            }
            if self.layout == Layout::LanesContiguous {
                let rows = depth
                    .clone()
                    .map(|p| &self.data[p * self.lanes..][lanes.clone()]);
                copy_lanes::<WIDTH>(rows, stride, panels);
            } else {
                let starts = lanes.clone().step_by(WIDTH);
                for (panel, start) in panels.chunks_exact_mut(stride.max(1)).zip(starts) {
                    let row = |lane: usize| &self.data[lane * self.depth..][depth.clone()];
                    interleave::<WIDTH>(start..lanes.end.min(start + WIDTH), row, panel);
                }
            }
        });
        buffer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Value of lane and depth, so that each place of a panel can be recognized.
    fn value(lane: usize, p: usize) -> f32 {
        (lane * 100 + p) as f32
    }

    /// Panels of some lanes and depths, of the matrix in both layouts.
    fn check<const WIDTH: usize>(lanes: usize, depth: usize) {
        let by_lane: Vec<f32> = (0..lanes * depth)
            .map(|i| value(i / depth, i % depth))
            .collect();
        let by_depth: Vec<f32> = (0..lanes * depth)
            .map(|i| value(i % lanes, i / lanes))
            .collect();
        let start = (lanes - 1) / WIDTH / 2 * WIDTH;
        let (some_lanes, some_depth) = (start..lanes, depth / 3..depth);
        for matrix in [
            Matrix::depth_contiguous(&by_lane, lanes, depth),
            Matrix::lanes_contiguous(&by_depth, lanes, depth),
        ] {
            let stride = some_depth.len() * WIDTH + 3;
            let mut buffer = vec![f32::NAN; some_lanes.len().div_ceil(WIDTH) * stride];
            matrix.pack_block::<WIDTH>(some_lanes.clone(), some_depth.clone(), stride, &mut buffer);
            for (i, &got) in buffer.iter().enumerate() {
                let (panel, rest) = (i / stride, i % stride);
                if rest >= some_depth.len() * WIDTH {
                    continue;
                }
                let (lane, p) = (
                    start + panel * WIDTH + rest % WIDTH,
                    some_depth.start + rest / WIDTH,
                );
                let expected = if lane < lanes { value(lane, p) } else { 0.0 };
                assert_eq!(got, expected, "width {WIDTH}, lane {lane}, depth {p}");
            }
        }
    }

    #[test]
    fn panels_hold_every_element_and_zeros_behind_the_last_lane() {
        for lanes in [1, 3, 4, 5, 8, 13, 17, 33, 71] {
            for depth in [1, 3, 4, 9] {
                if !cfg!(miri) || lanes < 18 {
                    check::<4>(lanes, depth);
                    check::<COLUMNS>(lanes, depth);
                }
            }
        }
    }

    #[test]
    fn rows_are_the_same_from_both_layouts() {
        for (lanes, depth) in [(1, 1), (4, 4), (7, 9), (66, 13)] {
            let by_lane: Vec<f32> = (0..lanes * depth)
                .map(|i| value(i / depth, i % depth))
                .collect();
            let by_depth: Vec<f32> = (0..lanes * depth)
                .map(|i| value(i % lanes, i / lanes))
                .collect();
            let mut buffer = vec![f32::NAN; lanes * (depth + GAP)];
            let (some_lanes, some_depth) = (lanes / 3..lanes, depth / 2..depth);
            let place = Matrix::depth_contiguous(&by_lane, lanes, depth);
            let place = place.rows(some_lanes.clone(), some_depth.clone(), &mut []);
            let copy = Matrix::lanes_contiguous(&by_depth, lanes, depth);
            let copy = copy.rows(some_lanes.clone(), some_depth.clone(), &mut buffer);
            for i in 0..some_lanes.len() {
                let row =
                    |rows: Rows<'_>| rows.data[i * rows.stride..][..some_depth.len()].to_vec();
                assert_eq!(row(place), row(copy), "row {i} of {lanes} x {depth}");
            }
        }
    }

    #[test]
    fn a_packed_matrix_hands_out_its_own_panels() {
        let values: Vec<f32> = (0..19 * 5).map(|i| i as f32).collect();
        let matrix = Matrix::depth_contiguous(&values, 19, 5);
        let mut memory = vec![f32::NAN; Matrix::packed_len(19, 5)];
        let packed = matrix.pack(&mut memory);
        let mut buffer = vec![f32::NAN; 24 * 5 + 2 * GAP];
        let fresh = matrix.panels(8..19, 2..5, 1.0, &mut buffer);
        let kept = packed.panels(8..19, 2..5, 1.0, &mut []);
        for panel in 0..2 {
            assert_eq!(fresh.get(panel, 3), kept.get(panel, 3));
        }
    }
}
