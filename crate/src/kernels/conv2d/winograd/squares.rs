//! Squares of pixels, read and written where they lie, or copied where they leave their image.

use super::super::bands::Band;
use super::tiles::Tile;
use crate::shape::Conv2dShape;
use crate::simd::{F32x4, LANES};
use std::ops::Range;

/// NHWC images: a batch of them, or a part.
#[derive(Clone, Copy)]
pub struct Images {
    /// Rows of an image.
    height: usize,
    /// Pixels of a row.
    width: usize,
    /// Floats of a pixel.
    pub channels: usize,
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

    /// Floats of a row.
    pub fn row_len(&self) -> usize {
        self.width * self.channels
    }

    /// Index of a pixel.
    #[inline(always)]
    fn at(&self, image: usize, y: usize, x: usize) -> usize {
        ((image * self.height + y) * self.width + x) * self.channels
    }
}

/// A square of pixels whose top left corner may lie outside its image.
#[derive(Clone, Copy)]
pub struct Square {
    size: usize,
    image: usize,
    y: isize,
    x: isize,
}

/// Channels that are copied at a time: 5 KB stay in L1 until they are transformed.
pub const CHUNK: usize = 32;

/// Floats of a cache line.
const LINE: usize = 16;

/// Rows of the largest square.
const LARGEST: usize = 6;

/// Some channels of a square in memory of its own, `[size, size, CHUNK]`.
pub type Copied = [f32; LARGEST * LARGEST * CHUNK];

/// Memory for them.
pub const NOTHING_COPIED: Copied = [0.0; LARGEST * LARGEST * CHUNK];

impl Square {
    /// `size` rows and columns at a tile, from `top` rows and `left` columns before its first output.
    #[inline(always)]
    pub fn new(size: usize, images: &Images, tile: &Tile, [top, left]: [usize; 2]) -> Self {
        let [image, row] = images.first;
        Self {
            size,
            image: tile.image - image,
            y: tile.oy as isize - (top + row) as isize,
            x: tile.ox as isize - left as isize,
        }
    }

    /// Index of its first pixel, when none of its pixels lies outside `images`, and all of them inside `len` floats.
    #[inline(always)]
    pub fn in_place(&self, images: &Images, len: usize) -> Option<usize> {
        let fits = |first: isize, size: usize| first >= 0 && first as usize + self.size <= size;
        if !(fits(self.y, images.height) && fits(self.x, images.width)) {
            return None;
        }
        let at = |y, x| images.at(self.image, self.y as usize + y, self.x as usize + x);
        let last = self.size - 1;
        assert!(at(last, last) + images.channels <= len, "square");
        Some(at(0, 0))
    }

    /// Reads a float of each of its cache lines, so that they are all on the way to L1 together. Done a tile ahead that
    /// saves up to a tenth of a pass: rows of a square are too short for the prefetcher of the hardware.
    #[inline(never)]
    pub fn touch(&self, images: &Images, data: &[f32]) {
        let (rows, columns, first) = self.part(images);
        // Of few channels, several tiles share a line.
        if columns.is_empty() || images.channels < LINE {
            return;
        }
        let mut sum = 0;
        for row in 0..rows.len() {
            let row = &data[first + row * images.row_len()..][..columns.len() * images.channels];
            for line in row.chunks(LINE) {
                sum ^= line[0].to_bits();
            }
        }
        std::hint::black_box(sum);
    }

    /// Rows and columns of the square inside the image, and the index of the first pixel there.
    fn part(&self, images: &Images) -> (Range<usize>, Range<usize>, usize) {
        let inside = |first: isize, size: usize| {
            let from = (-first).clamp(0, self.size as isize);
            let to = (size as isize - first).clamp(from, self.size as isize);
            from as usize..to as usize
        };
        let (rows, columns) = (inside(self.y, images.height), inside(self.x, images.width));
        let at = |first: isize, inside: &Range<usize>| (first + inside.start as isize) as usize;
        let first = images.at(self.image, at(self.y, &rows), at(self.x, &columns));
        (rows, columns, first)
    }

    /// The channels in `channels`, zeros outside the image and behind the last channel of a vector.
    #[inline(never)]
    pub fn copy(&self, images: &Images, data: &[f32], channels: Range<usize>, copied: &mut Copied) {
        let (rows, columns, first) = self.part(images);
        let vectors = channels.len().div_ceil(LANES);
        // Zeros that the compiler does not know for such: it would call a fill for every pixel.
        let zero = std::hint::black_box(F32x4::splat(0.0));
        for i in 0..self.size {
            for j in 0..self.size {
                let place: &mut [f32; CHUNK] = copied[(i * self.size + j) * CHUNK..]
                    .first_chunk_mut()
                    .expect("a pixel");
                if rows.contains(&i) && columns.contains(&j) {
                    let (i, j) = (i - rows.start, j - columns.start);
                    let pixel = first + i * images.row_len() + j * images.channels;
                    copy_pixel(&data[pixel..][channels.clone()], place);
                } else {
                    for place in place.as_chunks_mut::<LANES>().0.iter_mut().take(vectors) {
                        zero.store(place);
                    }
                }
            }
        }
    }

    /// What lies in the memory of a copy, to where the image is.
    #[inline(never)]
    pub fn put_back(
        &self,
        images: &Images,
        data: &mut [f32],
        channels: Range<usize>,
        copied: &Copied,
    ) {
        let (rows, columns, first) = self.part(images);
        for i in rows.clone() {
            for j in columns.clone() {
                let place = first
                    + (i - rows.start) * images.row_len()
                    + (j - columns.start) * images.channels;
                let (values, _) =
                    copied[(i * self.size + j) * CHUNK..][..CHUNK].as_chunks::<LANES>();
                let target = &mut data[place..][channels.clone()];
                for (target, values) in target.chunks_mut(LANES).zip(values) {
                    let values = F32x4::load(values);
                    match target.first_chunk_mut::<LANES>() {
                        Some(whole) => values.store(whole),
                        None => values.store_partial(target),
                    }
                }
            }
        }
    }
}

/// The first places from `pixel`, and zeros behind them in the last vector.
#[inline(always)]
fn copy_pixel(pixel: &[f32], place: &mut [f32; CHUNK]) {
    let (places, _) = place.as_chunks_mut::<LANES>();
    for (values, place) in pixel.chunks(LANES).zip(places) {
        match values.first_chunk::<LANES>() {
            Some(whole) => F32x4::load(whole).store(place),
            None => F32x4::load_partial(values, 0.0).store(place),
        }
    }
}
