//! Matrix product `C = alpha A B + beta C`, packed and cache-blocked, generic over microkernel, operands and epilogue.
//!
//! | file | what it holds |
//! | --- | --- |
//! | [`microkernel`] | one tile of C; the tile size of this build |
//! | [`operand`] | what A and B may be: matrices, plain or transposed, or packed before; convolutions bring their own |
//! | [`pack`] | copying into panels |
//! | [`params`] | block sizes and workspace |
//! | [`epilogue`] | bias and activation while C is in registers |
//! | [`update`] | a tile into C: alpha, beta, epilogue, edges |
//!
//! The loops are those of BLIS (Van Zee and van de Geijn 2015, ACM TOMS 41:3). Block sizes depend on the shape alone
//! and every sum runs in the order of k within its block, so the same shape and data give the same bits.

pub mod epilogue;
pub mod microkernel;
pub mod operand;
pub mod pack;
pub mod params;
pub mod update;

pub use epilogue::{Epilogue, Identity};
pub use operand::{Matrix, Operand, Packed};
pub use params::WORKSPACE_LEN;

use crate::shape::GemmShape;
use microkernel::{Chosen, MR, Microkernel, NR};
use operand::Panels;
use params::{KC, MC, NC, block_size};
use std::ops::Range;
use update::Update;

/// `C = epilogue(alpha A B + beta C)`.
///
/// # Shapes
/// A has m lanes and B n lanes of depth k; `c` is `[m, n]`, row-major, contiguous.
///
/// All sizes may be zero; with k = 0, C becomes `epilogue(beta C)`. With beta = 0, C is never read: it may hold NaN.
/// With alpha = 0, A and B are never read. `workspace` is overwritten. The compiler keeps `c` and `workspace` from
/// overlapping anything; A and B may share memory.
///
/// # Panics
/// When an operand or C does not fit the shape, or the workspace has fewer than [`WORKSPACE_LEN`] floats.
pub fn gemm<A: Operand, B: Operand, E: Epilogue>(
    shape: GemmShape,
    alpha: f32,
    a: &A,
    b: &B,
    beta: f32,
    c: &mut [f32],
    epilogue: &E,
    workspace: &mut [f32],
) {
    gemm_with::<Chosen, MR, NR, A, B, E>(shape, alpha, a, b, beta, c, epilogue, workspace);
}

/// [`gemm`] by the microkernel `K`.
///
/// # Panics
/// As [`gemm`].
pub fn gemm_with<K, const MR: usize, const NR: usize, A, B, E>(
    shape: GemmShape,
    alpha: f32,
    a: &A,
    b: &B,
    beta: f32,
    c: &mut [f32],
    epilogue: &E,
    workspace: &mut [f32],
) where
    K: Microkernel<MR, NR>,
    A: Operand,
    B: Operand,
    E: Epilogue,
{
    let GemmShape { m, n, k } = shape;
    assert_eq!([a.lanes(), a.depth()], [m, k], "A of {shape:?}");
    assert_eq!([b.lanes(), b.depth()], [n, k], "B of {shape:?}");
    assert_eq!(c.len(), m * n, "C of {shape:?}");
    let (a_buffer, b_buffer) = workspace[..WORKSPACE_LEN].split_at_mut(MC * KC);
    let k = if alpha == 0.0 { 0 } else { k };

    for columns in blocks(n, block_size(n, NC, NR)) {
        // At least one block of depth, which may be empty: beta and the epilogue take place also when k = 0.
        for depth in blocks(k.max(1), block_size(k, KC, 1).max(1)) {
            let depth = depth.start..depth.end.min(k);
            let update = Update {
                alpha,
                beta: if depth.start == 0 { beta } else { 1.0 },
                epilogue: (depth.end == k).then_some(epilogue),
                n,
            };
            let b_panels = b.panels::<NR>(columns.clone(), depth.clone(), b_buffer);
            for rows in blocks(m, block_size(m, MC, MR)) {
                let a_panels = a.panels::<MR>(rows.clone(), depth.clone(), a_buffer);
                let block = (rows, columns.clone(), depth.len());
                macro_kernel::<K, MR, NR, E>(block, a_panels, b_panels, &update, c);
            }
        }
    }
}

/// The ranges of `size` that cover `0..total`, the last one shorter.
fn blocks(total: usize, size: usize) -> impl Iterator<Item = Range<usize>> {
    (0..total)
        .step_by(size.max(1))
        .map(move |start| start..total.min(start + size))
}

/// All tiles of one block of C, from packed panels.
#[inline(always)]
fn macro_kernel<K: Microkernel<MR, NR>, const MR: usize, const NR: usize, E: Epilogue>(
    (rows, columns, depth): (Range<usize>, Range<usize>, usize),
    a_panels: Panels<'_>,
    b_panels: Panels<'_>,
    update: &Update<'_, E>,
    c: &mut [f32],
) {
    let mut tile = [[0.0; NR]; MR];
    for (jr, col) in columns.clone().step_by(NR).enumerate() {
        let b = b_panels.get(jr, depth * NR);
        let cols = NR.min(columns.end - col);
        for (ir, row) in rows.clone().step_by(MR).enumerate() {
            let a = a_panels.get(ir, depth * MR);
            K::run(depth, a, b, &mut tile);
            let rows = MR.min(rows.end - row);
            update.apply(&tile, (row, rows), (col, cols), c);
        }
    }
}
