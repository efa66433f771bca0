//! One file per operation, forward with backward.

pub mod peak;
