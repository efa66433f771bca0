//! Normally distributed numbers from uniform ones.

/// Replaces uniform numbers in (0, 1) by normal ones: `mean + stddev z`, where z has the distribution function Phi, or
/// Phi cut at -2 and 2 if `truncated`.
pub fn normal_from_uniform(mean: f64, stddev: f64, truncated: bool, values: &mut [f32]) {
    const BELOW: f64 = 0.022_750_131_948_179_21; // Phi(-2)
    for value in values {
        let u = f64::from(*value);
        let u = if truncated {
            BELOW + u * (1.0 - 2.0 * BELOW)
        } else {
            u
        };
        *value = (mean + stddev * quantile(u)) as f32;
    }
}

/// The z with Phi(z) = u, by bisection.
fn quantile(u: f64) -> f64 {
    let (mut low, mut high) = (-9.0, 9.0);
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        if 0.5 * libm::erfc(-middle / std::f64::consts::SQRT_2) < u {
            low = middle;
        } else {
            high = middle;
        }
    }
    (low + high) / 2.0
}
