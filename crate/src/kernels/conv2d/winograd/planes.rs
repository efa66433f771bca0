//! Room for planes `[tile, channels]`, and their products.

use crate::pool::Split;
use crate::tile::{COLUMNS, ROWS, Segments, Target, Write, rows_by_panel};

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
        for (column, panel) in panels.chunks_exact(depth * COLUMNS).enumerate() {
            for row in (0..tiles).step_by(ROWS) {
                let starts = std::array::from_fn(|i| (row + i) * s_planes.channels);
                let target = Target {
                    at: row * t_planes.channels + column * COLUMNS,
                    stride: t_planes.channels,
                    rows: ROWS,
                    columns: COLUMNS,
                    finish: Write,
                    c: &mut *target,
                };
                rows_by_panel(source, starts, Segments::one(depth), panel, target);
            }
        }
    }
}
