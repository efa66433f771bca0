//! Convolution with pixels read where they lie: four neighbouring output pixels are the rows of a tile, and each row of
//! their windows is contiguous in NHWC. Nothing but the weights is packed, once a call.
//!
//! | file | pass |
//! | --- | --- |
//! | [`forward`] | any kernel and stride |
//! | [`thin`] | the same for one or three channels |
//! | [`backward_input`] | stride 1: the forward pass over the gradient, with turned and transposed weights |
//! | [`backward_weight`] | any kernel and stride: a sum over pixels of outer products |
//! | [`image`] | images with their padding written out, so that no window is cut |

pub mod backward_input;
pub mod backward_weight;
pub mod forward;
pub mod image;
pub mod thin;
