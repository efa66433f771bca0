//! Builds without atomics: there is nobody but the caller.

use super::Work;

/// The caller.
pub fn workers() -> usize {
    1
}

/// Not called.
pub fn share(_: usize, _: Work, _: &(dyn Fn(usize, usize) + Sync)) {
    unreachable!("there is one worker");
}

/// Nothing: there is nobody to be told.
pub fn start(_: usize) {}

/// Nothing: there is nobody to be told.
pub fn serve(_: usize) {}

/// Nothing: there is nobody to be told.
pub fn wake() {}

/// Nothing: there is nobody to be told.
pub fn poison() {}

/// Nothing: there is nobody to be told.
pub fn stop() {}
