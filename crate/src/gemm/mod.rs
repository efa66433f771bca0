//! Matrix product `C = alpha A B + beta C`, cache-blocked, by the loops of [`crate::tile`].
//!
//! | file | what it holds |
//! | --- | --- |
//! | [`matrix`] | what A and B may be: plain, transposed, or packed before |
//! | [`pack`] | copying into panels |
//! | [`params`] | block sizes and workspace |
//!
//! B is packed block by block into panels of eight columns. A is read in place where the terms of its sums lie side by
//! side, and transposed block by block where they do not. Blocks are those of BLIS (Van Zee and van de Geijn 2015,
//! ACM TOMS 41:3); the threads share the packing of a block, and then its tiles.
//!
//! Percent of the peak, relaxed build, one thread of an EPYC (Zen 4 class, 59 GFLOP/s) shared with other work, Node 24; the
//! best of a dozen runs:
//!
//! | size | nn | nt | tn | tt |
//! | --- | --- | --- | --- | --- |
//! | 256 | 92 | 91 | 90 | 88 |
//! | 512 | 91 | 91 | 89 | 87 |
//! | 1024 | 90 | 90 | 87 | 86 |
//!
//! Block sizes depend on the shape alone and every sum runs in the order of k within its block, so the same shape and
//! data give the same bits, on any number of threads.

pub mod matrix;
pub mod pack;
pub mod params;

pub use matrix::Matrix;
pub use params::{WORKSPACE_LEN, depth_blocks};

use crate::pool::{self, Split, Work};
use crate::shape::GemmShape;
use crate::simd::{F32x4, InOut};
use crate::tile::{Add, BiasFloor, COLUMNS, Finish, RowsOf, Shared, Write, rows_times_panel};
use matrix::Rows;
use params::{JOB_COLUMNS, JOB_ROWS, KC, MC, NC, ROWS_UNIT, blocks};
use std::ops::Range;

/// `C = alpha A B + beta C`.
///
/// # Shapes
/// A has m lanes and B n lanes of depth k; `c` is `[m, n]`, row-major, contiguous.
///
/// All sizes may be zero; with k = 0, C becomes `beta C`. With beta = 0, C is never read: it may hold NaN. With
/// alpha = 0, A and B are never read. `workspace` is overwritten. The compiler keeps `c` and `workspace` from
/// overlapping anything; A and B may share memory.
///
/// # Panics
/// When an operand or C does not fit the shape, or the workspace has fewer than [`WORKSPACE_LEN`] floats.
pub fn gemm(
    shape: GemmShape,
    alpha: f32,
    a: &Matrix<'_>,
    b: &Matrix<'_>,
    beta: f32,
    c: &mut [f32],
    workspace: &mut [f32],
) {
    let start = if beta == 0.0 {
        Start::Write
    } else {
        Start::Add
    };
    if beta != 0.0 && beta != 1.0 {
        let factor = F32x4::splat(beta);
        pool::run_pieces(
            c,
            SCALE_PIECE,
            Work::floats(2 * shape.m * shape.n),
            |_, piece, _| {
                InOut::in_place(piece).map(|value| value * factor);
            },
        );
    }
    product(shape, alpha, a, b, start, c, workspace);
}

/// `C = finish(column)(A B)`, where `finish` is that of the tile whose first column it is given. With more than one block
/// of depth, see [`params::depth_blocks`], it finishes the first, and what the others give is added.
///
/// # Panics
/// As [`gemm`].
pub fn gemm_with(
    shape: GemmShape,
    a: &Matrix<'_>,
    b: &Matrix<'_>,
    finish: &(dyn Fn(usize) -> BiasFloor + Sync),
    c: &mut [f32],
    workspace: &mut [f32],
) {
    product(shape, 1.0, a, b, Start::Finish(finish), c, workspace);
}

/// Floats that a thread scales at a time.
const SCALE_PIECE: usize = 16_384;

/// What happens to the sums of the first block of depth; those of the others are added.
#[derive(Clone, Copy)]
enum Start<'a> {
    Write,
    Add,
    Finish(&'a (dyn Fn(usize) -> BiasFloor + Sync)),
}

fn product(
    shape: GemmShape,
    alpha: f32,
    a: &Matrix<'_>,
    b: &Matrix<'_>,
    start: Start<'_>,
    c: &mut [f32],
    workspace: &mut [f32],
) {
    let GemmShape { m, n, k } = shape;
    assert_eq!([a.lanes(), a.depth()], [m, k], "A of {shape:?}");
    assert_eq!([b.lanes(), b.depth()], [n, k], "B of {shape:?}");
    assert_eq!(c.len(), m * n, "C of {shape:?}");
    let (a_memory, b_memory) = workspace[..WORKSPACE_LEN].split_at_mut(params::A_LEN);
    let k = if alpha == 0.0 { 0 } else { k };
    let c = &Split::new(c);

    for columns in blocks(n, NC, COLUMNS) {
        // At least one block of depth, which may be empty: C is written also when k = 0.
        for depth in blocks(k.max(1), KC, 1) {
            let depth = depth.start..depth.end.min(k);
            let panels = b.panels(columns.clone(), depth.clone(), alpha, b_memory);
            for rows in blocks(m, MC, ROWS_UNIT) {
                let block = Block {
                    a: a.rows(rows.clone(), depth.clone(), a_memory),
                    panels,
                    rows,
                    columns: columns.clone(),
                    depth: depth.len(),
                    n,
                };
                match start {
                    _ if depth.start > 0 => block.fill(c, |_| Add),
                    Start::Add => block.fill(c, |_| Add),
                    Start::Write => block.fill(c, |_| Write),
                    Start::Finish(finish) => block.fill(c, finish),
                }
            }
        }
    }
}

/// A block of C, and what its sums over a block of depth are made from.
struct Block<'s> {
    a: Rows<'s>,
    /// `[columns / 8][depth][8]`, from the first column of the block on.
    panels: matrix::Panels<'s>,
    rows: Range<usize>,
    columns: Range<usize>,
    depth: usize,
    /// Columns of C.
    n: usize,
}

impl Block<'_> {
    /// All its tiles, finished by `finish(first column)`.
    fn fill<F: Finish>(&self, c: &Split<'_, f32>, finish: impl Fn(usize) -> F + Sync) {
        let across = self.columns.len().div_ceil(JOB_COLUMNS);
        let down = self.rows.len().div_ceil(JOB_ROWS);
        let flops = 2 * self.rows.len() as u64 * self.columns.len() as u64 * self.depth as u64;
        pool::run(across * down, Work::flops(flops), |job, _| {
            let (row, column) = (job / across * JOB_ROWS, job % across * JOB_COLUMNS);
            let rows = row..self.rows.len().min(row + JOB_ROWS);
            let columns = column..self.columns.len().min(column + JOB_COLUMNS);
            // SAFETY: jobs have no row and column in common.
            let c = unsafe { Shared::new(c) };
            for column in columns.step_by(COLUMNS) {
                let a = RowsOf {
                    data: self.a.data,
                    start: row * self.a.stride,
                    stride: self.a.stride,
                    count: rows.len(),
                };
                let panel = (self.depth, self.panels.get(column / COLUMNS, self.depth));
                let first_column = self.columns.start + column;
                let at = (self.rows.start + row) * self.n + first_column;
                let width = COLUMNS.min(self.columns.len() - column);
                rows_times_panel(a, panel, (c, at, self.n), width, finish(first_column));
            }
        });
    }
}
