//! The speed limit: multiplies and adds that touch no memory. Benchmarks report the share of it that a kernel reaches.

use crate::simd::{F32x4, LANES};
use std::hint::black_box;

/// Vectors that change in each iteration: enough to hide the latency of each operation behind the others on machines
/// with two pipes of each kind, and few enough to stay in registers.
const CHAINS: usize = 12;

/// Operations of one iteration; a multiply-add of the relaxed build is two.
pub const FLOPS_PER_ITERATION: usize = CHAINS
    * LANES
    * if cfg!(target_feature = "relaxed-simd") {
        2
    } else {
        1
    };

/// Runs the loop; the total of all chains, so that nothing is left out.
///
/// Without a fused operation one half of the chains multiplies and the other half adds: chains that do both in turn
/// are twice as long, and 12 of them cannot keep the pipes full (81 % on Zen 4).
#[inline(never)]
pub fn run(iterations: u32) -> f32 {
    // Unknown to the compiler: V8 builds a vector constant anew at each use, which takes longer than the arithmetic.
    let (factor, term) = black_box((F32x4::splat(1.0), F32x4::splat(0.001)));
    let mut chains: [F32x4; CHAINS] = black_box(std::array::from_fn(|i| F32x4::splat(i as f32)));
    for _ in 0..iterations {
        if cfg!(target_feature = "relaxed-simd") {
            for chain in &mut chains {
                *chain = chain.madd(factor, term);
            }
        } else {
            let (products, sums) = chains.split_at_mut(CHAINS / 2);
            for product in products {
                *product = *product * factor;
            }
            for sum in sums {
                *sum = *sum + term;
            }
        }
    }
    chains.iter().map(|chain| chain.sum()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iterations_change_the_chains() {
        assert_eq!(run(0), 4.0 * 66.0);
        assert!(run(10) > run(0));
    }
}
