//! Pixels to planes and back, four channels at a time.

use super::points::{Points, both_axes};
use super::tiles::Tile;
use super::{Planes, groups};
use crate::simd::{F32x4, LANES};

/// A batch of NHWC images.
#[derive(Clone, Copy)]
pub struct Images {
    /// Rows of an image.
    pub height: usize,
    /// Pixels of a row.
    pub width: usize,
    /// Floats of a pixel.
    pub channels: usize,
}

impl Images {
    /// Index of a pixel.
    #[inline(always)]
    fn at(&self, image: usize, y: usize, x: usize) -> usize {
        ((image * self.height + y) * self.width + x) * self.channels
    }

    /// Floats of a row.
    #[inline(always)]
    fn row_len(&self) -> usize {
        self.width * self.channels
    }
}

/// A square of K x K pixels whose top left corner may lie outside its image.
#[derive(Clone, Copy)]
struct Square<const K: usize> {
    image: usize,
    y: isize,
    x: isize,
}

impl<const K: usize> Square<K> {
    /// The square at a tile, `top` rows and `left` columns before its first output.
    #[inline(always)]
    fn new(tile: &Tile, [top, left]: [usize; 2]) -> Self {
        Self {
            image: tile.image,
            y: tile.oy as isize - top as isize,
            x: tile.ox as isize - left as isize,
        }
    }

    /// Index of its first pixel, when none of its pixels lies outside.
    #[inline(always)]
    fn inside(&self, images: &Images) -> Option<usize> {
        let fits = |first: isize, size: usize| first >= 0 && first as usize + K <= size;
        (fits(self.y, images.height) && fits(self.x, images.width))
            .then(|| images.at(self.image, self.y as usize, self.x as usize))
    }

    /// Index of a pixel, none for those outside.
    #[inline(always)]
    fn pixel(&self, images: &Images, i: usize, j: usize) -> Option<usize> {
        let (y, x) = (self.y + i as isize, self.x + j as isize);
        (0 <= y && y < images.height as isize && 0 <= x && x < images.width as isize)
            .then(|| images.at(self.image, y as usize, x as usize))
    }
}

/// A row of whole vectors, a pixel apart.
///
/// # Safety
/// The last of them is readable.
#[inline(always)]
unsafe fn load_row<const K: usize>(first: *const f32, channels: usize) -> [F32x4; K] {
    // SAFETY: the caller's contract.
    std::array::from_fn(|j| unsafe { F32x4::load_ptr(first.add(j * channels)) })
}

/// `planes[i * N + j][tile] = (f square f^T)[i][j]` for all channels of one tile's K x K square.
#[inline(always)]
fn to_planes<const K: usize, const N: usize>(
    images: &Images,
    data: &[f32],
    square: Square<K>,
    (planes, target): (&Planes, &mut [f32]),
    tile: usize,
    f: impl Fn([F32x4; K]) -> [F32x4; N],
) {
    let (row_len, pixel_len) = (images.row_len(), images.channels);
    // The places of this tile in all planes.
    let target =
        &mut target[tile * planes.channels..][..(N * N - 1) * planes.stride + planes.channels];
    let inside = square.inside(images);
    if let Some(first) = inside {
        assert!(
            first + (K - 1) * (row_len + pixel_len) + pixel_len <= data.len(),
            "patch"
        );
    }
    for (channel, lanes) in groups(pixel_len) {
        let place = target[channel..].as_mut_ptr();
        let store = |i: usize, j: usize, value: F32x4| {
            // SAFETY: plane `i * N + j` of N * N, and whole groups of four fit its channels.
            unsafe { value.store_ptr(place.add((i * N + j) * planes.stride)) }
        };
        match inside {
            Some(first) if lanes == LANES => {
                let first = data[first + channel..].as_ptr();
                // SAFETY: the assert above saw the last channel of the last pixel.
                both_axes(
                    |i| unsafe { load_row(first.add(i * row_len), pixel_len) },
                    &f,
                    store,
                );
            }
            _ => {
                let pixel = |i, j| match square.pixel(images, i, j) {
                    Some(pixel) => load_lanes(&data[pixel + channel..], lanes),
                    None => F32x4::splat(0.0),
                };
                both_axes(|i| std::array::from_fn(|j| pixel(i, j)), &f, store);
            }
        }
    }
    // An odd group of four behind the last channel: products read whole panels.
    let end = pixel_len.next_multiple_of(LANES);
    if end < planes.channels {
        for plane in target.chunks_mut(planes.stride) {
            F32x4::splat(0.0).store(&mut plane[end..]);
        }
    }
}

