//! Whether multiply-add rounds once or twice: the one thing that the bits of the relaxed build hang on.

use crate::simd::F32x4;
use std::hint::black_box;

/// True when [`F32x4::madd`] rounds once, on this machine under this JavaScript engine.
#[inline(never)]
pub fn is_fused() -> bool {
    // The square is 1 + 2^-11 + 2^-24; the last term is lost when it is rounded to a float before the addition.
    let root = black_box(1.0 + 1.0 / 4096.0);
    let minus_rounded = black_box(-1.0 - 1.0 / 2048.0);
    let rest = F32x4::splat(root).madd(F32x4::splat(root), F32x4::splat(minus_rounded));
    rest.to_array()[0] != 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_portable_twin_rounds_twice() {
        assert!(!is_fused());
    }

    #[test]
    fn the_probe_tells_the_two_apart() {
        let root = 1.0_f32 + 1.0 / 4096.0;
        let rounded = 1.0_f32 + 1.0 / 2048.0;
        assert_eq!(root * root, rounded);
        assert_ne!(root.mul_add(root, -rounded), 0.0);
    }
}
