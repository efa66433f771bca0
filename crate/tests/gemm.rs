//! `gemm` against naive f64 loops.

mod reference;

use fourlane_core::gemm::{Matrix, WORKSPACE_LEN, depth_blocks, gemm, gemm_with};
use fourlane_core::pool::with_threads;
use fourlane_core::shape::GemmShape;
use fourlane_core::simd::F32x4;
use fourlane_core::tile::{BiasFloor, COLUMNS, ROWS};
use proptest::prelude::*;
use reference::compare::{assert_close, largest, sum_tolerance};
use reference::gemm::{GemmCase, gemm as naive};
use reference::{cases, magnitudes, values, workspace};

/// Runs one case by the kernel, with the workspace full of NaN, and C too where it must not be read.
fn run(case: GemmCase, a: &[f32], b: &[f32], c: &[f32]) -> Vec<f32> {
    let GemmCase { m, n, k, .. } = case;
    let shape = GemmShape::new(m, n, k).unwrap();
    let a = Matrix::a(a, m, k, case.transpose_a);
    let b = Matrix::b(b, n, k, case.transpose_b);
    let mut workspace = workspace(WORKSPACE_LEN);
    let mut result = if case.beta == 0.0 {
        vec![f32::NAN; m * n]
    } else {
        c.to_vec()
    };
    gemm(
        shape,
        case.alpha,
        &a,
        &b,
        case.beta,
        &mut result,
        &mut workspace,
    );
    result
}

fn check(case: GemmCase) {
    let GemmCase { m, n, k, .. } = case;
    let (a, b, c) = (values(1, m * k), values(2, k * n), values(3, m * n));
    let expected = naive(case, &a, &b, &c);
    let positive = GemmCase {
        alpha: case.alpha.abs(),
        beta: case.beta.abs(),
        ..case
    };
    let bound = naive(positive, &magnitudes(&a), &magnitudes(&b), &magnitudes(&c));
    let got = run(case, &a, &b, &c);
    let tolerance = sum_tolerance(k, largest(&bound));
    assert_close(&format!("{case:?}"), &got, &expected, tolerance);
}

/// Sizes around the tile, primes and zero.
fn sizes() -> Vec<usize> {
    let (mr, nr) = (ROWS, COLUMNS);
    if cfg!(miri) {
        vec![0, 1, mr + 1, nr + 1]
    } else {
        vec![0, 1, 2, mr - 1, mr, mr + 1, nr - 1, nr, nr + 1, 13, 31]
    }
}

#[test]
fn cases_of_the_table() {
    for case in cases::<GemmCase>("gemm") {
        if !cfg!(miri) || case.m * case.n * case.k < 400 {
            check(case);
        }
    }
}

#[test]
fn every_combination_of_sizes_around_the_tile() {
    for (i, m) in sizes().into_iter().enumerate() {
        for n in sizes() {
            for (j, k) in sizes().into_iter().enumerate() {
                let [alpha, beta] = [[1.0, 0.0], [1.0, 1.0], [-0.5, 0.25], [0.0, 2.0]][(i + j) % 4];
                let orders = [(false, false), (false, true), (true, false), (true, true)];
                // Miri takes one order for each size, in turn.
                let first = if cfg!(miri) { (i + n) % 4 } else { 0 };
                let count = if cfg!(miri) { 1 } else { 4 };
                for (transpose_a, transpose_b) in orders.into_iter().skip(first).take(count) {
                    check(GemmCase {
                        m,
                        n,
                        k,
                        transpose_a,
                        transpose_b,
                        alpha,
                        beta,
                    });
                }
            }
        }
    }
}

#[test]
#[cfg(not(miri))] // Too many products for an interpreter.
fn several_blocks_of_every_loop() {
    for (m, n, k) in [(130, 12, 5), (7, 600, 9), (5, 9, 700), (140, 530, 270)] {
        for beta in [0.0, 1.0] {
            let (transpose_a, transpose_b) = (m % 2 == 0, n % 4 == 0);
            check(GemmCase {
                m,
                n,
                k,
                transpose_a,
                transpose_b,
                alpha: 1.0,
                beta,
            });
        }
    }
}

#[test]
fn alpha_zero_reads_neither_a_nor_b() {
    let case = GemmCase {
        m: 5,
        n: 9,
        k: 3,
        transpose_a: false,
        transpose_b: false,
        alpha: 0.0,
        beta: 2.0,
    };
    let (nan_a, nan_b) = (vec![f32::NAN; 15], vec![f32::NAN; 27]);
    let got = run(case, &nan_a, &nan_b, &values(1, 45));
    let expected: Vec<f32> = values(1, 45).iter().map(|v| 2.0 * v).collect();
    assert_eq!(got, expected);
}

