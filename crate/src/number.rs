//! A number from JavaScript as text.

use std::fmt::{Display, Formatter, Result};

/// Written in messages: integers up to 2^53 as they are, others to six decimals, larger ones by that bound. (The
/// standard library's own digits, always as many as are needed, are 15 KB of code.)
pub struct Number(pub f64);

impl Display for Number {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        const MOST: f64 = 9_007_199_254_740_992.0;
        let Self(value) = *self;
        let sign = if value < 0.0 { "-" } else { "" };
        let size = value.abs();
        if value.is_nan() {
            return f.write_str("NaN");
        }
        if size > MOST {
            return write!(
                f,
                "{sign}{}",
                if size.is_finite() {
                    "(over 2^53)"
                } else {
                    "Infinity"
                }
            );
        }
        write!(f, "{sign}{}", size as u64)?;
        match (size.fract() * 1e6) as u32 {
            0 if size.fract() == 0.0 => Ok(()),
            millionths => write!(f, ".{millionths:06}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Number;

    #[test]
    fn text_of_every_kind() {
        for (value, text) in [
            (0.0, "0"),
            (-7.0, "-7"),
            (4_294_967_296.0, "4294967296"),
            (9_007_199_254_740_992.0, "9007199254740992"),
            (0.5, "0.500000"),
            (-1.25, "-1.250000"),
            (1e-9, "0.000000"),
            (1e300, "(over 2^53)"),
            (f64::NEG_INFINITY, "-Infinity"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(Number(value).to_string(), text);
        }
    }
}
