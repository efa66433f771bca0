//! Pixels to planes and back, four channels at a time.

use super::super::bands::Band;
use super::groups;
use super::planes::{Planes, PlanesMut};
use super::points::{Patches, Points, both_axes};
use super::tiles::{Tile, Tiles};
use crate::kernels::bias::BiasFloor;
use crate::shape::Conv2dShape;
use crate::simd::{F32x4, LANES, copy_short};
use std::ops::Range;

/// NHWC images: a batch of them, or a part.
#[derive(Clone, Copy)]
pub struct Images {
    /// Rows of an image.
    height: usize,
    /// Pixels of a row.
    width: usize,
    /// Floats of a pixel.
    channels: usize,
    /// Image and row with which a part begins.
    first: [usize; 2],
}

impl Images {
    /// The input of a convolution.
    pub fn of_input(shape: &Conv2dShape) -> Self {
        Self::new([shape.in_h, shape.in_w, shape.in_c])
    }

    /// The output.
    pub fn of_output(shape: &Conv2dShape) -> Self {
        Self::new([shape.out_h, shape.out_w, shape.out_c])
    }

    fn new([height, width, channels]: [usize; 3]) -> Self {
        Self {
            height,
            width,
            channels,
            first: [0, 0],
        }
    }

    /// A part that lies alone in its slice. What is outside of it is outside of the image.
    pub fn part(self, band: &Band) -> Self {
        Self {
            height: band.rows,
            first: [band.image, band.row],
            ..self
        }
    }

    /// Index of a pixel.
    #[inline(always)]
    fn at(&self, image: usize, y: usize, x: usize) -> usize {
        ((image * self.height + y) * self.width + x) * self.channels
    }
}

/// A square of K x K pixels whose top left corner may lie outside its image.
#[derive(Clone, Copy)]
struct Square<const K: usize> {
    image: usize,
    y: isize,
    x: isize,
}

/// Four channels of a square in memory of its own, zeros where it leaves the image.
type Copied<const K: usize> = [[[f32; LANES]; K]; K];

impl<const K: usize> Square<K> {
    /// The square at a tile, `top` rows and `left` columns before its first output.
    #[inline(always)]
    fn new(images: &Images, tile: &Tile, [top, left]: [usize; 2]) -> Self {
        let [image, row] = images.first;
        Self {
            image: tile.image - image,
            y: tile.oy as isize - (top + row) as isize,
            x: tile.ox as isize - left as isize,
        }
    }

    /// Index of its first pixel, when none of its pixels lies outside `images`, and all of them inside `len` floats.
    #[inline(always)]
    fn inside(&self, images: &Images, len: usize) -> Option<usize> {
        let fits = |first: isize, size: usize| first >= 0 && first as usize + K <= size;
        if !(fits(self.y, images.height) && fits(self.x, images.width)) {
            return None;
        }
        let at = |y, x| images.at(self.image, self.y as usize + y, self.x as usize + x);
        assert!(at(K - 1, K - 1) + images.channels <= len, "square");
        Some(at(0, 0))
    }

    /// Rows and columns of the square inside the image, and the index of the first pixel there.
    #[inline(always)]
    fn part(&self, images: &Images) -> (Range<usize>, Range<usize>, usize) {
        let inside = |first: isize, size: usize| {
            let from = (-first).clamp(0, K as isize);
            let to = (size as isize - first).clamp(from, K as isize);
            from as usize..to as usize
        };
        let (rows, columns) = (inside(self.y, images.height), inside(self.x, images.width));
        let at = |first: isize, inside: &Range<usize>| (first + inside.start as isize) as usize;
        let first = images.at(self.image, at(self.y, &rows), at(self.x, &columns));
        (rows, columns, first)
    }

    /// Calls `visit(i, j, index)` for every pixel inside the image.
    #[inline(always)]
    fn for_each_pixel(&self, images: &Images, mut visit: impl FnMut(usize, usize, usize)) {
        let (rows, columns, mut row) = self.part(images);
        for i in rows {
            let mut pixel = row;
            for j in columns.clone() {
                visit(i, j, pixel);
                pixel += images.channels;
            }
            row += images.width * images.channels;
        }
    }

    /// The `lanes` channels from `channel` on.
    #[inline(never)]
    fn copy(
        &self,
        images: &Images,
        data: &[f32],
        (channel, lanes): (usize, usize),
        copied: &mut Copied<K>,
    ) {
        *copied = [[[0.0; LANES]; K]; K];
        if lanes == LANES {
            self.for_each_pixel(images, |i, j, pixel| {
                F32x4::load(&data[pixel + channel..]).store(&mut copied[i][j]);
            });
        } else {
            self.for_each_pixel(images, |i, j, pixel| {
                copy_short(&data[pixel + channel..][..lanes], &mut copied[i][j]);
            });
        }
    }

