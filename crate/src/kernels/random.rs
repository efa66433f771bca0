//! Normally distributed numbers from uniform ones.

/// Replaces uniform numbers in (0, 1) by normal ones: `mean + stddev z`, where z has the distribution function Phi, or
/// Phi cut at -2 and 2 if `truncated`.
pub fn normal_from_uniform(mean: f64, stddev: f64, truncated: bool, values: &mut [f32]) {
    const BELOW: f64 = 0.022_750_131_948_179_21; // Phi(-2)
    for value in values {
        let u = f64::from(*value);
        let u = if truncated {
            BELOW + u * (1.0 - 2.0 * BELOW)
        } else {
            u
        };
        *value = (mean + stddev * quantile(u)) as f32;
    }
}

/// The z with Phi(z) = u for u in [2^-25, 1 - 2^-25], to about 1e-16 of it: Wichura 1988, algorithm AS 241 (PPND16),
/// without its branch for the far tails, which uniform numbers of 24 bits do not reach.
fn quantile(u: f64) -> f64 {
    const A: [f64; 8] = [
        3.387_132_872_796_366_6,
        133.141_667_891_784_38,
        1_971.590_950_306_551_4,
        13_731.693_765_509_46,
        45_921.953_931_549_87,
        67_265.770_927_008_7,
        33_430.575_583_588_13,
        2_509.080_928_730_122_7,
    ];
    const B: [f64; 8] = [
        1.0,
        42.313_330_701_600_91,
        687.187_007_492_057_9,
        5_394.196_021_424_751,
        21_213.794_301_586_597,
        39_307.895_800_092_71,
        28_729.085_735_721_943,
        5_226.495_278_852_854,
    ];
    const C: [f64; 8] = [
        1.423_437_110_749_683_5,
        4.630_337_846_156_546,
        5.769_497_221_460_691,
        3.647_848_324_763_204_5,
        1.270_458_252_452_368_4,
        0.241_780_725_177_450_6,
        0.022_723_844_989_269_184,
        7.745_450_142_783_414e-4,
    ];
    const D: [f64; 8] = [
        1.0,
        2.053_191_626_637_759,
        1.676_384_830_183_803_8,
        0.689_767_334_985_1,
        0.148_103_976_427_480_08,
        0.015_198_666_563_616_457,
        5.475_938_084_995_345e-4,
        1.050_750_071_644_416_9e-9,
    ];
    let q = u - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180625 - q * q;
        return q * polynomial(&A, r) / polynomial(&B, r);
    }
    let tail = if q < 0.0 { u } else { 1.0 - u };
    let r = (-libm::log(tail)).sqrt() - 1.6;
    let z = polynomial(&C, r) / polynomial(&D, r);
    if q < 0.0 { -z } else { z }
}

/// `sum_i coefficients[i] x^i`, by Horner's rule.
fn polynomial(coefficients: &[f64; 8], x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, c| sum * x + c)
}

#[cfg(test)]
mod tests {
    use super::quantile;

    /// The z with Phi(z) = u, by bisection of the distribution function in the tail, where it loses no digits.
    fn reference(u: f64) -> f64 {
        let tail = u.min(1.0 - u);
        let (mut low, mut high) = (-9.0, 0.0);
        for _ in 0..60 {
            let middle = (low + high) / 2.0;
            if 0.5 * libm::erfc(-middle / std::f64::consts::SQRT_2) < tail {
                low = middle;
            } else {
                high = middle;
            }
        }
        if u < 0.5 { low } else { -low }
    }

    #[test]
    fn quantile_inverts_the_distribution_function() {
        let cells = f64::from(1 << 23);
        let steps = if cfg!(miri) { 11 } else { 10_007 };
        let inner = (0..=steps).map(|i| (f64::from(i) / f64::from(steps) * (cells - 1.0)).floor());
        let edges = [
            0.0,
            1.0,
            2.0,
            100.0,
            0.075 * cells,
            0.925 * cells,
            cells / 2.0,
            cells - 2.0,
        ];
        for cell in inner.chain(edges) {
            let u = (cell.floor() + 0.5) / cells;
            let (got, expected) = (quantile(u), reference(u));
            // Both are rounded some ten times; near z = 0 the error is that of u - 1/2, which is exact.
            assert!(
                (got - expected).abs() <= 4e-15 * expected.abs().max(0.1),
                "u {u}: got {got}, expected {expected}"
            );
        }
    }
}
