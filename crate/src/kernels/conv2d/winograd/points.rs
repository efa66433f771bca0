//! The transforms of F(m, r) along one axis: m outputs of a kernel of r from n = m + r - 1 points.
//!
//! With six points 0, 1, -1, 2, -2, infinity: F(4,3), F(5,2), F(2,5), which share the transform of the input. With four
//! points 0, 1, -1, infinity: F(2,3). Each transform has its adjoint (its matrix transposed), from which the gradients
//! are made. Lavin and Gray 2015, arXiv:1509.09308; points as in wincnn (Lavin).

use crate::simd::F32x4;
use std::mem::MaybeUninit;

/// The transform of patches, which depends on the points alone.
pub trait Patches<const N: usize> {
    /// B^T: of a row of the input.
    fn input(x: [F32x4; N]) -> [F32x4; N];
    /// B, its adjoint.
    fn input_adjoint(m: [F32x4; N]) -> [F32x4; N];
}

/// The transforms of one F(M, R), `N = M + R - 1`.
pub trait Points<const N: usize, const M: usize, const R: usize>: Patches<N> {
    /// A^T: products to outputs.
    fn output(m: [F32x4; N]) -> [F32x4; M];
    /// A, its adjoint.
    fn output_adjoint(y: [F32x4; M]) -> [F32x4; N];
    /// G: of a row of the kernel.
    fn kernel(g: [F32x4; R]) -> [F32x4; N];
    /// G^T, its adjoint.
    fn kernel_adjoint(u: [F32x4; N]) -> [F32x4; R];
}

/// `sum of 2^(i * shift) (+-1)^i values[i]`, by Horner's rule.
#[inline(always)]
fn at_point<const K: usize>(values: [F32x4; K], point: f32) -> F32x4 {
    let mut sum = values[K - 1];
    for i in (0..K - 1).rev() {
        sum = if point == 1.0 {
            values[i] + sum
        } else if point == -1.0 {
            values[i] - sum
        } else {
            F32x4::splat(point).madd(sum, values[i])
        };
    }
    sum
}

/// Six points 0, 1, -1, 2, -2, infinity.
pub struct Six;

impl Patches<6> for Six {
    #[inline(always)]
    fn input([x0, x1, x2, x3, x4, x5]: [F32x4; 6]) -> [F32x4; 6] {
        let (minus_four, minus_five) = (F32x4::splat(-4.0), F32x4::splat(-5.0));
        let a = minus_four.madd(x2, x4);
        let b = minus_four.madd(x1, x3);
        let c = x4 - x2;
        let d = x3 - x1;
        let d = d + d;
        let four = F32x4::splat(4.0);
        let first = four.madd(x0, minus_five.madd(x2, x4));
        let last = four.madd(x1, minus_five.madd(x3, x5));
        [first, a + b, a - b, c + d, c - d, last]
    }

    #[inline(always)]
    fn input_adjoint([m0, m1, m2, m3, m4, m5]: [F32x4; 6]) -> [F32x4; 6] {
        let (s, d, t, e) = (m1 + m2, m1 - m2, m3 + m4, m3 - m4);
        let (four, five, two) = (F32x4::splat(4.0), F32x4::splat(5.0), F32x4::splat(2.0));
        let e2 = two * e;
        [
            four * m0,
            four * (m5 - d) - e2,
            F32x4::splat(-5.0).madd(m0, F32x4::splat(-4.0).madd(s, -t)),
            d + e2 - five * m5,
            m0 + s + t,
            m5,
        ]
    }
}

impl<const M: usize, const R: usize> Points<6, M, R> for Six {
    #[inline(always)]
    fn output([m0, m1, m2, m3, m4, m5]: [F32x4; 6]) -> [F32x4; M] {
        let (s, d, t, e) = (m1 + m2, m1 - m2, m3 + m4, m3 - m4);
        std::array::from_fn(|i| {
            let power = F32x4::splat((1 << i) as f32);
            let (near, far) = if i % 2 == 0 { (s, t) } else { (d, e) };
            let mut y = power.madd(far, near);
            if i == 0 {
                y = y + m0;
            }
            if i == M - 1 {
                y = y + m5;
            }
            y
        })
    }

    #[inline(always)]
    fn output_adjoint(y: [F32x4; M]) -> [F32x4; 6] {
        [
            y[0],
            at_point(y, 1.0),
            at_point(y, -1.0),
            at_point(y, 2.0),
            at_point(y, -2.0),
            y[M - 1],
        ]
    }

    #[inline(always)]
    fn kernel(g: [F32x4; R]) -> [F32x4; 6] {
        let (sixth, part) = (F32x4::splat(-1.0 / 6.0), F32x4::splat(1.0 / 24.0));
        [
            F32x4::splat(0.25) * g[0],
            sixth * at_point(g, 1.0),
            sixth * at_point(g, -1.0),
            part * at_point(g, 2.0),
            part * at_point(g, -2.0),
            g[R - 1],
        ]
    }

