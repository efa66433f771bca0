//! Pixels to planes and back, four channels at a time.

use super::planes::{Planes, PlanesMut};
use super::points::{Patches, Points, both_axes};
use super::squares::{CHUNK, Copied, Images, NOTHING_COPIED, Square};
use super::tiles::Tiles;
use crate::kernels::bias::BiasFloor;
use crate::simd::{F32x4, LANES};
use std::ops::Range;

/// A row of whole vectors, `step` floats apart.
///
/// # Safety
/// The last of them is readable.
#[inline(always)]
unsafe fn load_row<const K: usize>(first: *const f32, step: usize) -> [F32x4; K] {
    // SAFETY: the caller's contract.
    std::array::from_fn(|j| unsafe { F32x4::load_ptr(first.add(j * step)) })
}

/// Channels in chunks, each of which is copied where a square leaves its image, or where they are no whole vectors.
#[inline(always)]
fn chunks(channels: usize) -> impl Iterator<Item = Range<usize>> {
    let whole = channels / LANES * LANES;
    let rest = Some(whole..channels).filter(|rest| !rest.is_empty());
    (0..whole)
        .step_by(CHUNK)
        .map(move |first| first..whole.min(first + CHUNK))
        .chain(rest)
}

/// `planes[i * N + j][tile] = (f square f^T)[i][j]` for all channels of one tile's K x K square.
#[inline(always)]
fn to_planes<const K: usize, const N: usize>(
    images: &Images,
    data: &[f32],
    square: Square,
    PlanesMut {
        planes,
        data: target,
    }: &PlanesMut<'_>,
    tile: usize,
    copied: &mut Copied,
    f: impl Fn([F32x4; K]) -> [F32x4; N],
) {
    // The places of this tile in all planes.
    let place = tile * planes.channels;
    let target = target.pointer(place..place + (N * N - 1) * planes.stride + planes.channels);
    let in_place = square.in_place(images, data.len());
    for chunk in chunks(images.channels) {
        let in_place = in_place.filter(|_| chunk.len().is_multiple_of(LANES));
        let (first, row_step, pixel_step) = match in_place {
            Some(at) => (
                data[at + chunk.start..].as_ptr(),
                images.row_len(),
                images.channels,
            ),
            None => {
                square.copy(images, data, chunk.clone(), copied);
                (copied.as_ptr(), K * CHUNK, CHUNK)
            }
        };
        for group in (0..chunk.len()).step_by(LANES) {
            both_axes(
                // SAFETY: `in_place` saw the last channel of the last pixel; a copy holds whole vectors.
                |i| unsafe { load_row(first.add(i * row_step + group), pixel_step) },
                &f,
                // SAFETY: plane `i * N + j` of N * N, whole groups of four fit its channels, and nobody else has this
                // tile.
                |i, j, value| unsafe {
                    let plane = (i * N + j) * planes.stride;
                    value.store_ptr(target.add(plane + chunk.start + group));
                },
            );
        }
    }
    // An odd group of four behind the last channel: products read whole panels.
    let end = images.channels.next_multiple_of(LANES);
    if end < planes.channels {
        for plane in 0..N * N {
            // SAFETY: as above.
            unsafe { F32x4::splat(0.0).store_ptr(target.add(plane * planes.stride + end)) };
        }
    }
}

/// `square[i][j] = put(channel, square[i][j], (f planes f^T)[i][j])` for all channels of one tile's K x K square. `OLD`
/// tells whether `put` looks at what is there.
#[inline(always)]
fn from_planes<const OLD: bool, const N: usize, const K: usize>(
    images: &Images,
    data: &mut [f32],
    square: Square,
    (planes, source): (&Planes, &[f32]),
    tile: usize,
    copied: &mut Copied,
    f: impl Fn([F32x4; N]) -> [F32x4; K],
    put: impl Fn(usize, F32x4, F32x4) -> F32x4,
) {
    let source = &source[tile * planes.channels..][..(N * N - 1) * planes.stride + planes.channels];
    let in_place = square.in_place(images, data.len());
    for chunk in chunks(images.channels) {
        let in_place = in_place.filter(|_| chunk.len().is_multiple_of(LANES));
        let (first, row_step, pixel_step) = match in_place {
            Some(at) => (
                data[at + chunk.start..].as_mut_ptr(),
                images.row_len(),
                images.channels,
            ),
            None => {
                if OLD {
                    square.copy(images, data, chunk.clone(), copied);
                }
                (copied.as_mut_ptr(), K * CHUNK, CHUNK)
            }
        };
        for group in (0..chunk.len()).step_by(LANES) {
            let channel = chunk.start + group;
            let planes_row = source[channel..].as_ptr();
            both_axes(
                // SAFETY: row i of the planes, whole groups of four fit their channels.
                |i| unsafe { load_row(planes_row.add(i * N * planes.stride), planes.stride) },
                &f,
                |i, j, value| {
                    // SAFETY: `in_place` saw the last channel of the last pixel; a copy holds whole vectors.
                    unsafe {
                        let place = first.add(i * row_step + j * pixel_step + group);
                        let old = if OLD { F32x4::load_ptr(place) } else { value };
                        put(channel, old, value).store_ptr(place);
                    }
                },
            );
        }
        if in_place.is_none() {
            square.put_back(images, data, chunk, copied);
        }
    }
}

