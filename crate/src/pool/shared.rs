//! Wasm with atomics: one pool for each memory, so that engines never meet. Its helpers are JavaScript workers, each
//! with an instance of its own on that memory.

use super::Work;
use super::region::{HELPER_FAILED, Pool};
use std::sync::atomic::{AtomicUsize, Ordering};

static POOL: Pool = Pool::new();
static WORKERS: AtomicUsize = AtomicUsize::new(1);

pub fn workers() -> usize {
    WORKERS.load(Ordering::Relaxed)
}

pub fn share(blocks: usize, work: Work, job: &(dyn Fn(usize, usize) + Sync)) {
    assert!(POOL.share(blocks, work, job), "{HELPER_FAILED}");
}

/// Sets the number of [`workers`]; whoever calls this is the one that runs regions.
pub fn start(threads: usize) {
    WORKERS.store(threads, Ordering::Relaxed);
}

/// Makes the calling thread a helper until [`stop`].
pub fn serve(worker: usize) {
    POOL.serve(worker);
}

/// Wakes helpers that sleep, ahead of regions that alone would not be worth it.
pub fn wake() {
    POOL.wake();
}

/// Says that a helper died: the region of which it may hold a block and every later one panics.
pub fn poison() {
    POOL.poison();
}

/// Ends the helpers.
pub fn stop() {
    POOL.stop();
}
