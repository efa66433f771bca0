//! Passes that share their work: the same bits for one, two and three threads, over sizes of several blocks.

mod reference;

use fourlane_core::kernels::activation::{Activation, activation_backward, activation_forward};
use fourlane_core::kernels::adam::{Adam, adam_update};
use fourlane_core::kernels::bias_gradient::{bias_gradient, bias_gradient_of_samples};
use fourlane_core::kernels::channel_sum::{channel_sum_backward, channel_sum_forward};
use fourlane_core::kernels::elementwise::{add, add_into};
use fourlane_core::kernels::half_squared_error::{
    half_squared_error_backward, half_squared_error_forward,
};
use fourlane_core::kernels::max_pool2d::{Below, max_pool2d_backward, max_pool2d_forward};
use fourlane_core::kernels::permute::{nchw_to_nhwc, nhwc_to_nchw};
use fourlane_core::kernels::sgd::sgd_update;
use fourlane_core::kernels::sgd_momentum::{SgdMomentum, sgd_momentum_update};
use fourlane_core::kernels::softmax::{softmax_backward, softmax_forward};
use fourlane_core::kernels::softmax_cross_entropy as cross_entropy;
use fourlane_core::pool::with_threads;
use fourlane_core::shape::MaxPool2dShape;
use fourlane_core::simd::InOut;
use reference::values;

/// Enough for several blocks of every pass; under Miri these are smaller.
const LEN: usize = if cfg!(miri) { 301 } else { 50_003 };

/// Runs `pass` on copies of `initial` with one to three threads, and compares the bits of what it leaves.
fn check(what: &str, initial: &[f32], pass: impl Fn(&mut [f32])) {
    let run = |threads| {
        let mut values = initial.to_vec();
        with_threads(threads, || pass(&mut values));
        values.into_iter().map(f32::to_bits).collect::<Vec<_>>()
    };
    let alone = run(1);
    for threads in 2..=if cfg!(miri) { 2 } else { 3 } {
        assert!(run(threads) == alone, "{what} on {threads} threads");
    }
}

#[test]
fn activations_and_sums() {
    let (input, gradient) = (values(1, LEN), values(2, LEN));
    for activation in [Activation::Relu, Activation::Sigmoid, Activation::Tanh] {
        check("forward", &input, |x| {
            activation_forward(activation, InOut::in_place(x))
        });
        check("backward", &gradient, |g| {
            activation_backward(activation, &input, InOut::in_place(g));
        });
    }
    check("add", &input, |sum| add(&input, &gradient, sum));
    check("addInto", &input, |sum| add_into(&gradient, sum));
}

#[test]
fn bias_gradients() {
    let columns: &[usize] = if cfg!(miri) {
        &[6, 18]
    } else {
        &[1, 6, 15, 16, 18, 40, 129]
    };
    for &columns in columns {
        let plane = if cfg!(miri) { 2 } else { 70 };
        let samples = LEN / plane / columns;
        let gradient = values(1, samples * plane * columns);
        for accumulate in [false, true] {
            let bias = values(2, columns);
            check("rows", &bias, |bias| {
                bias_gradient(&gradient, bias, accumulate)
            });
            check("samples", &bias, |bias| {
                bias_gradient_of_samples(plane, &gradient, bias, accumulate);
            });
        }
    }
}

#[test]
fn optimizers() {
    let (parameter, gradient) = (values(1, LEN), values(2, LEN));
    check("sgd", &parameter, |p| sgd_update(0.1, 0.01, p, &gradient));
    for nesterov in [false, true] {
        let step = SgdMomentum {
            learning_rate: 0.1,
            momentum: 0.9,
            nesterov,
            weight_decay: 0.01,
        };
        check(
            "momentum",
            &[values(1, LEN), values(3, LEN)].concat(),
            |both| {
                let (parameter, velocity) = both.split_at_mut(LEN);
                sgd_momentum_update(step, parameter, &gradient, velocity);
            },
        );
    }
    let adam = Adam {
        learning_rate: 0.1,
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-7,
        weight_decay: 0.01,
    };
    check(
        "adam",
        &[values(1, LEN), vec![0.0; 2 * LEN]].concat(),
        |all| {
            let (parameter, moments) = all.split_at_mut(LEN);
            let (first, second) = moments.split_at_mut(LEN);
            for steps in 0..2 {
                adam_update(adam, &mut { steps }, parameter, &gradient, first, second);
            }
        },
    );
}

