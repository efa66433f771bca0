//! The elementary functions against those of f64.

mod reference;

use fourlane_core::elementary::{Exp, Sigmoid, Tanh};
use fourlane_core::simd::{F32x4, InOut};
use reference::elementary::{sigmoid, ulps};
use std::ops::RangeInclusive;

struct Function {
    name: &'static str,
    apply: fn(F32x4) -> F32x4,
    exact: fn(f64) -> f64,
    range: RangeInclusive<f32>,
}

fn functions() -> [Function; 3] {
    [
        Function {
            name: "exp",
            apply: |x| Exp::new().apply(x),
            exact: f64::exp,
            range: 0.0..=f32::INFINITY,
        },
        Function {
            name: "sigmoid",
            apply: |x| Sigmoid::new().apply(x),
            exact: sigmoid,
            range: 0.0..=1.0,
        },
        Function {
            name: "tanh",
            apply: |x| Tanh::new().apply(x),
            exact: f64::tanh,
            range: -1.0..=1.0,
        },
    ]
}

impl Function {
    /// Four floats whose bits follow on one another, every `step` bit patterns.
    fn check(&self, step: usize) {
        for bits in (0..=u32::MAX - 3).step_by(step) {
            let x = std::array::from_fn(|i| f32::from_bits(bits + i as u32));
            let results = (self.apply)(F32x4::from_array(x)).to_array();
            for (x, got) in x.into_iter().zip(results) {
                let exact = (self.exact)(f64::from(x));
                let error = ulps(got, exact);
                let inside = got.is_nan() || self.range.contains(&got);
                assert!(
                    error <= 2.0 && inside,
                    "{}({x:e}) is {got:e}, expected {exact:e}; off by {error} ulp",
                    self.name
                );
            }
        }
    }

    fn at(&self, x: f32) -> f32 {
        (self.apply)(F32x4::splat(x)).to_array()[0]
    }
}

#[test]
fn at_most_two_ulp_in_a_dense_sweep() {
    // Odd, so that no pattern of the low bits is left out.
    let step = if cfg!(miri) { 40_000_003 } else { 1_001 };
    for function in functions() {
        function.check(step);
    }
}

/// Every float there is takes minutes: `cargo test --release --features long-tests --test elementary`.
#[test]
#[cfg(feature = "long-tests")]
fn at_most_two_ulp_everywhere() {
    for function in functions() {
        function.check(4);
    }
}

#[test]
fn limits_and_both_ends() {
    let [exp, sigmoid, tanh] = functions();
    let smallest = f32::from_bits(1);
    for (function, x, expected) in [
        (&exp, 0.0, 1.0),
        (&exp, -0.0, 1.0),
        (&exp, f32::INFINITY, f32::INFINITY),
        (&exp, f32::NEG_INFINITY, 0.0),
        (&exp, f32::MAX, f32::INFINITY),
        (&exp, f32::MIN, 0.0),
        (&exp, 88.722_84, f32::INFINITY),
        (&exp, -103.9, smallest),
        (&exp, -103.98, 0.0),
        (&sigmoid, 0.0, 0.5),
        (&sigmoid, f32::INFINITY, 1.0),
        (&sigmoid, f32::NEG_INFINITY, 0.0),
        (&sigmoid, 17.4, 1.0),
        (&sigmoid, -103.9, smallest),
        (&tanh, f32::INFINITY, 1.0),
        (&tanh, f32::NEG_INFINITY, -1.0),
        (&tanh, f32::MAX, 1.0),
        (&tanh, 9.02, 1.0),
        (&tanh, smallest, smallest),
        (&tanh, -smallest, -smallest),
        (&tanh, 0.0, 0.0),
        (&tanh, -0.0, -0.0),
    ] {
        let got = function.at(x);
        let name = function.name;
        assert_eq!(got.to_bits(), expected.to_bits(), "{name}({x}) is {got}");
    }
    assert!(exp.at(88.722_83).is_finite() && exp.at(-87.5) < f32::MIN_POSITIVE);
    assert!(tanh.at(8.0) < 1.0 && sigmoid.at(15.0) < 1.0);
    for nan in [0x7FC0_0000, 0xFFC0_0000, 0x7F80_0001, 0xFFFF_FFFF] {
        for function in functions() {
            let got = function.at(f32::from_bits(nan));
            assert!(got.is_nan(), "{}({nan:x}) is {got}", function.name);
        }
    }
}

#[test]
fn lanes_do_not_mix() {
    let x = F32x4::from_array([f32::NAN, f32::INFINITY, -1e30, 0.3]);
    for function in functions() {
        // One NaN is as good as another.
        let bits = |y: f32| if y.is_nan() { None } else { Some(y.to_bits()) };
        let together = (function.apply)(x).to_array().map(bits);
        let alone = x.to_array().map(|x| bits(function.at(x)));
        assert_eq!(together, alone, "{}", function.name);
    }
}

#[test]
fn many_values_at_once_give_the_same_bits() {
    let [_, sigmoid, tanh] = functions();
    let values: Vec<f32> = (0..301).map(|i| (i as f32 - 150.0) / 13.0).collect();
    for (function, map) in [
        (sigmoid, (|v| Sigmoid::new().map(v)) as fn(InOut<'_>)),
        (tanh, |v| Tanh::new().map(v)),
    ] {
        let mut results = values.clone();
        map(InOut::in_place(&mut results));
        for (&x, got) in values.iter().zip(results) {
            assert_eq!(got, function.at(x), "{}({x})", function.name);
        }
    }
}
