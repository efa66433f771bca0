//! Which tile lies where. Tiles are numbered through: `(image * rows + tile row) * columns + tile column`.

use crate::shape::Conv2dShape;

/// Tiles of M x M outputs that cover a batch of outputs.
#[derive(Clone, Copy, Debug)]
pub struct Tiling {
    /// Rows of tiles of one image.
    pub rows: usize,
    /// Tiles of a row.
    pub columns: usize,
    /// Tiles of the batch.
    pub count: usize,
}

/// One tile.
#[derive(Clone, Copy, Debug)]
pub struct Tile {
    /// Image that it belongs to.
    pub image: usize,
    /// First output row.
    pub oy: usize,
    /// First output column.
    pub ox: usize,
}

impl Tiling {
    /// Tiles of `m` x `m` outputs.
    pub fn new(shape: &Conv2dShape, batch: usize, m: usize) -> Self {
        let (rows, columns) = (shape.out_h.div_ceil(m), shape.out_w.div_ceil(m));
        Self {
            rows,
            columns,
            count: batch * rows * columns,
        }
    }

    /// The `len` tiles from number `first` on, in blocks as the passes take them.
    pub fn walk(self, m: usize, first: usize, len: usize) -> impl Iterator<Item = Tile> {
        let (row, mut column) = (first / self.columns, first % self.columns);
        let (mut image, mut row) = (row / self.rows, row % self.rows);
        (0..len).map(move |_| {
            let tile = Tile {
                image,
                oy: row * m,
                ox: column * m,
            };
            column += 1;
            if column == self.columns {
                (column, row) = (0, row + 1);
            }
            if row == self.rows {
                (row, image) = (0, image + 1);
            }
            tile
        })
    }
}
