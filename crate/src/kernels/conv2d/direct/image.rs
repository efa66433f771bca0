//! Images with padding written out, band by band. Without padding they are read in place.

use super::super::bands::Band;
use crate::shape::Conv2dShape;

/// Sizes of images as the windows see them.
#[derive(Clone, Copy, Debug)]
pub struct Padded {
    in_h: usize,
    /// Floats of a row without padding.
    row_len: usize,
    /// Rows above and below, floats to the left and right.
    pads: [usize; 4],
    /// Floats of one padded row.
    pub width: usize,
    /// Rows from a window to the one below, and rows of a window.
    rows: [usize; 2],
}

impl Padded {
    /// Of an input `[in_h, in_w, channels]` with these pads, top, bottom, left, right, whose windows are `rows[1]` high and
    /// `rows[0]` rows apart.
    pub fn new([in_h, in_w, channels]: [usize; 3], pads: [usize; 4], rows: [usize; 2]) -> Self {
        Self {
            in_h,
            row_len: in_w * channels,
            pads: [pads[0], pads[1], pads[2] * channels, pads[3] * channels],
            // Sizes that wrap would ask for too little workspace; one that saturates is refused.
            width: (in_w + pads[2] + pads[3]).saturating_mul(channels),
            rows,
        }
    }

    /// Of the input of a convolution.
    pub fn of_input(shape: &Conv2dShape) -> Self {
        let pads = [
            shape.pad_top,
            shape.pad_bottom(),
            shape.pad_left,
            shape.pad_right(),
        ];
        let rows = [shape.stride_h, shape.kernel_h];
        Self::new([shape.in_h, shape.in_w, shape.in_c], pads, rows)
    }

    fn in_place(&self) -> bool {
        self.pads == [0; 4]
    }

    /// Floats from one image to the next, for a band with so many rows of windows.
    pub fn image_len(&self, rows: usize) -> usize {
        if self.in_place() {
            self.in_h * self.row_len
        } else {
            self.height(rows).saturating_mul(self.width)
        }
    }

    /// Rows under some rows of windows.
    fn height(&self, rows: usize) -> usize {
        (rows - 1) * self.rows[0] + self.rows[1]
    }

    /// Floats of scratch memory for a band of so many images and rows of windows.
    pub fn scratch_len(&self, [images, rows]: [usize; 2]) -> usize {
        if self.in_place() {
            0
        } else {
            images.saturating_mul(self.image_len(rows))
        }
    }

    /// What the windows of a band see, from its first row on; `scratch` is written only where it is not read in place.
    pub fn write<'a>(&self, input: &'a [f32], band: &Band, scratch: &'a mut [f32]) -> &'a [f32] {
        let top = band.row * self.rows[0];
        let image_len = self.in_h * self.row_len;
        let images = &input[band.image * image_len..][..band.images * image_len];
        if self.in_place() {
            return &images[top * self.row_len..];
        }
        let [above, _, left, _] = self.pads;
        let len = self.image_len(band.rows);
        let scratch = &mut scratch[..band.images * len];
        for (image, padded) in images
            .chunks_exact(image_len)
            .zip(scratch.chunks_exact_mut(len))
        {
            for (y, padded) in (top..).zip(padded.chunks_exact_mut(self.width)) {
                let Some(y) = y.checked_sub(above).filter(|&y| y < self.in_h) else {
                    padded.fill(0.0);
                    continue;
                };
                padded[..left].fill(0.0);
                padded[left..left + self.row_len]
                    .copy_from_slice(&image[y * self.row_len..][..self.row_len]);
                padded[left + self.row_len..].fill(0.0);
            }
        }
        scratch
    }
}
