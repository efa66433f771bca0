//! What the passes need of one F(m x m, r x r). They are the same for all, and exist once: the transforms are called
//! through pointers, each for thousands of pixels.

use super::planes::{Planes, PlanesMut};
use super::points::{Four, Points, Six};
use super::squares::Images;
use super::tiles::{Tiles, Tiling};
use super::transform;
use super::weights;
use crate::kernels::bias::BiasFloor;
use crate::pool::{Split, Work};
use crate::shape::Conv2dShape;

/// Squares of pixels at tiles, `before` rows and columns ahead of their first outputs, into planes from a tile number on.
type ToPlanes = fn(&Images, &[f32], [usize; 2], Tiles, &PlanesMut<'_>, usize);

/// Planes into squares of pixels at tiles.
type ToOutput = fn(&Images, &mut [f32], Tiles, (&Planes, &[f32]), &BiasFloor<'_>);
type ToGradInput = fn(&Images, &mut [f32], [usize; 2], Tiles, (&Planes, &[f32]));

/// See [`weights::kernels_to_panel`] and [`weights::planes_to_kernels`].
type KernelsToPanel = fn(&Conv2dShape, &[f32], bool, usize, &Split<'_, f32>);
type PlanesToKernels = fn(&Conv2dShape, (&Planes, &[f32]), bool, usize, &Split<'_, f32>);

/// Sizes and transforms.
pub struct Filter {
    /// Outputs of a tile along an axis.
    pub m: usize,
    /// Pixels of a patch along an axis, and points: `m + r - 1`.
    pub n: usize,
    /// Size of the kernel.
    pub r: usize,
    /// Patches of the input: `B^T x B`.
    pub input_to_planes: ToPlanes,
    /// Tiles of the output's gradient: `A y A^T`.
    pub gradient_to_planes: ToPlanes,
    /// Tiles of the output: `finish(A^T m A)`.
    pub planes_to_output: ToOutput,
    /// Patches of the input's gradient, added to what is there: `B p B^T`.
    pub planes_to_grad_input: ToGradInput,
    /// Weights: `G w G^T`.
    pub kernels_to_panel: KernelsToPanel,
    /// The weights' gradient: `G^T u G`.
    pub planes_to_kernels: PlanesToKernels,
}

impl Filter {
    const fn new<P: Points<N, M, R>, const N: usize, const M: usize, const R: usize>() -> Self {
        Self {
            m: M,
            n: N,
            r: R,
            input_to_planes: transform::input_to_planes::<P, N>,
            gradient_to_planes: transform::gradient_to_planes::<P, N, M, R>,
            planes_to_output: transform::planes_to_output::<P, N, M, R>,
            planes_to_grad_input: transform::planes_to_grad_input::<P, N>,
            kernels_to_panel: weights::kernels_to_panel::<P, N, M, R>,
            planes_to_kernels: weights::planes_to_kernels::<P, N, M, R>,
        }
    }

    /// Number of planes.
    pub fn planes(&self) -> usize {
        self.n * self.n
    }

    /// Of the products of a pass.
    pub fn work(&self, shape: &Conv2dShape, batch: usize) -> Work {
        self.work_of(shape, batch * Tiling::new(shape, self).of_image())
    }

    /// Of the products of some tiles.
    pub fn work_of(&self, shape: &Conv2dShape, tiles: usize) -> Work {
        let products = tiles as u64 * (self.planes() * shape.in_c) as u64 * shape.out_c as u64;
        Work::flops(2 * products)
    }
}

/// F(2 x 2, 3 x 3).
pub static F2X3: Filter = Filter::new::<Four, 4, 2, 3>();
/// F(4 x 4, 3 x 3).
pub static F4X3: Filter = Filter::new::<Six, 6, 4, 3>();
/// F(5 x 5, 2 x 2).
pub static F5X2: Filter = Filter::new::<Six, 6, 5, 2>();
/// F(2 x 2, 5 x 5).
pub static F2X5: Filter = Filter::new::<Six, 6, 2, 5>();
