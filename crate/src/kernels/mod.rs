//! One file per operation, forward with backward.
