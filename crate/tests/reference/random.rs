//! The normal distribution.

/// Share of a standard normal distribution below `z`.
pub fn distribution(z: f64) -> f64 {
    0.5 * libm::erfc(-z / std::f64::consts::SQRT_2)
}
