//! Block sizes, and the workspace they need.
//!
//! Measured on 256, 512 and 1024 cubed and on the dense layers of the three-layer network; all are flat optima.

use super::microkernel::{MR, NR};

/// Depth of a block (cuts k). One packed panel of B, `KC * NR` floats (8 KB), stays in L1 while it meets every panel
/// of A. Smaller blocks read and write C more often; larger ones push the panel out of L1.
pub const KC: usize = 256;

/// Rows of A packed at a time (cuts m), `MC * KC` floats: 128 KB, so that A and the B panels in flight share L2.
pub const MC: usize = 128;

/// Columns of B packed at a time (cuts n), `KC * NC` floats: 512 KB. A is packed anew for each of these blocks.
pub const NC: usize = 512;

/// Floats a call of [`super::gemm`] needs as workspace, whatever its sizes.
pub const WORKSPACE_LEN: usize = KC * (MC + NC);

const _: () = assert!(MC.is_multiple_of(MR) && NC.is_multiple_of(NR));

/// Cuts `total` into blocks of at most `most`, all equal up to a multiple of `unit`; the size of one.
///
/// Equal blocks, since a short last one would run at a fraction of the speed. 0 gives 0.
pub fn block_size(total: usize, most: usize, unit: usize) -> usize {
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
