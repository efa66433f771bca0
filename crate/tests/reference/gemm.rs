//! `C = alpha A B + beta C`.

use serde::Deserialize;

/// One product of the table.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GemmCase {
    pub m: usize,
    pub n: usize,
    pub k: usize,
    pub transpose_a: bool,
    pub transpose_b: bool,
    pub alpha: f32,
    pub beta: f32,
}

/// As the kernel, with `c` as it was before. With beta = 0 it is not read.
pub fn gemm(case: GemmCase, a: &[f32], b: &[f32], c: &[f32]) -> Vec<f64> {
    let GemmCase { m, n, k, .. } = case;
    let a = |i: usize, p: usize| {
        f64::from(if case.transpose_a {
            a[p * m + i]
        } else {
            a[i * k + p]
        })
    };
    let b = |p: usize, j: usize| {
        f64::from(if case.transpose_b {
            b[j * k + p]
        } else {
            b[p * n + j]
        })
    };
    let (alpha, beta) = (f64::from(case.alpha), f64::from(case.beta));
    let mut result = Vec::with_capacity(m * n);
    for i in 0..m {
        for j in 0..n {
            let sum: f64 = (0..k).map(|p| a(i, p) * b(p, j)).sum();
            let old = if beta == 0.0 {
                0.0
            } else {
                beta * f64::from(c[i * n + j])
            };
            result.push(alpha * sum + old);
        }
    }
    result
}
