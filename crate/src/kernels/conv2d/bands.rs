//! How a batch of images is cut into blocks that threads share: by shape alone, so that no sum depends on who forms it.

use crate::pool::{Split, Work, run_with_scratch};
use std::ops::Range;

/// Blocks of a batch: groups of whole images where those are small, else bands of rows of one image.
#[derive(Clone, Copy, Debug)]
pub struct Bands {
    batch: usize,
    height: usize,
    /// Images of a block.
    images: usize,
    /// Bands of an image; 1 where blocks are whole images.
    per_image: usize,
}

/// One block: the same rows of some images.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Band {
    /// First image.
    pub image: usize,
    /// Number of images; more than one only with all their rows.
    pub images: usize,
    /// First row.
    pub row: usize,
    /// Number of rows.
    pub rows: usize,
}

impl Bands {
    /// Of images with `height` rows of `row_len` pixels (or tiles), about `most` of which are a block, and `fewest` rows
    /// a band. All blocks are about equal. `usize::MAX` images stand for any number.
    pub fn new(batch: usize, [height, row_len]: [usize; 2], most: usize, fewest: usize) -> Self {
        let rows = (most / row_len).max(1);
        let per_image = height.div_ceil(rows).min(height / fewest).max(1);
        let images = (rows / height).max(1);
        let groups = batch.div_ceil(images).max(1);
        Self {
            batch,
            height,
            images: batch.div_ceil(groups).max(1),
            per_image,
        }
    }

    /// Number of blocks.
    pub fn count(&self) -> usize {
        self.groups() * self.per_image
    }

    fn groups(&self) -> usize {
        self.batch.div_ceil(self.images)
    }

    /// Images and rows of the largest block.
    pub fn largest(&self) -> [usize; 2] {
        [self.images, self.height.div_ceil(self.per_image)]
    }

    /// Block number `index`.
    pub fn get(&self, index: usize) -> Band {
        let image = index / self.per_image * self.images;
        let part = index % self.per_image;
        let start = |part: usize| {
            part * (self.height / self.per_image) + part.min(self.height % self.per_image)
        };
        Band {
            image,
            images: self.images.min(self.batch - image),
            row: start(part),
            rows: start(part + 1) - start(part),
        }
    }
}

impl Band {
    /// Its places in images of `height` rows of `row_len` places.
    pub fn places(&self, height: usize, row_len: usize) -> Range<usize> {
        let start = (self.image * height + self.row) * row_len;
        start..start + self.images * self.rows * row_len
    }
}

/// The rows of an image to which each row of a band adds: from `row * step - before` on, `reach` of them.
#[derive(Clone, Copy, Debug)]
pub struct Footprint {
    /// From one row to the next.
    pub step: usize,
    /// Rows before the image to which row 0 adds.
    pub before: usize,
    /// Number of rows.
    pub reach: usize,
    /// Rows of the image.
    pub height: usize,
}

impl Footprint {
    /// Rows of a band at least, so that only neighbours meet.
    pub fn fewest(&self) -> usize {
        self.reach
            .saturating_sub(self.step)
            .div_ceil(self.step)
            .max(1)
    }

    fn start(&self, row: usize) -> usize {
        (row * self.step)
            .saturating_sub(self.before)
            .min(self.height)
    }

    fn end(&self, row: usize) -> usize {
        (row * self.step + self.reach)
            .saturating_sub(self.before)
            .min(self.height)
    }

    /// Rows that a band takes, and those of them that no earlier one took, where all of even number come before all
    /// others. Together the bands take all rows once.
    fn rows(&self, band: &Band, last: bool, even: bool) -> (Range<usize>, Range<usize>) {
        let start = if band.row == 0 {
            0
        } else {
            self.start(band.row)
        };
        let behind = band.row + band.rows;
        let next = if last {
            self.height
        } else {
            self.start(behind)
        };
        let end = self.end(behind - 1).max(next);
        let fresh = if even {
            start..end
        } else {
            self.end(band.row - 1).max(start)..next
        };
        (start..end, fresh)
    }
}

