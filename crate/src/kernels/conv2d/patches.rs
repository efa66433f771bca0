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
    /// Top left corner, relative to the unpadded input.
    top: isize,
    left: isize,
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

/// Walks over output pixels with counters: divisions for each pixel would take as long as copying a small patch.
#[derive(Clone)]
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

    /// The window of the next pixel, and how many of it and its successors, `most` or fewer, share its row. Passes
    /// over all of them.
    #[inline(always)]
    pub fn next_in_row(&mut self, most: usize) -> (Window, usize) {
        let window = Window::new(self.shape, self.image, self.oy, self.ox);
        let count = most.min(self.shape.out_w - self.ox);
        self.ox += count;
        if self.ox == self.shape.out_w {
            (self.ox, self.oy) = (0, self.oy + 1);
        }
        if self.oy == self.shape.out_h {
            (self.oy, self.image) = (0, self.image + 1);
        }
        (window, count)
    }

    /// The window of the next pixel.
    #[inline(always)]
    pub fn next_window(&mut self) -> Window {
        self.next_in_row(1).0
    }
}

/// A piece of the patch that lies in one run.
#[derive(Clone)]
pub struct Part {
    /// Row of the window.
    pub ky: usize,
    /// Places in the run.
    pub run: Range<usize>,
    /// Where it starts, counted from the start of the range that was cut.
    pub at: usize,
}

/// Cuts a range of the patch at the ends of runs. Clone it to walk over the same range again.
#[derive(Clone)]
pub struct Runs {
    run_len: usize,
    next: Part,
    len: usize,
}

impl Runs {
    /// Over the elements `patch` of the patch.
    pub fn new(shape: &Conv2dShape, patch: Range<usize>) -> Self {
        let run_len = shape.kernel_w * shape.in_c;
        let from = patch.start % run_len;
        let next = Part {
            ky: patch.start / run_len,
            run: from..run_len,
            at: 0,
        };
        Self {
            run_len,
            next,
            len: patch.len(),
        }
    }
}

impl Iterator for Runs {
    type Item = Part;

    #[inline(always)]
    fn next(&mut self) -> Option<Part> {
        if self.next.at == self.len {
            return None;
        }
        let mut part = self.next.clone();
        part.run.end = part.run.end.min(part.run.start + self.len - part.at);
        self.next = Part {
            ky: part.ky + 1,
            run: 0..self.run_len,
            at: part.at + part.run.len(),
        };
        Some(part)
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
            left,
            run: (from * shape.in_c, to * shape.in_c),
            column: (left + from as isize).max(0) as usize * shape.in_c,
        }
    }

    /// The row of the input that row `ky` of the window sees, counted over the batch.
    #[inline(always)]
    fn row(&self, shape: &Conv2dShape, ky: usize) -> Option<usize> {
        let y = self.top + ky as isize;
        (0 <= y && y < shape.in_h as isize).then(|| self.image_row + y as usize)
    }

    /// The part of run `ky` inside the input.
    #[inline(always)]
    pub fn run(&self, shape: &Conv2dShape, ky: usize) -> Inside {
        match self.row(shape, ky) {
            Some(row) if self.run.0 < self.run.1 => Inside {
                run: self.run.0..self.run.1,
                start: row * shape.in_w * shape.in_c + self.column,
            },
            _ => Inside::NOTHING,
        }
    }

    /// With one channel: of `count` cells of the input from column `kx` of the window, in its row `ky`, those inside.
    #[inline(always)]
    pub fn cells(&self, shape: &Conv2dShape, ky: usize, kx: usize, count: usize) -> Inside {
        debug_assert_eq!(shape.in_c, 1);
        let x = self.left + kx as isize;
        let (from, to) = clip(x, count, shape.in_w);
        match self.row(shape, ky) {
            Some(row) if from < to => Inside {
                run: from..to,
                start: row * shape.in_w + (x + from as isize) as usize,
            },
            _ => Inside::NOTHING,
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

impl Inside {
    const NOTHING: Self = Self {
        run: 0..0,
        start: 0,
    };

    /// These floats of the input.
    #[inline(always)]
    pub fn of<'a>(&self, input: &'a [f32]) -> Floats<'a> {
        Floats {
            floats: &input[self.start..][..self.run.len()],
            first: self.run.start,
        }
    }
}

/// Floats of a run from place `first` on; zeros around them.
#[derive(Clone, Copy)]
pub struct Floats<'a> {
    floats: &'a [f32],
    first: usize,
}

impl<'a> Floats<'a> {
    /// Those in `part`, if none of them is padding.
    #[inline(always)]
    pub fn whole(&self, part: &Range<usize>) -> Option<&'a [f32]> {
        self.floats
            .get(part.start.checked_sub(self.first)?..)?
            .get(..part.len())
    }

    /// The one at `place`.
    #[inline(always)]
    pub fn at(&self, place: usize) -> f32 {
        // A place before the first wraps to a large one.
        let float = self.floats.get(place.wrapping_sub(self.first));
        float.copied().unwrap_or(0.0)
    }
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
    fn rows_end_where_the_output_does() {
        let shape = Conv2dShape::new([2, 5, 1], [1, 1, 1], [1, 1], [0; 4]).unwrap();
        let mut pixels = Pixels::new(&shape, 3);
        let counts = [4, 9, 5, 2].map(|most| pixels.next_in_row(most).1);
        assert_eq!(counts, [2, 5, 5, 2]);
        assert_eq!((pixels.image, pixels.oy, pixels.ox), (1, 1, 2));
    }

    #[test]
    fn a_range_of_the_patch_is_cut_at_its_rows() {
        let shape = Conv2dShape::new([9, 9, 2], [3, 2, 1], [1, 1], [0; 4]).unwrap();
        let parts = |patch: Range<usize>| -> Vec<_> {
            let runs = Runs::new(&shape, patch);
            runs.map(|part| (part.ky, part.run, part.at)).collect()
        };
        assert_eq!(parts(0..12), [(0, 0..4, 0), (1, 0..4, 4), (2, 0..4, 8)]);
        assert_eq!(parts(3..9), [(0, 3..4, 0), (1, 0..4, 1), (2, 0..1, 5)]);
        assert_eq!(parts(5..7), [(1, 1..3, 0)]);
        assert_eq!(parts(5..5), []);
    }
}