    /// What `copy` gave, changed, back to where it was.
    #[inline(never)]
    fn put_back(
        &self,
        images: &Images,
        data: &mut [f32],
        (channel, lanes): (usize, usize),
        copied: &Copied<K>,
    ) {
        if lanes == LANES {
            self.for_each_pixel(images, |i, j, pixel| {
                F32x4::load(&copied[i][j]).store(&mut data[pixel + channel..]);
            });
        } else {
            self.for_each_pixel(images, |i, j, pixel| {
                F32x4::load(&copied[i][j]).store_partial(&mut data[pixel + channel..][..lanes]);
            });
        }
    }
}

/// A row of whole vectors, `step` floats apart.
///
/// # Safety
/// The last of them is readable.
#[inline(always)]
unsafe fn load_row<const K: usize>(first: *const f32, step: usize) -> [F32x4; K] {
    // SAFETY: the caller's contract.
    std::array::from_fn(|j| unsafe { F32x4::load_ptr(first.add(j * step)) })
}

/// `planes[i * N + j][tile] = (f square f^T)[i][j]` for all channels of one tile's K x K square.
#[inline(always)]
fn to_planes<const K: usize, const N: usize>(
    images: &Images,
    data: &[f32],
    square: Square<K>,
    PlanesMut {
        planes,
        data: target,
    }: &PlanesMut<'_>,
    tile: usize,
    f: impl Fn([F32x4; K]) -> [F32x4; N],
) {
    let steps = (images.width * images.channels, images.channels);
    // The places of this tile in all planes.
    let place = tile * planes.channels;
    let target = target.pointer(place..place + (N * N - 1) * planes.stride + planes.channels);
    let inside = square.inside(images, data.len());
    for (channel, lanes) in groups(images.channels) {
        let mut copied;
        let (first, (row_step, pixel_step)) = match inside {
            Some(first) if lanes == LANES => (data[first + channel..].as_ptr(), steps),
            _ => {
                copied = [[[0.0; LANES]; K]; K];
                square.copy(images, data, (channel, lanes), &mut copied);
                (
                    copied.as_flattened().as_flattened().as_ptr(),
                    (K * LANES, LANES),
                )
            }
        };
        both_axes(
            // SAFETY: `inside` saw the last channel of the last pixel; a copy holds whole vectors.
            |i| unsafe { load_row(first.add(i * row_step), pixel_step) },
            &f,
            // SAFETY: plane `i * N + j` of N * N, whole groups of four fit its channels, and nobody else has this tile.
            |i, j, value| unsafe {
                value.store_ptr(target.add((i * N + j) * planes.stride + channel));
            },
        );
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
    square: Square<K>,
    (planes, source): (&Planes, &[f32]),
    tile: usize,
    f: impl Fn([F32x4; N]) -> [F32x4; K],
    put: impl Fn(usize, F32x4, F32x4) -> F32x4,
) {
    let steps = (images.width * images.channels, images.channels);
    let source = &source[tile * planes.channels..][..(N * N - 1) * planes.stride + planes.channels];
    let inside = square.inside(images, data.len());
    for (channel, lanes) in groups(images.channels) {
        let direct = inside.filter(|_| lanes == LANES);
        let mut copied = [[[0.0; LANES]; K]; K];
        let (first, (row_step, pixel_step)) = match direct {
            Some(first) => (data[first + channel..].as_mut_ptr(), steps),
            None => {
                if OLD {
                    square.copy(images, data, (channel, lanes), &mut copied);
                }
                let place = copied.as_flattened_mut().as_flattened_mut().as_mut_ptr();
                (place, (K * LANES, LANES))
            }
        };
        let planes_row = source[channel..].as_ptr();
        both_axes(
            // SAFETY: row i of the planes, whole groups of four fit their channels.
            |i| unsafe { load_row(planes_row.add(i * N * planes.stride), planes.stride) },
            &f,
            |i, j, value| {
                // SAFETY: `inside` saw the last channel of the last pixel; a copy holds whole vectors.
                unsafe {
                    let place = first.add(i * row_step + j * pixel_step);
                    let old = if OLD { F32x4::load_ptr(place) } else { value };
                    put(channel, old, value).store_ptr(place);
                }
            },
        );
        if direct.is_none() {
            square.put_back(images, data, (channel, lanes), &copied);
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
    for (index, tile) in (first..).zip(tiles) {
        let square = Square::<N>::new(images, &tile, pads);
        to_planes(images, input, square, target, index, P::input);
    }
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
    for (index, tile) in (first..).zip(tiles) {
        let square = Square::<M>::new(images, &tile, pads);
        to_planes(
            images,
            grad_output,
            square,
            target,
            index,
            P::output_adjoint,
        );
    }
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
    for (index, tile) in tiles.enumerate() {
        let square = Square::<M>::new(images, &tile, [0, 0]);
        let put = |channel, _, value| finish.four(channel, value);
        from_planes::<false, N, M>(images, output, square, source, index, P::output, put);
    }
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
    for (index, tile) in tiles.enumerate() {
        let square = Square::<N>::new(images, &tile, pads);
        let put = |_, old: F32x4, value| old + value;
        from_planes::<true, N, N>(
            images,
            grad_input,
            square,
            source,
            index,
            P::input_adjoint,
            put,
        );
    }
}
