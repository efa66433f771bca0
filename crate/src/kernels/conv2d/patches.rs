//! Where the windows of a convolution lie in its input.
//!
//! Output pixels are numbered through: `(image * out_h + oy) * out_w + ox`. The *patch* of a pixel is what its window
//! sees, `[kernel_h, kernel_w, in_c]`; row `ky` of it is a *run* of `kernel_w * in_c` floats that are contiguous in
//! the input. Of a run, only a part may lie inside the input; the rest is padding, zero.

use crate::shape::Conv2dShape;
use std::ops::Range;

/// The window of one output pixel.
#[derive(Clone, Copy)]
pub struct Window {
    /// First row of the input of this image, counted over the batch.
    image_row: usize,
    /// Top edge, relative to the unpadded input.
    top: isize,
    /// Places of each run that lie inside the input, if its row does, and where they start in that row.
    run: (usize, usize),
    column: usize,
}

/// The part of a run that lies inside the input.
pub struct Inside {
    /// Places in the run.
    pub run: Range<usize>,
    /// Index of the first of them in the input.
    pub start: usize,
}

/// Walks over output pixels with counters: divisions for each pixel would take as long as adding a small patch.
pub struct Pixels<'s> {
    shape: &'s Conv2dShape,
    image: usize,
    oy: usize,
    ox: usize,
}

impl<'s> Pixels<'s> {
    /// From pixel number `first` on.
    pub fn new(shape: &'s Conv2dShape, first: usize) -> Self {
        let (row, ox) = (first / shape.out_w, first % shape.out_w);
        let (image, oy) = (row / shape.out_h, row % shape.out_h);
        Self {
            shape,
            image,
            oy,
            ox,
        }
    }

    /// The window of the next pixel.
    #[inline(always)]
    pub fn next_window(&mut self) -> Window {
        let window = Window::new(self.shape, self.image, self.oy, self.ox);
        self.ox += 1;
        if self.ox == self.shape.out_w {
            (self.ox, self.oy) = (0, self.oy + 1);
        }
        if self.oy == self.shape.out_h {
            (self.oy, self.image) = (0, self.image + 1);
        }
        window
    }
}

impl Window {
    #[inline(always)]
    fn new(shape: &Conv2dShape, image: usize, oy: usize, ox: usize) -> Self {
        let left = (ox * shape.stride_w) as isize - shape.pad_left as isize;
        let (from, to) = clip(left, shape.kernel_w, shape.in_w);
        Self {
            image_row: image * shape.in_h,
            top: (oy * shape.stride_h) as isize - shape.pad_top as isize,
            run: (from * shape.in_c, to * shape.in_c),
            column: (left + from as isize).max(0) as usize * shape.in_c,
        }
    }

    /// The part of run `ky` inside the input.
    #[inline(always)]
    pub fn run(&self, shape: &Conv2dShape, ky: usize) -> Inside {
        let y = self.top + ky as isize;
        if y < 0 || y >= shape.in_h as isize || self.run.0 >= self.run.1 {
            return Inside {
                run: 0..0,
                start: 0,
            };
        }
        Inside {
            run: self.run.0..self.run.1,
            start: (self.image_row + y as usize) * shape.in_w * shape.in_c + self.column,
        }
    }
}

/// Of `count` places from `first`, those in `0..size`, counted from `first`.
#[inline(always)]
fn clip(first: isize, count: usize, size: usize) -> (usize, usize) {
    let from = (-first).clamp(0, count as isize);
    let to = (size as isize - first).clamp(from, count as isize);
    (from as usize, to as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_clipped_to_the_input() {
        let shape = Conv2dShape::new([3, 4, 2], [3, 3, 1], [1, 2], [1, 1, 2, 1]).unwrap();
        assert_eq!([shape.out_h, shape.out_w], [3, 3]);
        let inside = |pixel: usize, ky: usize| {
            let inside = Pixels::new(&shape, pixel).next_window().run(&shape, ky);
            (inside.run, inside.start)
        };
        assert_eq!(inside(0, 0), (0..0, 0));
        assert_eq!(inside(0, 1), (4..6, 0));
        assert_eq!(inside(1, 1), (0..6, 0));
        assert_eq!(inside(2, 2), (0..4, 12));
        assert_eq!(inside(9, 1), (4..6, 24));
    }

    #[test]
    fn pixels_go_from_row_to_row_and_image_to_image() {
        let shape = Conv2dShape::new([2, 2, 1], [1, 1, 1], [1, 1], [0; 4]).unwrap();
        let mut pixels = Pixels::new(&shape, 0);
        let starts: Vec<_> = (0..8)
            .map(|_| pixels.next_window().run(&shape, 0).start)
            .collect();
        assert_eq!(starts, [0, 1, 2, 3, 4, 5, 6, 7]);
    }
}
