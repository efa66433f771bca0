//! Normal numbers against the distribution function that they should have.

mod reference;

use fourlane_core::kernels::random::normal_from_uniform;
use reference::compare::assert_near;
use reference::random::distribution;

/// The middles of `cells` equal cells of (0, 1).
fn uniform(cells: usize) -> Vec<f32> {
    (0..cells)
        .map(|i| (i as f32 + 0.5) / cells as f32)
        .collect()
}

fn normal(mean: f64, stddev: f64, truncated: bool, uniform: &[f32]) -> Vec<f32> {
    let mut values = uniform.to_vec();
    normal_from_uniform(mean, stddev, truncated, &mut values);
    values
}

/// With stddev 1 the distribution function turns a rounding of z, 2^-24 |z|, into at most 0.25 * 2^-24.
const TOLERANCE: f64 = 2e-8;

#[test]
fn values_have_the_distribution_of_their_uniform_numbers() {
    let uniform = uniform(if cfg!(miri) { 32 } else { 65_536 });
    for (&u, z) in uniform.iter().zip(normal(0.0, 1.0, false, &uniform)) {
        assert_near(
            &format!("{u}"),
            distribution(f64::from(z)),
            f64::from(u),
            TOLERANCE,
        );
    }
    let (low, high) = (distribution(-2.0), distribution(2.0));
    for (&u, z) in uniform.iter().zip(normal(0.0, 1.0, true, &uniform)) {
        let share = (distribution(f64::from(z)) - low) / (high - low);
        assert_near(&format!("{u} cut"), share, f64::from(u), TOLERANCE);
        assert!((-2.0..=2.0).contains(&z), "{z}");
    }
}

#[test]
fn mean_and_stddev_are_applied() {
    let uniform = uniform(64);
    let standard = normal(0.0, 1.0, false, &uniform);
    let got = normal(-3.0, 0.25, false, &uniform);
    for (z, got) in standard.iter().zip(got) {
        assert_near("scaled", f64::from(got), -3.0 + 0.25 * f64::from(*z), 4e-7);
    }
    assert!(normal(1.5, 0.0, true, &uniform).iter().all(|&v| v == 1.5));
}

/// The ends of the numbers that `Random.uniform` of TypeScript draws.
#[test]
fn outermost_uniform_numbers_give_finite_values() {
    let ends = [0.5 / 8_388_608.0, 1.0 - 0.5 / 8_388_608.0, 0.5];
    let z = normal(0.0, 1.0, false, &ends);
    assert!(
        (-5.31..-5.29).contains(&z[0]) && z[1] == -z[0] && z[2] == 0.0,
        "{z:?}"
    );
    let z = normal(0.0, 1.0, true, &ends);
    assert!(z[0] >= -2.0 && z[1] <= 2.0 && z[1] > 1.9999, "{z:?}");
}
