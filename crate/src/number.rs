//! Numbers from JavaScript in messages. The standard library prints every `f64` exactly, which takes a tenth of the
//! `.wasm`; a message that refuses a size can do with less.

use std::fmt;

/// Integers whole up to 2^63, fractions cut after six digits.
pub struct Number(pub f64);

/// Digits of a fraction, at most.
const DIGITS: u32 = 6;

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(value) = *self;
        if value.is_nan() {
            return f.write_str("NaN");
        }
        if value.is_sign_negative() {
            f.write_str("-")?;
        }
        let size = value.abs();
        if size >= 9_223_372_036_854_775_808.0 {
            return f.write_str(if size.is_infinite() {
                "Infinity"
            } else {
                "a number of 2^63 or more"
            });
        }
        let whole = size as u64;
        write!(f, "{whole}")?;
        let scale = 10_u32.pow(DIGITS);
        let mut fraction = ((size - whole as f64) * f64::from(scale)) as u32;
        if size == whole as f64 {
            return Ok(());
        }
        f.write_str(".")?;
        let mut place = scale;
        while place > 1 {
            place /= 10;
            write!(f, "{}", fraction / place)?;
            fraction %= place;
            if fraction == 0 {
                break;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_readable() {
        let rows = [
            (0.0, "0"),
            (-0.0, "-0"),
            (42.0, "42"),
            (-1.0, "-1"),
            (1.5, "1.5"),
            (-0.0625, "-0.0625"),
            (7.000_001, "7.000001"),
            (1e-9, "0.0"),
            (4_294_967_296.0, "4294967296"),
            (9_007_199_254_740_993.0, "9007199254740992"),
            (1e300, "a number of 2^63 or more"),
            (f64::INFINITY, "Infinity"),
            (f64::NEG_INFINITY, "-Infinity"),
            (f64::NAN, "NaN"),
        ];
        for (value, text) in rows {
            assert_eq!(Number(value).to_string(), text);
        }
    }
}
