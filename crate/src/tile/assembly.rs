//! The inner loop of the wide tile, written out: an instruction order that LLVM would not keep.
//!
//! Each step loads eight floats of b, then per row one float of a and at once its products, so that of a only one vector is
//! alive. V8 keeps that order, and its 15 registers are just enough. Between two steps there is always a branch: without,
//! `wasm-opt` would join them into chains, whose many loads V8 has to spill.

use std::arch::global_asm;

unsafe extern "C" {
    /// `out[i * 8 + j] = sum over p < steps of a[i * stride + p] * b[p * 8 + j]` for [`super::wide::WIDE_ROWS`] rows;
    /// `stride` in bytes.
    pub fn fourlane_wide_tile(
        steps: usize,
        a: *const f32,
        stride: usize,
        b: *const f32,
        out: *mut f32,
    );
}

/// Instructions one after the other.
macro_rules! lines {
    ($($line:expr),* $(,)?) => { concat!($($line, "\n"),*) };
}

/// `local $sum += local $x * local $b`.
#[cfg(target_feature = "relaxed-simd")]
macro_rules! add_product {
    ($sum:literal, $x:literal, $b:literal) => {
        lines!(
            concat!("local.get ", $x),
            concat!("local.get ", $b),
            concat!("local.get ", $sum),
            "f32x4.relaxed_madd",
            concat!("local.set ", $sum),
        )
    };
}
#[cfg(not(target_feature = "relaxed-simd"))]
macro_rules! add_product {
    ($sum:literal, $x:literal, $b:literal) => {
        lines!(
            concat!("local.get ", $x),
            concat!("local.get ", $b),
            "f32x4.mul",
            concat!("local.get ", $sum),
            "f32x4.add",
            concat!("local.set ", $sum),
        )
    };
}

/// One row of one step: a float at an offset from its pointer into local $x, times both vectors of b.
macro_rules! row {
    ($pointer:literal + $offset:literal, $left:literal $right:literal, $x:literal, $b0:literal $b1:literal) => {
        lines!(
            concat!("local.get ", $pointer),
            concat!("v128.load32_splat ", $offset, ":p2align=2"),
            concat!("local.set ", $x),
            add_product!($left, $x, $b0),
            add_product!($right, $x, $b1),
        )
    };
}

/// Eight floats of b at an offset from its pointer.
macro_rules! load_b {
    ($left:literal $right:literal, $b0:literal $b1:literal) => {
        lines!(
            "local.get 3",
            concat!("v128.load ", $left, ":p2align=2"),
            concat!("local.set ", $b0),
            "local.get 3",
            concat!("v128.load ", $right, ":p2align=2"),
            concat!("local.set ", $b1),
        )
    };
}

macro_rules! advance {
    ($pointer:literal by $bytes:literal) => {
        lines!(
            concat!("local.get ", $pointer),
            concat!("i32.const ", $bytes),
            "i32.add",
            concat!("local.set ", $pointer),
        )
    };
}

/// Local $to = local $from + stride.
macro_rules! next_row {
    ($from:literal to $to:literal) => {
        lines!(
            concat!("local.get ", $from),
            "local.get 2",
            "i32.add",
            concat!("local.set ", $to),
        )
    };
}

macro_rules! store {
    ($($sum:literal at $offset:literal),* $(,)?) => {
        concat!($(lines!(
            "local.get 4",
            concat!("local.get ", $sum),
            concat!("v128.store ", $offset, ":p2align=2"),
        )),*)
    };
}

/// Runs a body as often as local $count says.
macro_rules! repeat {
    ($count:literal, $($body:expr),* $(,)?) => {
        lines!(
            "block",
            concat!("local.get ", $count),
            "i32.eqz",
            "br_if 0",
            "loop",
            $($body,)*
            concat!("local.get ", $count),
            "i32.const 1",
            "i32.sub",
            concat!("local.tee ", $count),
            "br_if 0",
            "end_loop",
            "end_block",
        )
    };
}

macro_rules! function {
    ($locals:literal, $($body:expr),* $(,)?) => {
        lines!(
            ".globl fourlane_wide_tile",
            ".type fourlane_wide_tile,@function",
            "fourlane_wide_tile:",
            ".functype fourlane_wide_tile (i32, i32, i32, i32, i32) -> ()",
            concat!(".local ", $locals),
            $($body,)*
            "end_function",
        )
    };
}

// Locals: 0 to 4 are the parameters, of which 1 points into row 0; 5 to 9 point into rows 1 to 5; 10 to 21 are the sums,
// 22 and 23 are b, 24 is a.
#[cfg(target_feature = "relaxed-simd")]
global_asm!(function!(
    "i32, i32, i32, i32, i32, v128, v128, v128, v128, v128, v128, v128, v128, v128, v128, v128, v128, v128, v128, v128",
    next_row!(1 to 5),
    next_row!(5 to 6),
    next_row!(6 to 7),
    next_row!(7 to 8),
    next_row!(8 to 9),
    repeat!(
        0,
        load_b!(0 16, 22 23),
        row!(1 + 0, 10 11, 24, 22 23),
        row!(5 + 0, 12 13, 24, 22 23),
        row!(6 + 0, 14 15, 24, 22 23),
        row!(7 + 0, 16 17, 24, 22 23),
        row!(8 + 0, 18 19, 24, 22 23),
        row!(9 + 0, 20 21, 24, 22 23),
        advance!(1 by 4),
        advance!(5 by 4),
        advance!(6 by 4),
        advance!(7 by 4),
        advance!(8 by 4),
        advance!(9 by 4),
        advance!(3 by 32),
    ),
    store!(10 at 0, 11 at 16, 12 at 32, 13 at 48, 14 at 64, 15 at 80),
    store!(16 at 96, 17 at 112, 18 at 128, 19 at 144, 20 at 160, 21 at 176),
));

/// Leaves the loop after one of two steps, when it was the last.
#[cfg(not(target_feature = "relaxed-simd"))]
macro_rules! leave_after {
    ($count:literal) => {
        lines!(
            concat!("local.get ", $count),
            "i32.const 1",
            "i32.sub",
            concat!("local.tee ", $count),
            "i32.eqz",
            "br_if 1",
        )
    };
}

// Locals: 0 to 4 are the parameters, of which 1 points into row 0; 5 to 7 point into rows 1 to 3; 8 to 15 are the sums, 16
// and 17 are b, 18 is a.
#[cfg(not(target_feature = "relaxed-simd"))]
global_asm!(function!(
    "i32, i32, i32, v128, v128, v128, v128, v128, v128, v128, v128, v128, v128, v128",
    next_row!(1 to 5),
    next_row!(5 to 6),
    next_row!(6 to 7),
    repeat!(
        0,
        load_b!(0 16, 16 17),
        row!(1 + 0, 8 9, 18, 16 17),
        row!(5 + 0, 10 11, 18, 16 17),
        row!(6 + 0, 12 13, 18, 16 17),
        row!(7 + 0, 14 15, 18, 16 17),
        leave_after!(0),
        load_b!(32 48, 16 17),
        row!(1 + 4, 8 9, 18, 16 17),
        row!(5 + 4, 10 11, 18, 16 17),
        row!(6 + 4, 12 13, 18, 16 17),
        row!(7 + 4, 14 15, 18, 16 17),
        advance!(1 by 8),
        advance!(5 by 8),
        advance!(6 by 8),
        advance!(7 by 8),
        advance!(3 by 64),
    ),
    store!(8 at 0, 9 at 16, 10 at 32, 11 at 48, 12 at 64, 13 at 80, 14 at 96, 15 at 112),
));
