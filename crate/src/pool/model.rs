//! The protocol under every order of events, by `loom`: run with `RUSTFLAGS='--cfg loom' cargo test --lib pool::model`.

use super::Work;
use super::region::Pool;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::sync::{Arc, Condvar, Mutex};
use loom::thread;

/// Runs `body` with a pool that has so many helpers, in every order of events with up to `preemptions` switches away
/// from a thread that could go on, and stops it.
fn model(helpers: usize, preemptions: usize, body: impl Fn(&Pool) + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.check(move || {
        let pool = Arc::new(Pool::new());
        pool.set_threads(1 + helpers);
        let threads: Vec<_> = (1..=helpers)
            .map(|worker| {
                let pool = Arc::clone(&pool);
                thread::spawn(move || pool.serve(worker))
            })
            .collect();
        body(&pool);
        pool.stop();
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

/// Runs a region whose blocks are counted; fails unless each ran once, before the region ended.
fn counted_region(pool: &Pool, blocks: usize, work: Work) {
    let counts: Vec<_> = (0..blocks).map(|_| AtomicUsize::new(0)).collect();
    let fine = pool.share(blocks, work, &|block, _| {
        counts[block].fetch_add(1, Ordering::Relaxed);
    });
    assert!(fine);
    for count in &counts {
        assert_eq!(count.load(Ordering::Relaxed), 1);
    }
}

/// Runs a region of as many blocks as there are threads, each of which ends only when all have begun: hangs, which loom
/// reports, unless every helper comes.
fn region_for_all(pool: &Pool) {
    let begun = Mutex::new(0);
    let changed = Condvar::new();
    let fine = pool.share(pool.threads(), Work::WORTH_WAKING, &|_, _| {
        let mut count = begun.lock().unwrap();
        *count += 1;
        changed.notify_all();
        while *count < pool.threads() {
            count = changed.wait(count).unwrap();
        }
    });
    assert!(fine);
}

#[test]
fn helpers_that_sleep_are_woken() {
    model(1, 2, |pool| {
        region_for_all(pool);
        pool.wake();
        region_for_all(pool);
    });
}

#[test]
fn two_helpers_that_sleep_are_woken() {
    model(2, 1, |pool| region_for_all(pool));
}

#[test]
fn regions_of_different_sizes_follow_each_other() {
    model(1, 2, |pool| {
        counted_region(pool, 1, Work::WORTH_WAKING);
        counted_region(pool, 3, Work::WORTH_WAKING);
        counted_region(pool, 2, Work::WORTH_WAKING);
    });
}

#[test]
fn helpers_that_are_not_woken_are_not_needed() {
    model(1, 3, |pool| {
        counted_region(pool, 2, Work::WORTH_SHARING);
        counted_region(pool, 2, Work::WORTH_SHARING);
    });
}

#[test]
fn helpers_rest_and_come_back() {
    model(1, 2, |pool| {
        pool.limit(1);
        counted_region(pool, 2, Work::WORTH_WAKING);
        pool.limit(2);
        region_for_all(pool);
    });
}

#[test]
fn two_helpers() {
    model(2, 1, |pool| {
        counted_region(pool, 2, Work::WORTH_WAKING);
        counted_region(pool, 3, Work::WORTH_WAKING);
    });
}

#[test]
fn helpers_end_also_when_they_are_about_to_sleep() {
    model(2, 3, |_| ());
}

#[test]
fn poison_is_seen_by_the_region_that_it_comes_from() {
    model(1, 3, |pool| {
        let fine = pool.share(2, Work::WORTH_WAKING, &|block, _| {
            if block == 0 {
                pool.poison();
            }
        });
        assert!(!fine);
        let ran = AtomicUsize::new(0);
        let again = pool.share(2, Work::WORTH_WAKING, &|_, _| {
            ran.fetch_add(1, Ordering::Relaxed);
        });
        assert!(!again && ran.load(Ordering::Relaxed) == 0);
    });
}
