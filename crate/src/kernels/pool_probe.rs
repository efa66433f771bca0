//! What tests and benchmarks of the pool run on it.

use crate::kernels::peak;
use crate::pool::{self, Work};
use std::hint::spin_loop;
use std::sync::atomic::{AtomicBool, Ordering};

/// Values in one block of the sum.
const BLOCK: usize = 4096;

/// Sum of squares: each block on its own in float32, the blocks added in order.
pub fn sum_of_squares(values: &[f32]) -> f32 {
    let mut sums = vec![0.0; values.len().div_ceil(BLOCK)];
    pool::run_pieces(&mut sums, 1, Work::WORTH_WAKING, |block, sum, _| {
        let end = values.len().min((block + 1) * BLOCK);
        sum[0] = values[block * BLOCK..end].iter().map(|x| x * x).sum();
    });
    sums.iter().sum()
}

/// A region of arithmetic in registers.
pub fn busy_region(blocks: usize, iterations: u32) {
    let flops = (blocks * peak::FLOPS_PER_ITERATION) as u64 * u64::from(iterations);
    pool::run(
        blocks,
        Work::flops(flops).max(Work::WORTH_SHARING),
        |_, _| {
            std::hint::black_box(peak::run(iterations));
        },
    );
}

/// A region in which the first helper that comes panics, or for ever holds a block.
pub fn failing_region(for_ever: bool) {
    let helped = AtomicBool::new(pool::workers() == 1);
    pool::run(2, Work::WORTH_WAKING, |_, worker| {
        if worker > 0 {
            helped.store(true, Ordering::SeqCst);
            if for_ever {
                loop {
                    spin_loop();
                }
            }
            panic!("a helper trapped on purpose");
        }
        while !helped.load(Ordering::SeqCst) {
            spin_loop();
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pool::with_threads;

    #[test]
    fn the_sum_is_the_same_for_any_number_of_threads() {
        let len = if cfg!(miri) { 301 } else { 20_001 };
        let values: Vec<f32> = (0..len).map(|i| (i % 101) as f32 / 7.0).collect();
        let sums: Vec<_> = (1..=3)
            .map(|threads| with_threads(threads, || sum_of_squares(&values)))
            .collect();
        let exact: f64 = values.iter().map(|&x| f64::from(x).powi(2)).sum();
        assert!((f64::from(sums[0]) / exact - 1.0).abs() < 1e-4);
        assert!(sums.iter().all(|sum| sum.to_bits() == sums[0].to_bits()));
    }

    #[test]
    fn a_failing_helper_fails_the_region() {
        let failing = || with_threads(2, || failing_region(false));
        assert!(std::panic::catch_unwind(failing).is_err());
    }
}
