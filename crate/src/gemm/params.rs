//! Block sizes, and the workspace they need.

use super::matrix::GAP;
use crate::tile::{COLUMNS, ROWS, WIDE_ROWS};
use std::ops::Range;

/// Depth of a block (cuts k). One panel of B, `KC * 8` floats, stays in L1 while it meets all rows of A. Smaller blocks
/// read and write C more often; larger ones push the panel out of L1.
pub const KC: usize = 512;

/// Rows of A that meet the panels of B one after the other (cuts m): `MC * KC` floats.
pub const MC: usize = 132;

/// Rows of blocks, whatever the height of tiles is.
pub const ROWS_UNIT: usize = 12;

/// Columns of B packed at a time (cuts n): `KC * NC` floats.
pub const NC: usize = 512;

/// Rows and columns of C that a thread takes at a time.
pub const JOB_ROWS: usize = 256;
/// See [`JOB_ROWS`].
pub const JOB_COLUMNS: usize = 64;

/// Floats a call of [`super::gemm`] needs as workspace, whatever its sizes.
pub const WORKSPACE_LEN: usize = A_LEN + B_LEN;
/// Of which for rows of A.
pub const A_LEN: usize = MC * (KC + GAP);
/// And for columns of B.
pub const B_LEN: usize = NC / COLUMNS * (KC * COLUMNS + GAP);

const _: () = assert!(ROWS_UNIT.is_multiple_of(ROWS) && ROWS_UNIT.is_multiple_of(WIDE_ROWS));
const _: () = assert!(MC.is_multiple_of(ROWS_UNIT) && NC.is_multiple_of(COLUMNS));

/// Blocks into which [`super::gemm`] cuts k; one for k = 0.
pub fn depth_blocks(k: usize) -> usize {
    k.max(1).div_ceil(KC)
}

/// The ranges of about equal size, a multiple of `unit` and at most `most`, that cover `0..total`.
pub fn blocks(total: usize, most: usize, unit: usize) -> impl Iterator<Item = Range<usize>> {
    let size = block_size(total, most, unit).max(1);
    (0..total)
        .step_by(size)
        .map(move |start| start..total.min(start + size))
}

/// Cuts `total` into blocks of at most `most`, itself a multiple of `unit`, all equal up to one of `unit`; the size of one.
///
/// Equal blocks, since a short last one would run at a fraction of the speed. 0 gives 0.
pub fn block_size(total: usize, most: usize, unit: usize) -> usize {
    debug_assert!(most.is_multiple_of(unit));
    let blocks = total.div_ceil(most).max(1);
    total.div_ceil(blocks).next_multiple_of(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_even_and_never_above_the_limit() {
        assert_eq!(block_size(576, 256, 1), 192);
        assert_eq!(block_size(130, 128, 4), 68);
        assert_eq!(block_size(0, 256, 1), 0);
        for total in 1..1000 {
            let size = block_size(total, 128, 8);
            assert!(
                (1..=128).contains(&size) && size.is_multiple_of(8),
                "{total}"
            );
        }
    }
}
