//! The speed limit: multiply-adds that touch no memory. Benchmarks report the share of it that a kernel reaches.

use crate::simd::{F32x4, LANES};

/// Independent sums: enough to hide the latency of a multiply and an add behind each other on the machines measured,
/// and few enough to stay in registers.
const SUMS: usize = 12;

/// Operations of one iteration, a multiply and an add counted as two.
pub const FLOPS_PER_ITERATION: usize = 2 * SUMS * LANES;

/// `sum = sum * factor + term`, `iterations` times for each of the sums; their total, so that nothing is left out.
#[inline(never)]
pub fn run(iterations: u32) -> f32 {
    let (factor, term) = (F32x4::splat(0.999), F32x4::splat(0.001));
    let mut sums: [F32x4; SUMS] = std::array::from_fn(|i| F32x4::splat(i as f32));
    for _ in 0..iterations {
        for sum in &mut sums {
            *sum = sum.madd(factor, term);
        }
    }
    sums.iter().map(|sum| sum.sum()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iterations_change_the_sums() {
        assert_eq!(run(0), 4.0 * 66.0);
        assert!(run(10) < run(0));
    }
}