    #[inline(always)]
    fn kernel_adjoint([u0, u1, u2, u3, u4, u5]: [F32x4; 6]) -> [F32x4; R] {
        let sixth = F32x4::splat(-1.0 / 6.0);
        let (s, d) = (sixth * (u1 + u2), sixth * (u1 - u2));
        let (t, e) = (u3 + u4, u3 - u4);
        std::array::from_fn(|i| {
            let power = F32x4::splat((1 << i) as f32 / 24.0);
            let (near, far) = if i % 2 == 0 { (s, t) } else { (d, e) };
            let mut g = power.madd(far, near);
            if i == 0 {
                g = F32x4::splat(0.25).madd(u0, g);
            }
            if i == R - 1 {
                g = g + u5;
            }
            g
        })
    }
}

/// Four points 0, 1, -1, infinity.
pub struct Four;

impl Patches<4> for Four {
    #[inline(always)]
    fn input([x0, x1, x2, x3]: [F32x4; 4]) -> [F32x4; 4] {
        [x0 - x2, x1 + x2, x2 - x1, x3 - x1]
    }

    #[inline(always)]
    fn input_adjoint([m0, m1, m2, m3]: [F32x4; 4]) -> [F32x4; 4] {
        [m0, m1 - m2 - m3, m1 + m2 - m0, m3]
    }
}

impl Points<4, 2, 3> for Four {
    #[inline(always)]
    fn output([m0, m1, m2, m3]: [F32x4; 4]) -> [F32x4; 2] {
        [m0 + m1 + m2, m1 - m2 + m3]
    }

    #[inline(always)]
    fn output_adjoint([y0, y1]: [F32x4; 2]) -> [F32x4; 4] {
        [y0, y0 + y1, y0 - y1, y1]
    }

    #[inline(always)]
    fn kernel([g0, g1, g2]: [F32x4; 3]) -> [F32x4; 4] {
        let half = F32x4::splat(0.5);
        let even = g0 + g2;
        [g0, half * (even + g1), half * (even - g1), g2]
    }

    #[inline(always)]
    fn kernel_adjoint([u0, u1, u2, u3]: [F32x4; 4]) -> [F32x4; 3] {
        let half = F32x4::splat(0.5);
        let (s, d) = (half * (u1 + u2), half * (u1 - u2));
        [u0 + s, d, u3 + s]
    }
}

/// `A x A^T` for the matrix A of `f`, read row by row and written element by element: `load(i)` is row i of x,
/// `store(i, j, value)` takes the result.
///
/// The half-way values go through memory on purpose: V8 has registers for a row or a column, and would spill a whole
/// block of 36 vectors at places of its own choosing, which takes twice as long.
#[inline(always)]
pub fn both_axes<const I: usize, const O: usize>(
    load: impl Fn(usize) -> [F32x4; I],
    f: impl Fn([F32x4; I]) -> [F32x4; O],
    mut store: impl FnMut(usize, usize, F32x4),
) {
    // Not zeros at first, which would be written.
    let mut half = [const { MaybeUninit::<[F32x4; O]>::uninit() }; I];
    for (i, row) in half.iter_mut().enumerate() {
        row.write(f(load(i)));
    }
    let half = std::hint::black_box(&half);
    for j in 0..O {
        // SAFETY: all rows were written above.
        let column = f(std::array::from_fn(|i| unsafe {
            half[i].assume_init_ref()[j]
        }));
        for (i, value) in column.into_iter().enumerate() {
            store(i, j, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn splat<const K: usize>(values: [f32; K]) -> [F32x4; K] {
        values.map(F32x4::splat)
    }

    fn dot<const K: usize>(a: [F32x4; K], b: [F32x4; K]) -> f32 {
        a.into_iter()
            .zip(b)
            .map(|(a, b)| (a * b).to_array()[0])
            .sum()
    }

    /// Correlation by points equals correlation, and every adjoint satisfies `<f(a), b> = <a, f*(b)>`.
    fn check<P: Points<N, M, R>, const N: usize, const M: usize, const R: usize>() {
        let x: [f32; N] = std::array::from_fn(|i| (i * i % 7) as f32 - 2.5);
        let g: [f32; R] = std::array::from_fn(|i| 1.5 - i as f32 * 0.75);
        let (u, v) = (P::kernel(splat(g)), P::input(splat(x)));
        let y = P::output(std::array::from_fn(|p| u[p] * v[p]));
        for (i, y) in y.iter().enumerate() {
            let expected: f32 = (0..R).map(|k| x[i + k] * g[k]).sum();
            let got = y.to_array()[0];
            assert!(
                (got - expected).abs() < 1e-4,
                "{M} {R} [{i}]: {got}, expected {expected}"
            );
        }
        let n: [F32x4; N] = splat(std::array::from_fn(|i| 0.5 * i as f32 - 1.25));
        let m: [F32x4; M] = splat(std::array::from_fn(|i| 2.0 - i as f32));
        let near =
            |what: &str, a: f32, b: f32| assert!((a - b).abs() < 1e-3, "{what} {M} {R}: {a} {b}");
        near(
            "input",
            dot(P::input(splat(x)), n),
            dot(splat(x), P::input_adjoint(n)),
        );
        near("output", dot(P::output(n), m), dot(n, P::output_adjoint(m)));
        near(
            "kernel",
            dot(P::kernel(splat(g)), n),
            dot(splat(g), P::kernel_adjoint(n)),
        );
    }

    #[test]
    fn transforms_correlate_and_have_their_adjoints() {
        check::<Six, 6, 4, 3>();
        check::<Six, 6, 5, 2>();
        check::<Six, 6, 2, 5>();
        check::<Four, 4, 2, 3>();
    }
}
