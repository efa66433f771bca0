//! Loops over blocks, shared by a few threads.
//!
//! [`run`] calls a job once for each block and returns when all are done. Which thread does which block is left to
//! chance; so that results are not, blocks are fixed by shape (rows, tiles) and never by the number of threads, each
//! writes its own output, and sums over blocks go through partial results that are added in block order afterwards.
//!
//! | where | threads |
//! | --- | --- |
//! | wasm with atomics | those that JavaScript starts for the engine's memory |
//! | wasm without | the caller |
//! | native | the caller, or as many as [`with_threads`] says |
//!
//! | file | what it holds |
//! | --- | --- |
//! | `region` | the protocol: claiming blocks, waiting for them, sleeping |
//! | `sync` | atomics and sleeping, per platform |
//! | `native`, `shared`, `alone` | who takes part, per platform: one of them is `platform` |
//! | `split` | memory that the blocks of a region write side by side |

#[cfg(any(not(target_arch = "wasm32"), target_feature = "atomics"))]
mod region;
mod split;
#[cfg(any(not(target_arch = "wasm32"), target_feature = "atomics"))]
mod sync;

// Who takes part.
#[cfg_attr(not(target_arch = "wasm32"), path = "native.rs")]
#[cfg_attr(
    all(target_arch = "wasm32", target_feature = "atomics"),
    path = "shared.rs"
)]
#[cfg_attr(
    all(target_arch = "wasm32", not(target_feature = "atomics")),
    path = "alone.rs"
)]
mod platform;

#[cfg(not(target_arch = "wasm32"))]
pub use platform::with_threads;
#[cfg(target_arch = "wasm32")]
pub use platform::{limit, poison, serve, start, stop, wake};
pub use split::Split;

/// What a region costs on one thread, estimated from its shape. Decides whether helpers are worth calling: fork and
/// join take about a microsecond when they are awake, and some 30 until they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Work {
    nanoseconds: u64,
}

impl Work {
    /// Below this the caller is alone.
    pub const WORTH_SHARING: Self = Self { nanoseconds: 5_000 };
    /// From here on sleeping helpers are woken.
    pub const WORTH_WAKING: Self = Self {
        nanoseconds: 50_000,
    };

    /// Additions and multiplications in registers, near the peak of one thread: about 30 in a nanosecond. More than
    /// `usize` can count where that has 32 bits.
    pub const fn flops(count: u64) -> Self {
        Self {
            nanoseconds: count / 32,
        }
    }

    /// Floats read or written once by simple loops: about 2 in a nanosecond.
    pub const fn floats(count: usize) -> Self {
        Self {
            nanoseconds: count as u64 / 2,
        }
    }
}

/// Threads that may take part, the caller among them: worker numbers are below this. Kernels size scratch memory per
/// worker by it.
pub fn workers() -> usize {
    platform::workers()
}

/// Calls `job(block, worker)` once for each block in `0..blocks`, on up to [`workers`] threads, and returns when all
/// calls have returned. Two calls with the same `worker` never overlap in time.
///
/// Whether helpers take part hangs on `blocks` and `work`, so on shape; four blocks for each thread or more let fast
/// threads take over from slow ones.
///
/// # Panics
/// When a job panics, and when called from inside a job.
pub fn run(blocks: usize, work: Work, job: impl Fn(usize, usize) + Sync) {
    run_any(blocks, work, &job);
}

/// Of any type of job, so that each has its code once and not once more for callers who are alone.
fn run_any(blocks: usize, work: Work, job: &(dyn Fn(usize, usize) + Sync)) {
    if blocks > 1 && work >= Work::WORTH_SHARING && workers() > 1 {
        platform::share(blocks, work, job);
    } else {
        for block in 0..blocks {
            job(block, 0);
        }
    }
}

/// As [`run`], over consecutive pieces of `values`: `job(block, piece, worker)`, where each piece has `piece_len`
/// elements and the last one what is left.
///
/// # Panics
/// As [`run`], and when `piece_len` is 0.
pub fn run_pieces<T: Send>(
    values: &mut [T],
    piece_len: usize,
    work: Work,
    job: impl Fn(usize, &mut [T], usize) + Sync,
) {
    let len = values.len();
    let split = Split::new(values);
    run(len.div_ceil(piece_len), work, |block, worker| {
        let start = block * piece_len;
        // SAFETY: each block is given out once, and pieces of different blocks do not overlap.
        let piece = unsafe { split.part(start..len.min(start + piece_len)) };
        job(block, piece, worker);
    });
}

/// As [`run`], with scratch memory: `job(block, scratch)`, where `scratch` is `len` elements that no other thread has at
/// the time, as an earlier block left them. `memory` holds [`scratch_len`] of them.
///
/// # Panics
/// As [`run`], and when `memory` is too short.
pub fn run_with_scratch<T: Send>(
    blocks: usize,
    work: Work,
    (memory, len): (&mut [T], usize),
    job: impl Fn(usize, &mut [T]) + Sync,
) {
    let memory = Split::new(memory);
    run(blocks, work, |block, worker| {
        // SAFETY: calls with the same worker do not overlap in time, and the parts of two workers not in space.
        let scratch = unsafe { memory.part(worker * len..(worker + 1) * len) };
        job(block, scratch);
    });
}

/// Elements of memory for [`run_with_scratch`] with scratch of `len`.
pub fn scratch_len(len: usize) -> usize {
    workers().saturating_mul(len)
}

#[cfg(all(test, loom))]
mod model;
#[cfg(all(test, not(loom)))]
mod tests;
