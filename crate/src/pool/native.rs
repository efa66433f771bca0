//! Native threads, for tests: there as many as a test asks for, else the caller alone.

use super::Work;
use super::region::{HELPER_FAILED, Pool};
use std::cell::RefCell;
use std::sync::Arc;
use std::thread;

thread_local! {
    static CURRENT: RefCell<Option<Arc<Pool>>> = const { RefCell::new(None) };
}

pub fn workers() -> usize {
    CURRENT.with_borrow(|current| current.as_ref().map_or(1, |pool| pool.threads()))
}

pub fn share(blocks: usize, work: Work, job: &(dyn Fn(usize, usize) + Sync)) {
    let pool = CURRENT.with_borrow(Clone::clone);
    let pool = pool.expect("several workers");
    assert!(pool.share(blocks, work, job), "{HELPER_FAILED}");
}

/// Runs `body` with so many threads for the regions that it runs, the calling one among them.
pub fn with_threads<R>(threads: usize, body: impl FnOnce() -> R) -> R {
    let pool = Arc::new(Pool::new());
    pool.set_threads(threads);
    thread::scope(|scope| {
        for worker in 1..threads {
            let pool = &pool;
            scope.spawn(move || pool.serve(worker));
        }
        let _current = Current::new(Arc::clone(&pool));
        body()
    })
}

/// The pool of this thread for as long as this lives; stopped afterwards, also in a panic.
struct Current(Arc<Pool>);

impl Current {
    fn new(pool: Arc<Pool>) -> Self {
        let before = CURRENT.replace(Some(Arc::clone(&pool)));
        assert!(before.is_none(), "with_threads inside with_threads");
        Self(pool)
    }
}

impl Drop for Current {
    fn drop(&mut self) {
        CURRENT.set(None);
        self.0.stop();
    }
}

/// Lets so many threads take part, at most.
#[cfg(all(test, not(loom)))]
pub fn limit(threads: usize) {
    CURRENT.with_borrow(|current| current.as_ref().expect("a pool").limit(threads));
}