/// Calls `job(band, rows, values, scratch)` for every band, with the rows of `values` to which it adds, `row_len` floats each.
/// Nobody else has them at the time, they start as zeros, and those of two bands get their terms in a fixed order. See
/// [`run_with_scratch`] of the scratch memory.
pub fn add_bands(
    bands: &Bands,
    footprint: &Footprint,
    (values, row_len): (&mut [f32], usize),
    work: Work,
    (memory, len): (&mut [f32], usize),
    job: impl Fn(&Band, &Band, &mut [f32], &mut [f32]) + Sync,
) {
    let values = &Split::new(values);
    for odd in 0..bands.per_image.min(2) {
        let of_image = (bands.per_image + 1 - odd) / 2;
        run_with_scratch(
            bands.groups() * of_image,
            work,
            (&mut *memory, len),
            |index, scratch| {
                let part = index % of_image * 2 + odd;
                let band = bands.get(index / of_image * bands.per_image + part);
                let last = part + 1 == bands.per_image;
                let (rows, fresh) = footprint.rows(&band, last, odd == 0);
                let target = Band {
                    row: rows.start,
                    rows: rows.len(),
                    ..band
                };
                // SAFETY: bands that run at one time are of other images, or not neighbours and at least `fewest` high.
                let part = unsafe { values.part(target.places(footprint.height, row_len)) };
                let clear = fresh.start - rows.start..fresh.end.max(fresh.start) - rows.start;
                // Of several images all rows are fresh.
                part[clear.start * row_len..clear.end * band.images * row_len].fill(0.0);
                job(&band, &target, part, scratch);
            },
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pool::with_threads;

    fn all(bands: Bands) -> Vec<Band> {
        (0..bands.count()).map(|index| bands.get(index)).collect()
    }

    #[test]
    fn small_images_go_in_equal_groups_and_large_ones_in_equal_bands() {
        let band = |image, images, row, rows| Band {
            image,
            images,
            row,
            rows,
        };
        assert_eq!(
            all(Bands::new(5, [2, 3], 12, 1)),
            [band(0, 2, 0, 2), band(2, 2, 0, 2), band(4, 1, 0, 2)]
        );
        assert_eq!(
            all(Bands::new(2, [7, 4], 12, 1)),
            [0, 1]
                .map(|i| [band(i, 1, 0, 3), band(i, 1, 3, 2), band(i, 1, 5, 2)])
                .concat()
        );
        assert_eq!(
            all(Bands::new(1, [5, 100], 12, 2)),
            [band(0, 1, 0, 3), band(0, 1, 3, 2)]
        );
        assert_eq!(all(Bands::new(0, [5, 1], 12, 1)), []);
        assert_eq!(Bands::new(usize::MAX, [2, 3], 12, 1).largest(), [2, 2]);
        assert_eq!(band(2, 2, 0, 3).places(3, 10), 60..120);
        assert_eq!(band(2, 1, 1, 2).places(3, 10), 70..90);
    }

    #[test]
    fn bands_add_to_rows_that_start_as_zeros() {
        for (step, reach, before, height) in
            [(1, 3, 1, 9), (2, 5, 0, 12), (3, 1, 0, 11), (4, 6, 2, 20)]
        {
            let footprint = Footprint {
                step,
                before,
                reach,
                height,
            };
            let rows = height.div_ceil(step);
            let bands = Bands::new(2, [rows, 1], 2, footprint.fewest());
            let mut sums = vec![f32::NAN; 2 * height * 3];
            let mut expected = vec![0.0; sums.len()];
            let job = |band: &Band, target: &Band, values: &mut [f32], _: &mut [f32]| {
                for row in band.row..band.row + band.rows {
                    for y in row * step..row * step + reach {
                        if (before..height + before).contains(&y) {
                            let at = (y - before - target.row) * 3;
                            values[at..at + 3]
                                .iter_mut()
                                .for_each(|value| *value += 1.0);
                        }
                    }
                }
            };
            with_threads(2, || {
                let work = Work::WORTH_SHARING;
                add_bands(&bands, &footprint, (&mut sums, 3), work, (&mut [], 0), job);
            });
            for image in expected.chunks_exact_mut(height * 3) {
                let all = |rows| Band {
                    image: 0,
                    images: 1,
                    row: 0,
                    rows,
                };
                job(&all(rows), &all(height), image, &mut []);
            }
            assert_eq!(sums, expected, "step {step}, reach {reach}");
        }
    }
}
