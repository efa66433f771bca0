//! What A and B may be: anything that can hand out packed panels of itself.

use super::pack::{copy_lanes, interleave};
use std::ops::Range;

/// A factor of a matrix product, as the blocked loops see it.
///
/// Its *lanes* are the rows of A or the columns of B, the dimension that is cut into panels; its *depth* is k.
pub trait Operand {
    /// Number of lanes.
    fn lanes(&self) -> usize;

    /// Number of terms in each sum.
    fn depth(&self) -> usize;

    /// Panels of `WIDTH` lanes that cover `lanes`, restricted to `depth`; lanes behind the last are zeros.
    ///
    /// `lanes.start` is a multiple of `WIDTH`. `buffer` has place for all of it and may hold anything.
    fn panels<'s, const WIDTH: usize>(
        &'s self,
        lanes: Range<usize>,
        depth: Range<usize>,
        buffer: &'s mut [f32],
    ) -> Panels<'s>;
}

/// Packed panels: panel `q` is `[depth, WIDTH]`, contiguous from `q * stride`.
#[derive(Clone, Copy)]
pub struct Panels<'s> {
    /// The floats of all panels.
    pub data: &'s [f32],
    /// Distance from one panel to the next.
    pub stride: usize,
}

impl<'s> Panels<'s> {
    /// Panel number `index`.
    #[inline(always)]
    pub fn get(&self, index: usize, len: usize) -> &'s [f32] {
        &self.data[index * self.stride..][..len]
    }
}

/// Fills the panels that cover `lanes` one by one: `fill(panel, lanes of this panel)`.
///
/// The panel handed out is zeroed when it is not full, so that `fill` writes only the lanes there are.
#[inline(always)]
pub fn fill_panels<const WIDTH: usize>(
    lanes: Range<usize>,
    depth: usize,
    buffer: &mut [f32],
    mut fill: impl FnMut(&mut [f32], Range<usize>),
) -> Panels<'_> {
    let stride = depth * WIDTH;
    let len = lanes.len().div_ceil(WIDTH) * stride;
    let buffer = &mut buffer[..len];
    if stride > 0 {
        let starts = lanes.clone().step_by(WIDTH);
        for (panel, start) in buffer.chunks_exact_mut(stride).zip(starts) {
            let end = lanes.end.min(start + WIDTH);
            if end - start < WIDTH {
                panel.fill(0.0);
            }
            fill(panel, start..end);
        }
    }
    Panels {
        data: buffer,
        stride,
    }
}

/// A matrix in memory, row-major, in which either the depth or the lanes are contiguous.
///
/// | | stored | lanes x depth |
/// | --- | --- | --- |
/// | A | `[m, k]` | [`Matrix::depth_contiguous`] |
/// | A transposed | `[k, m]` | [`Matrix::lanes_contiguous`] |
/// | B | `[k, n]` | [`Matrix::lanes_contiguous`] |
/// | B transposed | `[n, k]` | [`Matrix::depth_contiguous`] |
#[derive(Clone, Copy)]
pub struct Matrix<'a> {
    data: &'a [f32],
    lanes: usize,
    depth: usize,
    lanes_contiguous: bool,
}

impl<'a> Matrix<'a> {
    /// Stored as `[lanes, depth]`.
    ///
    /// # Panics
    /// When `data` has another length.
    pub fn depth_contiguous(data: &'a [f32], lanes: usize, depth: usize) -> Self {
        assert_eq!(data.len(), lanes * depth, "matrix [{lanes}, {depth}]");
        Self {
            data,
            lanes,
            depth,
            lanes_contiguous: false,
        }
    }

    /// Stored as `[depth, lanes]`.
    ///
    /// # Panics
    /// When `data` has another length.
    pub fn lanes_contiguous(data: &'a [f32], lanes: usize, depth: usize) -> Self {
        assert_eq!(data.len(), lanes * depth, "matrix [{depth}, {lanes}]");
        Self {
            data,
            lanes,
            depth,
            lanes_contiguous: true,
        }
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
}

impl Operand for Matrix<'_> {
    fn lanes(&self) -> usize {
        self.lanes
    }

    fn depth(&self) -> usize {
        self.depth
    }

    fn panels<'s, const WIDTH: usize>(
        &'s self,
        lanes: Range<usize>,
        depth: Range<usize>,
        buffer: &'s mut [f32],
    ) -> Panels<'s> {
        let Self { data, .. } = *self;
        fill_panels::<WIDTH>(lanes, depth.len(), buffer, |panel, lanes| {
            if self.lanes_contiguous {
                let rows = depth
                    .clone()
                    .map(|p| &data[p * self.lanes..][lanes.clone()]);
                copy_lanes::<WIDTH>(rows, panel);
            } else {
                let row = |lane: usize| &data[lane * self.depth..][depth.clone()];
                interleave::<WIDTH>(lanes, row, panel);
            }
        })
    }
}

/// An operand whose panels over the whole depth were packed before, and are read in place.
#[derive(Clone, Copy)]
pub struct Packed<'a> {
    data: &'a [f32],
    lanes: usize,
    depth: usize,
}

impl<'a> Packed<'a> {
    /// Floats that [`Packed::new`] writes.
    pub fn len<const WIDTH: usize>(lanes: usize, depth: usize) -> usize {
        lanes.next_multiple_of(WIDTH).saturating_mul(depth)
    }

    /// Packs all of `source` into `buffer`.
    pub fn new<const WIDTH: usize>(source: &impl Operand, buffer: &'a mut [f32]) -> Self {
        let (lanes, depth) = (source.lanes(), source.depth());
        let data = &mut buffer[..Self::len::<WIDTH>(lanes, depth)];
        source.panels::<WIDTH>(0..lanes, 0..depth, data);
        Self { data, lanes, depth }
    }
}

impl Operand for Packed<'_> {
    fn lanes(&self) -> usize {
        self.lanes
    }

    fn depth(&self) -> usize {
        self.depth
    }

    fn panels<'s, const WIDTH: usize>(
        &'s self,
        lanes: Range<usize>,
        depth: Range<usize>,
        _buffer: &'s mut [f32],
    ) -> Panels<'s> {
        debug_assert_eq!(self.data.len(), Self::len::<WIDTH>(self.lanes, self.depth));
        Panels {
            data: &self.data[lanes.start * self.depth + depth.start * WIDTH..],
            stride: self.depth * WIDTH,
        }
    }
}
