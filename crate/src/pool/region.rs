//! The protocol between the caller of a region, its helpers, and their sleep.
//!
//! A region is a job and a number of blocks left. Whoever takes a block counts that down, and only then looks at the
//! job, which changes only while no block is left or running: so a helper that comes late takes a block of a newer region
//! or none. Each finished block counts `done` up; the caller takes blocks too, then waits for `done`. It waits for
//! blocks, never for helpers: one that sleeps, or lost its core, costs nothing but its help unless it holds a block.
//!
//! Two pairs of flag and look (`asleep` with `left`, `joining` with `done`) make sure that nobody sleeps through
//! what he waits for: each side writes its own, then reads the other's, with a fence between, so one of them sees.

use super::Work;
use super::sync::{
    AtomicBool, AtomicU32, AtomicUsize, Ordering, UnsafeCell, Word, constructor, fence, spin_until,
};

/// Looks at what is waited for before going to sleep, about 1.2 ns each: covers the serial work between two regions.
const SPIN: u32 = if cfg!(loom) {
    0
} else if cfg!(miri) {
    10
} else {
    50_000
};

/// How long a joiner sleeps before it looks for poison again.
const JOIN_SLEEP_MS: u32 = 1;

/// Sleeps without any block finished after which a joiner takes the helper for dead. Nothing but a thread killed from
/// outside comes to this.
const JOIN_SLEEPS: u32 = 5_000;

/// What a caller panics with when a helper died.
pub const HELPER_FAILED: &str = "pool: a helper failed";

type Job<'a> = dyn Fn(usize, usize) + Sync + 'a;

/// What the blocks of the current region do.
#[derive(Clone, Copy)]
struct Descriptor {
    job: *const Job<'static>,
    blocks: u32,
}

/// One caller and its helpers.
pub struct Pool {
    /// Threads in all, the caller among them.
    threads: AtomicUsize,
    /// Of them those that take part: workers below this.
    active: AtomicUsize,
    /// Blocks of the region that nobody took.
    left: AtomicU32,
    descriptor: UnsafeCell<Option<Descriptor>>,
    /// Blocks of the region that are finished.
    done: Word,
    joining: AtomicBool,
    /// Counts wake-ups; helpers sleep on it.
    signal: Word,
    /// Whether some helper that takes part may be asleep.
    asleep: AtomicBool,
    in_region: AtomicBool,
    poisoned: AtomicBool,
    stopped: AtomicBool,
}

// SAFETY: `descriptor` is written only between regions, by the one caller, and read only by holders of a block.
unsafe impl Sync for Pool {}
// SAFETY: the job behind the descriptor is `Sync`, and none is left between regions.
unsafe impl Send for Pool {}

impl Pool {
    constructor! {
        /// A pool of the caller alone.
        fn new() -> Self {
            Self {
                threads: AtomicUsize::new(1),
                active: AtomicUsize::new(1),
                left: AtomicU32::new(0),
                descriptor: UnsafeCell::new(None),
                done: Word::new(),
                joining: AtomicBool::new(false),
                signal: Word::new(),
                asleep: AtomicBool::new(false),
                in_region: AtomicBool::new(false),
                poisoned: AtomicBool::new(false),
                stopped: AtomicBool::new(false),
            }
        }
    }

    /// Says how many threads there are: helpers `1..threads` call [`Pool::serve`], before or after.
    pub fn set_threads(&self, threads: usize) {
        self.threads.store(threads, Ordering::Relaxed);
        self.limit(threads);
    }

    /// Lets so many threads take part from the next region on, at most; the others go to sleep.
    pub fn limit(&self, threads: usize) {
        if self.active.swap(threads, Ordering::Relaxed) < threads {
            // Those that come back sleep without this mark.
            self.asleep.store(true, Ordering::Relaxed);
        }
    }

    /// Threads in all, the caller among them.
    pub fn threads(&self) -> usize {
        self.threads.load(Ordering::Relaxed)
    }

    /// Runs a region; the caller is worker 0. One at a time. False when a helper died, now or earlier: then blocks may
    /// be missing.
    ///
    /// # Panics
    /// When a block of the caller panics, or another region is running.
    #[must_use]
    pub fn share(&self, blocks: usize, work: Work, job: &Job<'_>) -> bool {
        let blocks = u32::try_from(blocks).expect("blocks");
        if self.is_poisoned() {
            return false;
        }
        let nested = self.in_region.swap(true, Ordering::Acquire);
        assert!(!nested, "pool: a job cannot run another region");
        // SAFETY: only the lifetime changes. `Region` waits until nobody can call the job any more, also in a panic.
        let job: *const Job<'static> =
            unsafe { std::mem::transmute::<&Job<'_>, &Job<'static>>(job) };
        let descriptor = Some(Descriptor { job, blocks });
        // SAFETY: no block is left of earlier regions, so nobody reads it; `in_region` excludes other writers.
        self.descriptor
            .with_mut(|place| unsafe { *place = descriptor });
        self.done.0.store(0, Ordering::Relaxed);
        self.left.store(blocks, Ordering::Release);
        let region = Region { pool: self, blocks };
        if work >= Work::WORTH_WAKING {
            self.wake();
        }
        self.take_blocks(0);
        drop(region);
        !self.is_poisoned()
    }

