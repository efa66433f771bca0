//! Golden files of single operations, on the native kernels.
#![cfg(not(miri))] // Which sees no files.

mod file;
#[path = "../reference/mod.rs"]
mod reference;

use file::{Tensor, files};
use fourlane_core::kernels::activation::{Activation, activation_backward, activation_forward};
use fourlane_core::kernels::channel_sum::{channel_sum_backward, channel_sum_forward};
use fourlane_core::kernels::conv2d::{
    Conv2d, Winograd, conv2d_backward_input, conv2d_backward_weight, conv2d_forward,
};
use fourlane_core::kernels::max_pool2d::{Below, max_pool2d_backward, max_pool2d_forward};
use fourlane_core::shape::{Conv2dShape, MaxPool2dShape};
use fourlane_core::simd::InOut;
use reference::compare::{assert_close, largest};
use reference::wide;
use serde::Deserialize;

/// Of the largest entry of each tensor.
const TOLERANCE: f64 = 1e-5;

#[derive(Deserialize)]
struct File {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "lowercase")]
enum Case {
    Conv(Box<Conv>),
    Maxpool(Box<Pool>),
    Activation(Pointwise),
    Eq24(Eq24),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Conv {
    kernel_mode: String,
    channel_mode: String,
    stride: usize,
    #[serde(rename = "X")]
    x: Tensor,
    #[serde(rename = "W")]
    w: Tensor,
    b: Tensor,
    a: Tensor,
    delta: Tensor,
    #[serde(rename = "dW")]
    dw: Tensor,
    db: Tensor,
    #[serde(rename = "dX")]
    dx: Tensor,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Pool {
    size: usize,
    rounding: String,
    pad_side: String,
    pad_value: String,
    #[serde(rename = "Z")]
    z: Tensor,
    t: Tensor,
    argmax: Tensor,
    delta: Tensor,
    up: Tensor,
}

#[derive(Deserialize)]
struct Pointwise {
    name: String,
    a: Tensor,
    z: Tensor,
    derivative: Tensor,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Eq24 {
    delta: Tensor,
    #[serde(rename = "W")]
    w: Tensor,
    full: Tensor,
    top_left_only: Tensor,
}

#[track_caller]
fn check(what: &str, got: &[f32], expected: &[f32]) {
    let expected = wide(expected);
    assert_close(what, got, &expected, TOLERANCE * largest(&expected));
}

fn check_conv(what: &str, case: &Conv) {
    let [batch, channels, height, width] = case.x.sizes();
    let [filters, in_c, kh, kw] = case.w.kernel_sizes();
    let shared = case.channel_mode == "shared";
    let turned = case.kernel_mode == "convolution";
    let x = case.x.nhwc();
    let mut source = x.clone();
    if shared {
        source = vec![f32::NAN; x.len() / channels];
        channel_sum_forward(channels, &x, &mut source);
    }
    let shape = Conv2dShape::new(
        [height, width, in_c],
        [kh, kw, filters],
        [case.stride; 2],
        [0; 4],
    )
    .expect("a legal case");
    for winograd in [Winograd::Auto, Winograd::Off] {
        let conv = Conv2d::new(shape, winograd);
        let mut workspace = vec![f32::NAN; conv.workspace_len().expect("a small workspace")];
        let (w, delta) = (case.w.hwio(turned), case.delta.nhwc());

        let mut a = vec![f32::NAN; delta.len()];
        let (bias, linear) = (case.b.f32(), Activation::Linear);
        conv2d_forward(
            &conv,
            batch,
            &source,
            &w,
            Some(&bias),
            linear,
            &mut a,
            &mut workspace,
        );
        check(&format!("{what} a"), &a, &case.a.nhwc());

        let (mut dw, mut db) = (vec![f32::NAN; w.len()], vec![f32::NAN; filters]);
        let bias = Some(&mut db[..]);
        conv2d_backward_weight(
            &conv,
            batch,
            &source,
            &delta,
            &mut dw,
            bias,
            false,
            &mut workspace,
        );
        check(&format!("{what} dW"), &dw, &case.dw.hwio(turned));
        check(&format!("{what} db"), &db, &case.db.f32());

        let mut dx = vec![f32::NAN; source.len()];
        conv2d_backward_input(&conv, batch, &delta, &w, &mut dx, &mut workspace);
        if shared {
            let gradient = dx;
            dx = vec![f32::NAN; x.len()];
            channel_sum_backward(channels, &gradient, &mut dx);
        }
        check(&format!("{what} dX"), &dx, &case.dx.nhwc());
    }
}

fn check_pool(what: &str, case: &Pool) {
    let [batch, channels, height, width] = case.z.sizes();
    let (m, ceil) = (case.size, case.rounding == "ceil");
    let out = |side: usize| if ceil { side.div_ceil(m) } else { side / m };
    let outs = [out(height), out(width)];
    let before = |side: usize| {
        let missing = (out(side) * m).saturating_sub(side);
        if case.pad_side == "start" { missing } else { 0 }
    };
    let shape = MaxPool2dShape::new(
        [height, width, channels],
        [m; 2],
        [m; 2],
        [before(height), before(width)],
        outs,
        case.pad_value == "zero",
    )
    .expect("a legal case");
    let (mut t, mut positions) = (
        vec![f32::NAN; case.t.data.len()],
        vec![-7; case.t.data.len()],
    );
    max_pool2d_forward(&shape, batch, &case.z.nhwc(), &mut t, Some(&mut positions));
    check(&format!("{what} t"), &t, &case.t.nhwc());
    let argmax: Vec<i32> = case.argmax.nhwc().iter().map(|&at| at as i32).collect();
    assert_eq!(positions, argmax, "{what} argmax");

    let mut up = vec![f32::NAN; case.z.data.len()];
    let delta = case.delta.nhwc();
    max_pool2d_backward(&shape, batch, &delta, &positions, &mut up, Below::default())
        .expect("positions of the plane");
    check(&format!("{what} up"), &up, &case.up.nhwc());
}

fn check_activation(what: &str, case: &Pointwise) {
    let activation = match &case.name[..] {
        "identity" => Activation::Linear,
        "relu" => Activation::Relu,
        "sigmoid" => Activation::Sigmoid,
        "tanh" => Activation::Tanh,
        name => panic!("{what}: unknown activation {name}"),
    };
    let a = case.a.f32();
    let mut z = vec![f32::NAN; a.len()];
    activation_forward(activation, InOut::apart(&a, &mut z));
    check(&format!("{what} z"), &z, &case.z.f32());
    let mut derivative = vec![1.0; a.len()];
    activation_backward(activation, &z, InOut::in_place(&mut derivative));
    check(
        &format!("{what} derivative"),
        &derivative,
        &case.derivative.f32(),
    );
}

/// The adjoint by the kernel, and what the printed form has of it: a correlation with zeros at top and left only.
fn check_eq24(what: &str, case: &Eq24) {
    let (&[height, width], &[kh, kw]) = (&case.delta.shape[..], &case.w.shape[..]) else {
        panic!("{what}: two axes each");
    };
    let full = [height + kh - 1, width + kw - 1, 1];
    let shape = Conv2dShape::new(full, [kh, kw, 1], [1; 2], [0; 4]).expect("a legal case");
    let conv = Conv2d::new(shape, Winograd::Off);
    let mut workspace = vec![f32::NAN; conv.workspace_len().expect("a small workspace")];
    let turned: Vec<f32> = case.w.f32().into_iter().rev().collect();
    let mut dx = vec![f32::NAN; full[0] * full[1]];
    conv2d_backward_input(
        &conv,
        1,
        &case.delta.f32(),
        &turned,
        &mut dx,
        &mut workspace,
    );
    check(&format!("{what} full"), &dx, &case.full.f32());

    let padding = [kh - 1, 0, kw - 1, 0];
    let shape =
        Conv2dShape::new([height, width, 1], [kh, kw, 1], [1; 2], padding).expect("a legal case");
    let conv = Conv2d::new(shape, Winograd::Off);
    let mut workspace = vec![f32::NAN; conv.workspace_len().expect("a small workspace")];
    let mut printed = vec![f32::NAN; height * width];
    let (delta, w, linear) = (case.delta.f32(), case.w.f32(), Activation::Linear);
    conv2d_forward(
        &conv,
        1,
        &delta,
        &w,
        None,
        linear,
        &mut printed,
        &mut workspace,
    );
    check(
        &format!("{what} topLeftOnly"),
        &printed,
        &case.top_left_only.f32(),
    );
}

#[test]
fn operations() {
    for path in files() {
        let name = path.display();
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
        let file: File =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(!file.cases.is_empty(), "{name} holds no cases");
        for (index, case) in file.cases.iter().enumerate() {
            let what = format!("{name}, case {index}");
            match case {
                Case::Conv(case) => check_conv(&what, case),
                Case::Maxpool(case) => check_pool(&what, case),
                Case::Activation(case) => check_activation(&what, case),
                Case::Eq24(case) => check_eq24(&what, case),
            }
        }
    }
}
