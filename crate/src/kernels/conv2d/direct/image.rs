//! Images with padding written out. Without padding they are read in place.

use crate::shape::Conv2dShape;

/// Padded pixels that one group of images has at least, so that few tiles meet the end of a group.
const GROUP_PIXELS: usize = 512;

/// Sizes of images as the windows see them.
#[derive(Clone, Copy, Debug)]
pub struct Padded {
    in_h: usize,
    row_len: usize,
    pads: [usize; 4],
    /// Floats of one padded row.
    pub width: usize,
    /// Floats of one padded image.
    pub len: usize,
}

impl Padded {
    /// Of the input of `shape`, which has `channels` channels and these pads: top, bottom, left, right.
    pub fn new([in_h, in_w, channels]: [usize; 3], pads: [usize; 4]) -> Self {
        // Sizes that wrap would ask for too little workspace; one that saturates is refused.
        let width = (in_w + pads[2] + pads[3]).saturating_mul(channels);
        Self {
            in_h,
            row_len: in_w * channels,
            pads: [pads[0], pads[1], pads[2] * channels, pads[3] * channels],
            width,
            len: (in_h + pads[0] + pads[1]).saturating_mul(width),
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
        Self::new([shape.in_h, shape.in_w, shape.in_c], pads)
    }

    /// True when nothing has to be written.
    pub fn in_place(&self) -> bool {
        self.pads == [0; 4]
    }

    /// Images in one group, each of `pixels` output pixels; all of them where they are read in place.
    pub fn group(&self, batch: usize, pixels: usize) -> usize {
        if self.in_place() {
            batch.max(1)
        } else {
            self.padded_group(pixels).min(batch.max(1))
        }
    }

    fn padded_group(&self, pixels: usize) -> usize {
        (GROUP_PIXELS / pixels.max(1)).max(1)
    }

    /// Floats of workspace for one group.
    pub fn workspace_len(&self, pixels: usize) -> usize {
        if self.in_place() {
            0
        } else {
            self.padded_group(pixels).saturating_mul(self.len)
        }
    }

    /// The padded images of a group; `target` is written only where they are not read in place.
    pub fn write<'a>(&self, images: &'a [f32], target: &'a mut [f32]) -> &'a [f32] {
        if self.in_place() {
            return images;
        }
        let image_len = self.in_h * self.row_len;
        let count = images.len() / image_len;
        let target = &mut target[..count * self.len];
        let [top, bottom, left, _] = self.pads;
        for (image, padded) in images
            .chunks_exact(image_len)
            .zip(target.chunks_exact_mut(self.len))
        {
            let (above, rest) = padded.split_at_mut(top * self.width);
            let (rows, below) = rest.split_at_mut(self.in_h * self.width);
            debug_assert_eq!(below.len(), bottom * self.width);
            above.fill(0.0);
            below.fill(0.0);
            for (row, padded) in image
                .chunks_exact(self.row_len)
                .zip(rows.chunks_exact_mut(self.width))
            {
                padded[..left].fill(0.0);
                padded[left..left + self.row_len].copy_from_slice(row);
                padded[left + self.row_len..].fill(0.0);
            }
        }
        target
    }
}
