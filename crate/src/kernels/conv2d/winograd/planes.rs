//! Room for planes `[tile, channels]`, and their products.

use crate::pool::Split;
use crate::simd::{F32x4, LANES};
use crate::tile::{COLUMNS, ROWS};

/// Floats by which planes lie further apart than they are long. Without it their distance is a multiple of 4 KB for
/// many channel counts, all planes fall into the same sets of the cache, and a pass takes up to twice as long.
const PLANE_GAP: usize = 16;

/// `count` planes of `[tiles, channels]` in a workspace.
#[derive(Clone, Copy, Debug)]
pub struct Planes {
    /// Floats from one tile to the next: channels, rounded up.
    pub channels: usize,
    /// Floats from one plane to the next.
    pub stride: usize,
    /// Floats of all planes.
    pub len: usize,
}

/// Planes that are being written.
pub struct PlanesMut<'a> {
    /// Where they lie.
    pub planes: Planes,
    /// All of them. Several threads write side by side, each tiles of its own.
    pub data: Split<'a, f32>,
}

impl Planes {
    /// Room for `tiles` tiles in each of `count` planes. Channels are rounded up to whole panels: the lanes behind the
    /// last channel hold zeros.
    pub fn new(count: usize, tiles: usize, channels: usize) -> Self {
        let channels = channels.next_multiple_of(COLUMNS);
        let stride = tiles.saturating_mul(channels).saturating_add(PLANE_GAP);
        Self {
            channels,
            stride,
            len: count.saturating_mul(stride),
        }
    }

    /// To write to.
    pub fn over(self, data: &mut [f32]) -> PlanesMut<'_> {
        PlanesMut {
            planes: self,
            data: Split::new(data),
        }
    }

    /// The first `tiles` tiles of a plane.
    #[inline(always)]
    pub fn get<'a>(&self, data: &'a [f32], plane: usize, tiles: usize) -> &'a [f32] {
        &data[plane * self.stride..][..tiles * self.channels]
    }
}

/// In each of `count` planes: `target [tiles, columns] = source [tiles, depth] panels [depth, columns]`, where the panels of
/// a plane are `[columns / 8][depth][8]`. Rows are always whole: what lies behind the last tile is computed and never
/// looked at.
pub fn multiply(
    count: usize,
    tiles: usize,
    (depth, panels): (usize, &[f32]),
    (s_planes, source): (&Planes, &[f32]),
    (t_planes, target): (&Planes, &mut [f32]),
) {
    let tiles = tiles.next_multiple_of(ROWS);
    let of_plane = depth * t_planes.channels;
    for (p, panels) in panels.chunks_exact(of_plane).enumerate().take(count) {
        let source = s_planes.get(source, p, tiles);
        let target = &mut target[p * t_planes.stride..][..tiles * t_planes.channels];
        // SAFETY: both planes hold `tiles` tiles of their channels, of which `depth` are read and all written.
        unsafe {
            let source = (source.as_ptr(), s_planes.channels);
            let target = (target.as_mut_ptr(), t_planes.channels);
            multiply_plane((tiles, depth), source, panels.as_ptr(), target);
        }
    }
}

/// One plane; the innermost loop is that of [`crate::tile::rows_by_panel`]. The loops over tiles are in the same function,
/// since with 32 channels a call for each tile takes a quarter of the time.
///
/// # Safety
/// `tiles` is a multiple of four, and so many rows can be read and written, of `depth` and of `columns` floats, and
/// `depth * columns` of the panels.
#[inline(never)]
unsafe fn multiply_plane(
    (tiles, depth): (usize, usize),
    (source, stride): (*const f32, usize),
    panels: *const f32,
    (target, columns): (*mut f32, usize),
) {
    for column in (0..columns).step_by(COLUMNS) {
        for row in (0..tiles).step_by(ROWS) {
            // SAFETY: the caller's contract.
            unsafe {
                let mut a0 = source.add(row * stride);
                let (mut a1, mut a2, mut a3) =
                    (a0.add(stride), a0.add(2 * stride), a0.add(3 * stride));
                let mut b = panels.add(column * depth);
                let mut sums = [[F32x4::splat(0.0); 2]; ROWS];
                for _ in 0..depth {
                    let (b0, b1) = (F32x4::load_ptr(b), F32x4::load_ptr(b.add(LANES)));
                    for (a, [left, right]) in [a0, a1, a2, a3].into_iter().zip(&mut sums) {
                        let value = F32x4::splat_ptr(a);
                        *left = value.madd(b0, *left);
                        *right = value.madd(b1, *right);
                    }
                    (a0, a1, a2, a3) = (a0.add(1), a1.add(1), a2.add(1), a3.add(1));
                    b = b.add(COLUMNS);
                }
                let place = target.add(row * columns + column);
                for i in 0..ROWS {
                    sums[i][0].store_ptr(place.add(i * columns));
                    sums[i][1].store_ptr(place.add(i * columns + LANES));
                }
            }
        }
    }
}