/// For all channels of one tile: `put(i, j, channel, lanes, (f values f^T)[i][j])`.
#[inline(always)]
fn from_planes<const N: usize, const K: usize>(
    channels: usize,
    (planes, source): (&Planes, &[f32]),
    tile: usize,
    f: impl Fn([F32x4; N]) -> [F32x4; K],
    mut put: impl FnMut(usize, usize, usize, usize, F32x4),
) {
    let source = &source[tile * planes.channels..][..(N * N - 1) * planes.stride + planes.channels];
    for (channel, lanes) in groups(channels) {
        let first = source[channel..].as_ptr();
        both_axes(
            // SAFETY: row i of the planes, whole groups of four fit their channels.
            |i| unsafe { load_row(first.add(i * N * planes.stride), planes.stride) },
            &f,
            |i, j, value| put(i, j, channel, lanes, value),
        );
    }
}

#[inline(always)]
fn load_lanes(values: &[f32], lanes: usize) -> F32x4 {
    if lanes == LANES {
        F32x4::load(values)
    } else {
        F32x4::load_partial(&values[..lanes], 0.0)
    }
}

#[inline(always)]
fn store_lanes(value: F32x4, places: &mut [f32], lanes: usize) {
    if lanes == LANES {
        value.store(places);
    } else {
        value.store_partial(&mut places[..lanes]);
    }
}

/// Patches of the input into planes: `B^T x B`.
#[inline(never)]
pub fn input_to_planes<P: Points<N, M, R>, const N: usize, const M: usize, const R: usize>(
    images: &Images,
    input: &[f32],
    pads: [usize; 2],
    tiles: impl Iterator<Item = Tile>,
    (planes, target): (&Planes, &mut [f32]),
) {
    for (index, tile) in tiles.enumerate() {
        let square = Square::<N>::new(&tile, pads);
        to_planes(
            images,
            input,
            square,
            (planes, &mut *target),
            index,
            P::input,
        );
    }
}

/// Tiles of the output's gradient into planes: `A y A^T`.
#[inline(never)]
pub fn gradient_to_planes<P: Points<N, M, R>, const N: usize, const M: usize, const R: usize>(
    images: &Images,
    grad_output: &[f32],
    tiles: impl Iterator<Item = Tile>,
    (planes, target): (&Planes, &mut [f32]),
) {
    for (index, tile) in tiles.enumerate() {
        let square = Square::<M>::new(&tile, [0, 0]);
        to_planes(
            images,
            grad_output,
            square,
            (planes, &mut *target),
            index,
            P::output_adjoint,
        );
    }
}

/// Planes into tiles of the output: `finish(channel, A^T m A)`.
#[inline(never)]
pub fn planes_to_output<P: Points<N, M, R>, const N: usize, const M: usize, const R: usize>(
    images: &Images,
    output: &mut [f32],
    tiles: impl Iterator<Item = Tile>,
    (planes, source): (&Planes, &[f32]),
    finish: impl Fn(usize, F32x4) -> F32x4,
) {
    for (index, tile) in tiles.enumerate() {
        let square = Square::<M>::new(&tile, [0, 0]);
        let source = (planes, source);
        match square.inside(images) {
            Some(first) => {
                let output = &mut output[first..];
                let row_len = images.row_len();
                from_planes(
                    images.channels,
                    source,
                    index,
                    P::output,
                    |i, j, channel, lanes, value| {
                        let place = &mut output[i * row_len + j * images.channels + channel..];
                        store_lanes(finish(channel, value), place, lanes);
                    },
                );
            }
            None => from_planes(
                images.channels,
                source,
                index,
                P::output,
                |i, j, channel, lanes, value| {
                    if let Some(pixel) = square.pixel(images, i, j) {
                        store_lanes(
                            finish(channel, value),
                            &mut output[pixel + channel..],
                            lanes,
                        );
                    }
                },
            ),
        }
    }
}

/// Planes into patches of the input's gradient, added to what is there: `B p B^T`.
#[inline(never)]
pub fn planes_to_grad_input<P: Points<N, M, R>, const N: usize, const M: usize, const R: usize>(
    images: &Images,
    grad_input: &mut [f32],
    pads: [usize; 2],
    tiles: impl Iterator<Item = Tile>,
    (planes, source): (&Planes, &[f32]),
) {
    let add = |value: F32x4, places: &mut [f32], lanes: usize| {
        store_lanes(load_lanes(places, lanes) + value, places, lanes);
    };
    for (index, tile) in tiles.enumerate() {
        let square = Square::<N>::new(&tile, pads);
        let source = (planes, source);
        match square.inside(images) {
            Some(first) => {
                let grad_input = &mut grad_input[first..];
                let row_len = images.row_len();
                from_planes(
                    images.channels,
                    source,
                    index,
                    P::input_adjoint,
                    |i, j, channel, lanes, value| {
                        add(
                            value,
                            &mut grad_input[i * row_len + j * images.channels + channel..],
                            lanes,
                        );
                    },
                );
            }
            None => from_planes(
                images.channels,
                source,
                index,
                P::input_adjoint,
                |i, j, channel, lanes, value| {
                    if let Some(pixel) = square.pixel(images, i, j) {
                        add(value, &mut grad_input[pixel + channel..], lanes);
                    }
                },
            ),
        }
    }
}
