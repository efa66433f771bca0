//! Samples x inputs, over units: pieces of the panels are transposed, each used by all samples.

use super::tiles::tiles_of_panel;
use super::{BLOCK, weight_len};
use crate::gemm::params::blocks;
use crate::kernels::dense::DenseShape;
use crate::simd::{F32x4, LANES};
use crate::tile::{Add, COLUMNS, Write};

/// `grad_input = grad_output weight^T`; overwrites `grad_input`.
///
/// # Panics
/// When a slice does not fit the shape.
pub fn dense_panels_backward_input(
    shape: DenseShape,
    grad_output: &[f32],
    weight: &[f32],
    grad_input: &mut [f32],
    workspace: &mut [f32],
) {
    let DenseShape {
        batch,
        inputs,
        units,
    } = shape;
    assert_eq!(
        grad_output.len(),
        shape.output_len(),
        "gradOutput of {shape:?}"
    );
    assert_eq!(weight.len(), weight_len(shape), "weight of {shape:?}");
    assert_eq!(
        grad_input.len(),
        shape.input_len(),
        "gradInput of {shape:?}"
    );
    if units == 0 {
        grad_input.fill(0.0);
    }
    for depth in blocks(units, BLOCK, COLUMNS) {
        let panels =
            &weight[depth.start * inputs..][..depth.len().next_multiple_of(COLUMNS) * inputs];
        for col in (0..inputs).step_by(COLUMNS) {
            let columns = COLUMNS.min(inputs - col);
            let piece = &mut workspace[..depth.len().next_multiple_of(COLUMNS) * COLUMNS];
            transpose_piece(panels, inputs, (col, columns), piece);
            let piece = &piece[..depth.len() * COLUMNS];
            let operands = (grad_output, units, &depth, piece);
            if depth.start == 0 {
                tiles_of_panel(operands, batch, (grad_input, inputs), (col, columns), Write);
            } else {
                tiles_of_panel(operands, batch, (grad_input, inputs), (col, columns), Add);
            }
        }
    }
}

/// `piece[unit][i] = panels[unit / 8][col + i][unit % 8]`, zeros behind the last input.
fn transpose_piece(
    panels: &[f32],
    inputs: usize,
    (col, columns): (usize, usize),
    piece: &mut [f32],
) {
    let (targets, _) = piece.as_chunks_mut::<{ COLUMNS * COLUMNS }>();
    for (panel, target) in panels.chunks_exact(inputs * COLUMNS).zip(targets) {
        let rows = &panel[col * COLUMNS..][..columns * COLUMNS];
        let (rows, _) = rows.as_chunks::<COLUMNS>();
        let row = |i: usize, half: usize| {
            rows.get(i)
                .map_or(F32x4::splat(0.0), |row| F32x4::load(&row[half * LANES..]))
        };
        for half in 0..2 {
            for side in 0..2 {
                let block = std::array::from_fn(|i| row(side * LANES + i, half));
                for (lane, values) in F32x4::transpose(block).into_iter().enumerate() {
                    values.store(&mut target[(half * LANES + lane) * COLUMNS + side * LANES..]);
                }
            }
        }
    }
}