#[test]
fn nan_in_an_operand_reaches_its_row_only() {
    let case = GemmCase {
        m: 6,
        n: 9,
        k: 5,
        transpose_a: false,
        transpose_b: false,
        alpha: 1.0,
        beta: 0.0,
    };
    let mut a = values(1, 30);
    a[5 * 5 + 2] = f32::NAN;
    let got = run(case, &a, &values(2, 45), &[]);
    assert!(got[..45].iter().all(|v| v.is_finite()) && got[45..].iter().all(|v| v.is_nan()));
}

#[test]
fn sums_are_finished_once_with_the_column_of_their_tile() {
    let depths: &[usize] = if cfg!(miri) {
        &[0, 3]
    } else {
        &[0, 3, 300, 700]
    };
    for &k in depths {
        let (m, n) = (7, 19);
        let shape = GemmShape::new(m, n, k).unwrap();
        let zeros = (vec![0.0; m * k], vec![0.0; k * n]);
        let (a, b) = (
            Matrix::a(&zeros.0, m, k, false),
            Matrix::b(&zeros.1, n, k, false),
        );
        let finish = |column: usize| BiasFloor {
            bias: [0, 4]
                .map(|half| F32x4::from_array(std::array::from_fn(|i| (column + half + i) as f32))),
            floor: F32x4::splat(2.0),
        };
        let mut got = vec![f32::NAN; m * n];
        gemm_with(
            shape,
            &a,
            &b,
            &finish,
            &mut got,
            &mut workspace(WORKSPACE_LEN),
        );
        for (i, &value) in got.iter().enumerate() {
            assert_eq!(value, ((i % n) as f32).max(2.0), "k {k}, [{i}]");
        }
    }
    assert_eq!([0, 1, 700].map(depth_blocks), [1, 1, 2]);
}

/// Blocks and the order of sums hang on the shape alone.
#[test]
fn bits_do_not_depend_on_threads() {
    let shapes = if cfg!(miri) {
        vec![(9, 17, 5)]
    } else {
        vec![
            (1, 10, 300),
            (100, 10, 130),
            (130, 520, 70),
            (300, 90, 270),
            (5, 1030, 260),
            (1030, 9, 33),
            (20, 24, 1100),
        ]
    };
    for (m, n, k) in shapes {
        for (transpose_a, transpose_b) in
            [(false, false), (false, true), (true, false), (true, true)]
        {
            let case = GemmCase {
                m,
                n,
                k,
                transpose_a,
                transpose_b,
                alpha: 0.75,
                beta: -0.5,
            };
            let (a, b, c) = (values(1, m * k), values(2, k * n), values(3, m * n));
            let alone = run(case, &a, &b, &c);
            for threads in [2, 3] {
                let shared = with_threads(threads, || run(case, &a, &b, &c));
                assert!(alone == shared, "{case:?} on {threads} threads");
            }
        }
    }
}

#[test]
fn operands_packed_before_give_the_same_bits() {
    let (m, n, k) = if cfg!(miri) {
        (5, 9, 7)
    } else {
        (37, 530, 300)
    };
    let shape = GemmShape::new(m, n, k).unwrap();
    let (a, b) = (values(1, m * k), values(2, k * n));
    let (a, b) = (Matrix::a(&a, m, k, false), Matrix::b(&b, n, k, true));
    let mut panels = vec![f32::NAN; Matrix::packed_len(n, k)];
    let packed = b.pack(&mut panels);
    let mut workspace = workspace(WORKSPACE_LEN);
    let (mut plain, mut before) = (vec![0.0; m * n], vec![0.0; m * n]);
    gemm(shape, 1.0, &a, &b, 0.0, &mut plain, &mut workspace);
    gemm(shape, 1.0, &a, &packed, 0.0, &mut before, &mut workspace);
    assert_eq!(plain, before);
}

#[test]
#[should_panic(expected = "C of")]
fn c_of_another_size_is_refused() {
    let (a, b) = (
        Matrix::a(&[1.0], 1, 1, false),
        Matrix::b(&[1.0], 1, 1, false),
    );
    let shape = GemmShape::new(1, 1, 1).unwrap();
    let mut workspace = workspace(WORKSPACE_LEN);
    gemm(shape, 1.0, &a, &b, 0.0, &mut [0.0; 2], &mut workspace);
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if cfg!(miri) { 4 } else { 200 },
        failure_persistence: None,
        ..ProptestConfig::default()
    })]
    #[test]
    fn any_small_product(
        (m, n, k) in if cfg!(miri) { (0..7usize, 0..11usize, 0..6usize) } else { (0..40, 0..40, 0..40) },
        transpose_a: bool,
        transpose_b: bool,
        alpha in -2.0f32..2.0,
        beta in prop_oneof![Just(0.0f32), -2.0f32..2.0],
    ) {
        check(GemmCase { m, n, k, transpose_a, transpose_b, alpha, beta });
    }
}
