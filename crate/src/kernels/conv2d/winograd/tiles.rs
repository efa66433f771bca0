//! Which tile lies where. Tiles are numbered through: `(image * rows + tile row) * columns + tile column`.

use super::super::bands::{Band, Bands};
use super::filter::Filter;
use crate::shape::Conv2dShape;

/// Tiles of m x m outputs that cover each output of a batch.
#[derive(Clone, Copy, Debug)]
pub struct Tiling {
    m: usize,
    /// Rows of tiles of one image.
    pub rows: usize,
    /// Tiles of a row.
    pub columns: usize,
}

/// One tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tile {
    /// Image that it belongs to.
    pub image: usize,
    /// First output row.
    pub oy: usize,
    /// First output column.
    pub ox: usize,
}

/// Some tiles, one after the other.
#[derive(Clone, Debug)]
pub struct Tiles {
    tiling: Tiling,
    left: usize,
    image: usize,
    row: usize,
    column: usize,
}

impl Tiling {
    /// The tiles of a convolution's output.
    pub fn new(shape: &Conv2dShape, filter: &Filter) -> Self {
        let m = filter.m;
        Self {
            m,
            rows: shape.out_h.div_ceil(m),
            columns: shape.out_w.div_ceil(m),
        }
    }

    /// Tiles of one image.
    pub fn of_image(&self) -> usize {
        self.rows * self.columns
    }

    /// Blocks of about `most` tiles, of `fewest` rows at least.
    pub fn bands(&self, batch: usize, most: usize, fewest: usize) -> Bands {
        Bands::new(batch, [self.rows, self.columns], most, fewest)
    }

    /// The outputs of a band, of images of `out_h` rows.
    pub fn outputs(&self, band: &Band, out_h: usize) -> Band {
        let row = band.row * self.m;
        Band {
            row,
            rows: (band.rows * self.m).min(out_h - row),
            ..*band
        }
    }

    /// The `len` tiles from number `first` on.
    pub fn tiles(self, first: usize, len: usize) -> Tiles {
        let (row, column) = (first / self.columns, first % self.columns);
        Tiles {
            tiling: self,
            left: len,
            image: row / self.rows,
            row: row % self.rows,
            column,
        }
    }

    /// The tiles of a band in equal blocks of at most `most`.
    pub fn blocks(self, band: &Band, most: usize) -> impl Iterator<Item = Tiles> {
        let all = band.places(self.rows, self.columns);
        let len = all.len().div_ceil(all.len().div_ceil(most).max(1));
        let end = all.end;
        all.step_by(len.max(1))
            .map(move |first| self.tiles(first, len.min(end - first)))
    }
}

impl Iterator for Tiles {
    type Item = Tile;

    #[inline(always)]
    fn next(&mut self) -> Option<Tile> {
        self.left = self.left.checked_sub(1)?;
        let tile = Tile {
            image: self.image,
            oy: self.row * self.tiling.m,
            ox: self.column * self.tiling.m,
        };
        self.column += 1;
        if self.column == self.tiling.columns {
            (self.column, self.row) = (0, self.row + 1);
        }
        if self.row == self.tiling.rows {
            (self.row, self.image) = (0, self.image + 1);
        }
        Some(tile)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Tiles {}

#[cfg(test)]
mod tests {
    use super::super::filter::F4X3;
    use super::*;

    #[test]
    fn tiles_go_from_row_to_row_and_image_to_image() {
        let shape = Conv2dShape::new([7, 10, 1], [3, 3, 1], [1, 1], [0; 4]).unwrap();
        let tiling = Tiling::new(&shape, &F4X3);
        assert_eq!([tiling.rows, tiling.columns], [2, 2]);
        let tile = |image, oy, ox| Tile { image, oy, ox };
        let tiles: Vec<_> = tiling.tiles(3, 3).collect();
        assert_eq!(tiles, [tile(0, 4, 4), tile(1, 0, 0), tile(1, 0, 4)]);
        let band = tiling.bands(3, 8, 1).get(0);
        let lens: Vec<_> = tiling.blocks(&band, 3).map(|tiles| tiles.len()).collect();
        assert_eq!(lens, [3, 3, 2]);
    }
}
