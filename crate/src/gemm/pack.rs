//! Copying into panels `[depth, WIDTH]`. Lanes that are not there keep what the panels held (zeros).

use crate::simd::{F32x4, LANES, copy_short};
use std::ops::Range;

/// `panels[q * stride + p * WIDTH + i] = rows(p)[q * WIDTH + i]`: lanes are contiguous in the source, whose rows may
/// reach over several panels.
#[inline(always)]
pub fn copy_lanes<'a, const WIDTH: usize>(
    rows: impl Iterator<Item = &'a [f32]>,
    stride: usize,
    panels: &mut [f32],
) {
    for (row, at) in rows.zip((0..).step_by(WIDTH)) {
        let (whole, rest) = row.as_chunks::<WIDTH>();
        let mut at = at;
        for source in whole {
            panels[at..at + WIDTH].copy_from_slice(source);
            at += stride;
        }
        if !rest.is_empty() {
            let target = panels[at..].first_chunk_mut::<WIDTH>();
            copy_short(rest, target.expect("a row of a panel"));
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

/// `target[i * stride + p] = row(p)[i]` for `p < depth`: rows of equal length become columns. Four by four.
#[inline(always)]
pub fn transpose<'a>(
    depth: usize,
    row: impl Fn(usize) -> &'a [f32],
    stride: usize,
    target: &mut [f32],
) {
    let whole = depth / LANES * LANES;
    for p in (0..whole).step_by(LANES) {
        let rows: [&[f32]; LANES] = std::array::from_fn(|j| row(p + j));
        let count = rows[0].len() / LANES * LANES;
        for i in (0..count).step_by(LANES) {
            let block = F32x4::transpose(rows.map(|row| F32x4::load(&row[i..])));
            for (j, values) in block.into_iter().enumerate() {
                values.store(&mut target[(i + j) * stride + p..]);
            }
        }
        for (j, row) in rows.into_iter().enumerate() {
            for (i, &value) in row.iter().enumerate().skip(count) {
                target[i * stride + p + j] = value;
            }
        }
    }
    for p in whole..depth {
        for (i, &value) in row(p).iter().enumerate() {
            target[i * stride + p] = value;
        }
    }
}