    /// Helps until the pool is stopped.
    pub fn serve(&self, worker: usize) {
        loop {
            if self.is_active(worker) {
                self.take_blocks(worker);
            }
            if !spin_until(SPIN, || self.is_due(worker)) {
                self.sleep(worker);
            }
            if self.stopped.load(Ordering::Acquire) {
                return;
            }
        }
    }

    /// Wakes helpers that sleep; 7 us when there are any.
    pub fn wake(&self) {
        fence(Ordering::SeqCst);
        if self.asleep.load(Ordering::Relaxed) {
            // Before the count, so that who goes to sleep on the old one has its mark taken away with good reason.
            self.asleep.store(false, Ordering::Relaxed);
            self.signal.0.fetch_add(1, Ordering::Release);
            self.signal.notify_all();
        }
    }

    /// Ends the helpers; they return from [`Pool::serve`] on their own.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Release);
        self.signal.0.fetch_add(1, Ordering::Release);
        self.signal.notify_all();
    }

    /// Says that a helper died, perhaps with a block: the caller's region and every later one fails.
    pub fn poison(&self) {
        self.poisoned.store(true, Ordering::Release);
    }

    fn is_poisoned(&self) -> bool {
        self.poisoned.load(Ordering::Acquire)
    }

    fn is_active(&self, worker: usize) -> bool {
        worker < self.active.load(Ordering::Relaxed)
    }

    /// Whether there is a block to take, or an end.
    fn is_due(&self, worker: usize) -> bool {
        let left = self.left.load(Ordering::Relaxed) > 0;
        (left && self.is_active(worker)) || self.stopped.load(Ordering::Relaxed)
    }

    fn sleep(&self, worker: usize) {
        let signal = self.signal.0.load(Ordering::Acquire);
        if self.is_active(worker) {
            self.asleep.store(true, Ordering::Relaxed);
        }
        fence(Ordering::SeqCst);
        if !self.is_due(worker) {
            self.signal.wait(signal, None);
        }
    }

    /// Takes blocks until none is left. Not inlined, for the reason at [`spin_until`].
    #[inline(never)]
    fn take_blocks(&self, worker: usize) {
        loop {
            let left = self.left.load(Ordering::Relaxed);
            if left == 0 {
                return;
            }
            // Acquires the job that was written before this number was.
            let taken =
                self.left
                    .compare_exchange(left, left - 1, Ordering::Acquire, Ordering::Relaxed);
            if taken.is_err() {
                continue;
            }
            let _finished = Finished(self);
            // SAFETY: written before the number of which this is a block, and not again until it is finished.
            let descriptor = self.descriptor.with(|place| unsafe { *place });
            let Descriptor { job, blocks } = descriptor.expect("a region");
            // SAFETY: the caller keeps the job alive until this block is finished.
            unsafe { (*job)((blocks - left) as usize, worker) };
        }
    }

    /// Waits until so many blocks are finished.
    fn join(&self, blocks: u32) {
        let is_done = || self.done.0.load(Ordering::Acquire) == blocks;
        if is_done() || spin_until(SPIN, is_done) {
            return;
        }
        let mut sleeps = 0;
        self.joining.store(true, Ordering::Relaxed);
        loop {
            fence(Ordering::SeqCst);
            let done = self.done.0.load(Ordering::Acquire);
            if done == blocks {
                break;
            }
            let timed_out = self.done.wait(done, Some(JOIN_SLEEP_MS));
            sleeps = if timed_out { sleeps + 1 } else { 0 };
            // Where jobs unwind, their blocks are finished all the same, and leaving early would not be sound.
            if cfg!(panic = "abort") {
                assert!(!self.is_poisoned(), "{HELPER_FAILED}");
                assert!(sleeps < JOIN_SLEEPS, "pool: a helper does not answer");
            }
        }
        self.joining.store(false, Ordering::Relaxed);
    }
}

/// A region that has begun. When this is dropped it is over: no block is left, and none is running.
struct Region<'a> {
    pool: &'a Pool,
    blocks: u32,
}

impl Drop for Region<'_> {
    fn drop(&mut self) {
        // Some are left only when the caller panicked in one.
        let left = self.pool.left.swap(0, Ordering::Acquire);
        self.pool.join(self.blocks - left);
        self.pool.in_region.store(false, Ordering::Release);
    }
}

/// Counts a block as finished when dropped, in a panic too.
struct Finished<'a>(&'a Pool);

impl Drop for Finished<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.poison();
        }
        self.0.done.0.fetch_add(1, Ordering::AcqRel);
        fence(Ordering::SeqCst);
        if self.0.joining.load(Ordering::Relaxed) {
            self.0.done.notify_all();
        }
    }
}
