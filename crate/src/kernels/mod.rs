//! One file per operation, forward with backward.

pub mod activation;
pub mod bias;
pub mod conv2d;
pub mod dense;
pub mod dense_panels;
pub mod elementwise;
pub mod half_squared_error;
pub mod max_pool2d;
pub mod peak;
pub mod permute;
pub mod random;
pub mod sgd;
pub mod softmax;
pub mod softmax_cross_entropy;
