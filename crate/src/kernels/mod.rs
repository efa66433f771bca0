//! One file per operation, forward with backward.

pub mod activation;
pub mod adam;
pub mod bias;
pub mod bias_gradient;
pub mod channel_sum;
pub mod conv2d;
pub mod dense;
pub mod dense_panels;
pub mod elementwise;
pub mod fusion;
pub mod half_squared_error;
pub mod max_pool2d;
pub mod moments;
pub mod peak;
pub mod permute;
pub mod pool_probe;
pub mod random;
pub mod sgd;
pub mod sgd_momentum;
mod share;
pub mod softmax;
pub mod softmax_cross_entropy;
