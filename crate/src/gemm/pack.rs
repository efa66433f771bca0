//! Copying into a panel `[depth, WIDTH]`. Lanes that are not there keep what the panel held (zeros).

use crate::simd::{F32x4, LANES, copy_short};
use std::ops::Range;

/// `panel[p][i] = rows(p)[i]`: lanes are contiguous in the source.
#[inline(always)]
pub fn copy_lanes<'a, const WIDTH: usize>(
    rows: impl Iterator<Item = &'a [f32]>,
    panel: &mut [f32],
) {
    for (target, source) in panel.as_chunks_mut::<WIDTH>().0.iter_mut().zip(rows) {
        match source.first_chunk::<WIDTH>() {
            Some(whole) => *target = *whole,
            None => copy_short(source, target),
        }
    }
}

/// `panel[p][i] = row(lanes.start + i)[p]`: depth is contiguous in the source. All rows are equally long.
#[inline(always)]
pub fn interleave<'a, const WIDTH: usize>(
    lanes: Range<usize>,
    row: impl Fn(usize) -> &'a [f32],
    panel: &mut [f32],
) {
    let whole = lanes.len() / LANES * LANES;
    for i in (0..whole).step_by(LANES) {
        interleave_four::<WIDTH>(std::array::from_fn(|j| row(lanes.start + i + j)), i, panel);
    }
    for i in whole..lanes.len() {
        let places = panel.iter_mut().skip(i).step_by(WIDTH);
        for (place, &value) in places.zip(row(lanes.start + i)) {
            *place = value;
        }
    }
}

/// `panel[p][at + j] = rows[j][p]`, by transposing 4 x 4 blocks.
#[inline(always)]
pub fn interleave_four<const WIDTH: usize>(rows: [&[f32]; LANES], at: usize, panel: &mut [f32]) {
    let depth = rows[0].len();
    // Said again for each row, so that no access below needs a check of its own.
    let rows = rows.map(|row| &row[..depth]);
    let panel = &mut panel[..depth * WIDTH];
    let whole = depth / LANES * LANES;
    for p in (0..whole).step_by(LANES) {
        let block = F32x4::transpose(rows.map(|row| F32x4::load(&row[p..])));
        for (j, values) in block.into_iter().enumerate() {
            values.store(&mut panel[(p + j) * WIDTH + at..]);
        }
    }
    for p in whole..depth {
        for j in 0..LANES {
            panel[p * WIDTH + at + j] = rows[j][p];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::operand::{Matrix, Operand, Packed};

    /// Value of lane and depth, so that each place of a panel can be recognized.
    fn value(lane: usize, p: usize) -> f32 {
        (lane * 100 + p) as f32
    }

    fn check<const WIDTH: usize>(lanes: usize, depth: usize) {
        let by_lane: Vec<f32> = (0..lanes * depth)
            .map(|i| value(i / depth, i % depth))
            .collect();
        let by_depth: Vec<f32> = (0..lanes * depth)
            .map(|i| value(i % lanes, i / lanes))
            .collect();
        for (matrix, name) in [
            (
                Matrix::depth_contiguous(&by_lane, lanes, depth),
                "lanes x depth",
            ),
            (
                Matrix::lanes_contiguous(&by_depth, lanes, depth),
                "depth x lanes",
            ),
        ] {
            let mut whole = vec![f32::NAN; Packed::len::<WIDTH>(lanes, depth)];
            let packed = Packed::new::<WIDTH>(&matrix, &mut whole);
            let start = (lanes - 1) / WIDTH / 2 * WIDTH;
            let (some_lanes, some_depth) = (start..lanes, depth / 3..depth);
            let mut buffer = vec![f32::NAN; lanes.next_multiple_of(WIDTH) * depth];
            let mut unused = [];
            let fresh = matrix.panels::<WIDTH>(some_lanes.clone(), some_depth.clone(), &mut buffer);
            let kept = packed.panels::<WIDTH>(some_lanes.clone(), some_depth.clone(), &mut unused);
            for lane in start..(lanes - start).next_multiple_of(WIDTH) + start {
                for p in some_depth.clone() {
                    let (panel, i) = ((lane - start) / WIDTH, (lane - start) % WIDTH);
                    let len = some_depth.len() * WIDTH;
                    let expected = if lane < lanes { value(lane, p) } else { 0.0 };
                    for panels in [fresh, kept] {
                        let got = panels.get(panel, len)[(p - some_depth.start) * WIDTH + i];
                        assert_eq!(
                            got, expected,
                            "{name}, width {WIDTH}, lane {lane}, depth {p}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn panels_hold_every_element_and_zeros_behind_the_last_lane() {
        for lanes in [1, 3, 4, 5, 8, 13, 17] {
            for depth in [1, 3, 4, 9] {
                check::<4>(lanes, depth);
                check::<8>(lanes, depth);
                check::<12>(lanes, depth);
            }
        }
    }
}