/// Squares at tiles.
#[derive(Clone, Copy)]
struct Squares<'a> {
    size: usize,
    images: &'a Images,
    pads: [usize; 2],
}

impl Squares<'_> {
    /// Calls `visit(square, place of the tile, memory for copies)` for each tile, and `ahead(square)` a tile before.
    #[inline(always)]
    fn visit(
        self,
        tiles: Tiles,
        ahead: impl Fn(&Square),
        mut visit: impl FnMut(Square, usize, &mut Copied),
    ) {
        let square = |tile| Square::new(self.size, self.images, &tile, self.pads);
        let mut copied = NOTHING_COPIED;
        let mut squares = tiles.map(square).enumerate().peekable();
        while let Some((index, square)) = squares.next() {
            if let Some((_, next)) = squares.peek() {
                ahead(next);
            }
            visit(square, index, &mut copied);
        }
    }
}

/// Patches of the input into planes: `B^T x B`.
#[inline(never)]
pub fn input_to_planes<P: Patches<N>, const N: usize>(
    images: &Images,
    input: &[f32],
    pads: [usize; 2],
    tiles: Tiles,
    target: &PlanesMut<'_>,
    first: usize,
) {
    let squares = Squares {
        size: N,
        images,
        pads,
    };
    let touch = |square: &Square| square.touch(images, input);
    squares.visit(tiles, touch, |square, index, copied| {
        to_planes(
            images,
            input,
            square,
            target,
            first + index,
            copied,
            P::input,
        );
    });
}

/// Tiles of the output's gradient into planes: `A y A^T`.
#[inline(never)]
pub fn gradient_to_planes<P: Points<N, M, R>, const N: usize, const M: usize, const R: usize>(
    images: &Images,
    grad_output: &[f32],
    pads: [usize; 2],
    tiles: Tiles,
    target: &PlanesMut<'_>,
    first: usize,
) {
    let squares = Squares {
        size: M,
        images,
        pads,
    };
    let touch = |square: &Square| square.touch(images, grad_output);
    squares.visit(tiles, touch, |square, index, copied| {
        to_planes(
            images,
            grad_output,
            square,
            target,
            first + index,
            copied,
            P::output_adjoint,
        );
    });
}

/// Planes into tiles of the output: `finish(A^T m A)`.
#[inline(never)]
pub fn planes_to_output<P: Points<N, M, R>, const N: usize, const M: usize, const R: usize>(
    images: &Images,
    output: &mut [f32],
    tiles: Tiles,
    source: (&Planes, &[f32]),
    finish: &BiasFloor<'_>,
) {
    let squares = Squares {
        size: M,
        images,
        pads: [0, 0],
    };
    let put = |channel, _, value| finish.four(channel, value);
    squares.visit(
        tiles,
        |_| (),
        |square, index, copied| {
            from_planes::<false, N, M>(
                images,
                output,
                square,
                source,
                index,
                copied,
                P::output,
                put,
            );
        },
    );
}

/// Planes into patches of the input's gradient, added to what is there: `B p B^T`.
#[inline(never)]
pub fn planes_to_grad_input<P: Patches<N>, const N: usize>(
    images: &Images,
    grad_input: &mut [f32],
    pads: [usize; 2],
    tiles: Tiles,
    source: (&Planes, &[f32]),
) {
    let squares = Squares {
        size: N,
        images,
        pads,
    };
    let (f, put) = (P::input_adjoint, |_, old: F32x4, value| old + value);
    squares.visit(
        tiles,
        |_| (),
        |square, index, copied| {
            from_planes::<true, N, N>(images, grad_input, square, source, index, copied, f, put);
        },
    );
}
