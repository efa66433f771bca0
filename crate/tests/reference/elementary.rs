//! Elementary functions in f64, and the distance of an f32 from an exact value.

/// `1 / (1 + exp(-x))`, accurate at both ends.
pub fn sigmoid(x: f64) -> f64 {
    if x < 0.0 {
        x.exp() / (1.0 + x.exp())
    } else {
        1.0 / (1.0 + (-x).exp())
    }
}

/// Distance of `got` from `exact`, in units of the last place of an f32 of that size. Infinite when just one of them
/// is NaN, or one is infinite and the other does not round to it.
pub fn ulps(got: f32, exact: f64) -> f64 {
    let rounded = exact as f32;
    if got.is_nan() || exact.is_nan() || got.is_infinite() || rounded.is_infinite() {
        let same = got == rounded || (got.is_nan() && exact.is_nan());
        return if same { 0.0 } else { f64::INFINITY };
    }
    // An f32 has 23 bits behind the leading one, and none below 2^-149. Bits 52 and up of an f64 are its exponent.
    let exponent = (exact.abs().to_bits() >> 52) as i32 - 1023;
    let unit = 2f64.powi((exponent - 23).max(-149));
    (f64::from(got) - exact).abs() / unit
}