#[test]
fn losses_and_softmax() {
    let sizes: &[usize] = if cfg!(miri) { &[10] } else { &[1, 10, 3000] };
    for &size in sizes {
        let samples = LEN / size;
        let (logits, target) = (values(1, samples * size), values(2, samples * size));
        let labels: Vec<i32> = (0..samples).map(|n| (n % size) as i32).collect();
        let losses = vec![0.0; samples + 2];
        // The sum as well, as two floats behind the losses.
        let put = |all: &mut [f32], loss: &dyn Fn(&mut [f32]) -> f64| {
            let (losses, sum) = all.split_at_mut(samples);
            let bits = loss(losses).to_bits();
            sum.copy_from_slice(&[
                f32::from_bits((bits >> 32) as u32),
                f32::from_bits(bits as u32),
            ]);
        };
        check("half squared error", &losses, |all| {
            put(all, &|losses| {
                half_squared_error_forward(size, &logits, &target, losses)
            });
        });
        check("cross entropy", &losses, |all| {
            put(all, &|losses| {
                cross_entropy::softmax_cross_entropy_forward(size, &logits, &target, losses)
            });
        });
        check("sparse cross entropy", &losses, |all| {
            put(all, &|losses| {
                let (x, y) = (&logits, &labels);
                cross_entropy::sparse_softmax_cross_entropy_forward(size, x, y, losses).unwrap()
            });
        });
        check("gradient of half squared error", &logits, |gradient| {
            half_squared_error_backward(&logits, &target, 0.5, gradient);
        });
        check("gradient of cross entropy", &logits, |gradient| {
            cross_entropy::softmax_cross_entropy_backward(size, &logits, &target, 0.5, gradient);
        });
        check("gradient of sparse cross entropy", &logits, |gradient| {
            let (x, y) = (&logits, &labels);
            cross_entropy::sparse_softmax_cross_entropy_backward(size, x, y, 0.5, gradient)
                .unwrap();
        });
        check("softmax", &logits, |output| {
            softmax_forward(size, &logits, output)
        });
        check("gradient of softmax", &logits, |gradient| {
            softmax_backward(size, &logits, &target, gradient);
        });
    }
}

#[test]
fn permutations() {
    let (plane, channels) = if cfg!(miri) { (6, 5) } else { (35, 12) };
    let input = values(1, LEN / plane / channels * plane * channels);
    check("to channels first", &input, |output| {
        nhwc_to_nchw(plane, channels, &input, output)
    });
    check("to channels last", &input, |output| {
        nchw_to_nhwc(plane, channels, &input, output)
    });
}

#[test]
fn channel_sums() {
    let sizes: &[usize] = if cfg!(miri) {
        &[5]
    } else {
        &[1, 5, 16, 10_000]
    };
    for &channels in sizes {
        let pixels = LEN / channels;
        let input = values(1, pixels * channels);
        check("sums", &vec![0.0; pixels], |output| {
            channel_sum_forward(channels, &input, output);
        });
        check("their gradient", &input, |grad_input| {
            channel_sum_backward(channels, &input[..pixels], grad_input);
        });
    }
}

#[test]
fn pooling() {
    let cases: &[_] = if cfg!(miri) {
        &[(6, 2)]
    } else {
        &[(2, 2), (6, 2), (5, 1)]
    };
    for &(channels, stride) in cases {
        let side = if cfg!(miri) { 5 } else { 11 };
        let out = if stride == 2 { side / 2 + 1 } else { side - 1 };
        let sizes = (
            [side, side, channels],
            [2, 2],
            [stride, stride],
            [0, 0],
            [out, out],
        );
        let s = MaxPool2dShape::new(sizes.0, sizes.1, sizes.2, sizes.3, sizes.4, false).unwrap();
        let batch = LEN / (side * side * channels);
        let input = values(1, s.input_len(batch).unwrap());
        let len = s.output_len(batch).unwrap();
        let mut positions = vec![0; len];
        let mut maxima = vec![0.0; len];
        max_pool2d_forward(&s, batch, &input, &mut maxima, Some(&mut positions));
        check("forward", &vec![0.0; 2 * len], |all| {
            let (output, rest) = all.split_at_mut(len);
            let mut positions = vec![-7; len];
            max_pool2d_forward(&s, batch, &input, output, Some(&mut positions));
            rest.copy_from_slice(&positions.iter().map(|&p| p as f32).collect::<Vec<_>>());
        });
        let gradient = values(2, len);
        let sums = vec![0.0; batch * channels];
        check("backward", &[input.clone(), sums].concat(), |all| {
            let (grad_input, sums) = all.split_at_mut(input.len());
            let below = Below {
                activation: Some((Activation::Relu, &maxima)),
                sample_sums: Some(sums),
            };
            max_pool2d_backward(&s, batch, &gradient, &positions, grad_input, below).unwrap();
        });
    }
}
