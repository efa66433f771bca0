//! `output[j] = exp(input[j]) / sum over k of exp(input[k])` along each row.
//!
//! Each row is shifted so that its largest entry is 0: nothing overflows, and the sum is at least 1. A row with NaN or
//! plus infinity becomes NaN throughout, and so does one of minus infinities only.
//!
//! Sizes: all operands are `[rows, columns]`, row-major. Both may be zero.

use super::share::each_row;
use crate::elementary::Exp;
use crate::simd::{F32x4, InOut, LANES, sum, sum_with};

/// Overwrites `output`.
///
/// # Panics
/// When the slices are no whole rows or differ in length.
pub fn softmax_forward(columns: usize, input: &[f32], output: &mut [f32]) {
    check_rows(columns, input.len(), output.len());
    if columns == 0 {
        return;
    }
    each_row(columns, output, |row, output| {
        exponentials(&input[row], output);
        let total = F32x4::splat(sum(output, 0.0, |e| e) as f32);
        InOut::in_place(output).map(|e| e / total);
    });
}

/// `grad_input[j] = output[j] (grad_output[j] - sum over k of grad_output[k] output[k])`; overwrites `grad_input`.
///
/// # Panics
/// When the slices are no whole rows or differ in length.
pub fn softmax_backward(
    columns: usize,
    output: &[f32],
    grad_output: &[f32],
    grad_input: &mut [f32],
) {
    check_rows(columns, output.len(), grad_output.len());
    check_rows(columns, output.len(), grad_input.len());
    if columns == 0 {
        return;
    }
    each_row(columns, grad_input, |row, grad_input| {
        let (output, grad_output) = (&output[row.clone()], &grad_output[row]);
        let mean = F32x4::splat(sum_with(output, grad_output, |y, g| y * g) as f32);
        InOut::apart(grad_output, grad_input).map_with(output, |y, g| y * (g - mean));
    });
}

fn check_rows(columns: usize, len: usize, other: usize) {
    assert_eq!(len, other, "operands of rows of {columns}");
    assert!(
        columns == 0 || len.is_multiple_of(columns),
        "rows of {columns}"
    );
}

/// The largest entry; NaN is passed over, it shows in what is done with the entries next.
pub(super) fn largest(row: &[f32]) -> f32 {
    let mut lanes = F32x4::splat(f32::NEG_INFINITY);
    let (whole, rest) = row.as_chunks::<LANES>();
    for values in whole {
        lanes = lanes.pmax(F32x4::load(values));
    }
    lanes = lanes.pmax(F32x4::load_partial(rest, f32::NEG_INFINITY));
    let [a, b, c, d] = lanes.to_array();
    a.max(b).max(c.max(d))
}

/// `output[j] = exp(row[j] - largest)`.
#[inline(never)]
pub(super) fn exponentials(row: &[f32], output: &mut [f32]) {
    let (exp, shift) = (Exp::new(), F32x4::splat(largest(row)));
    InOut::apart(row, output).map(|x| exp.apply(x - shift));
}

/// Sum over j of `exp(row[j] - largest)`.
pub(super) fn sum_of_exponentials(row: &[f32], largest: f32) -> f64 {
    let (exp, shift) = (Exp::new(), F32x4::splat(largest));
    sum(row, f32::NEG_INFINITY, |x| exp.apply(x - shift))
}
