use super::*;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Regions enough that helpers come, sleep and come again, and few enough for Miri.
const REGIONS: usize = if cfg!(miri) { 3 } else { 300 };
const LARGE: Work = Work::WORTH_WAKING;

#[test]
fn every_block_runs_once_whatever_the_number_of_threads() {
    for threads in 1..=4 {
        with_threads(threads, || {
            assert_eq!(workers(), threads);
            for region in 0..REGIONS {
                let blocks = region % 7;
                let counts: Vec<_> = (0..blocks).map(|_| AtomicUsize::new(0)).collect();
                run(blocks, LARGE, |block, worker| {
                    assert!(worker < threads);
                    counts[block].fetch_add(1, Ordering::Relaxed);
                });
                assert!(
                    counts
                        .iter()
                        .all(|count| count.load(Ordering::Relaxed) == 1)
                );
            }
        });
    }
    assert_eq!(workers(), 1);
}

#[test]
fn helpers_do_take_blocks() {
    // Each block waits until another thread is in one too, so this ends only with help.
    with_threads(2, || {
        let inside = AtomicUsize::new(0);
        let seen = Mutex::new(BTreeSet::new());
        run(2, LARGE, |_, worker| {
            inside.fetch_add(1, Ordering::SeqCst);
            while inside.load(Ordering::SeqCst) < 2 {
                std::thread::yield_now();
            }
            seen.lock().unwrap().insert(worker);
        });
        assert_eq!(seen.into_inner().unwrap(), BTreeSet::from([0, 1]));
    });
}

#[test]
fn no_worker_number_is_used_by_two_at_once() {
    with_threads(3, || {
        let busy: [AtomicUsize; 3] = std::array::from_fn(|_| AtomicUsize::new(0));
        for _ in 0..REGIONS {
            run(9, LARGE, |_, worker| {
                assert_eq!(busy[worker].fetch_add(1, Ordering::SeqCst), 0);
                std::hint::black_box(worker);
                busy[worker].fetch_sub(1, Ordering::SeqCst);
            });
        }
    });
}

#[test]
fn small_work_and_single_blocks_stay_on_the_caller() {
    let caller = std::thread::current().id();
    with_threads(3, || {
        let alone = |_: usize, worker: usize| {
            assert_eq!((worker, std::thread::current().id()), (0, caller));
        };
        run(100, Work::flops(1000), alone);
        run(1, LARGE, alone);
    });
}

#[test]
fn pieces_cover_the_slice_and_the_last_is_short() {
    for threads in 1..=3 {
        with_threads(threads, || {
            let mut values = vec![0; 1001];
            run_pieces(&mut values, 64, LARGE, |block, piece, _| {
                assert_eq!(piece.len(), if block == 15 { 41 } else { 64 });
                for (i, value) in piece.iter_mut().enumerate() {
                    *value += block * 64 + i + 1;
                }
            });
            assert!(values.iter().enumerate().all(|(i, &value)| value == i + 1));
        });
    }
}

#[test]
fn a_panic_in_a_block_reaches_the_caller_after_the_others_are_done() {
    for panicking in 0..4 {
        let result = catch_unwind(|| {
            with_threads(2, || {
                let alive = AtomicUsize::new(1);
                let caught = catch_unwind(AssertUnwindSafe(|| {
                    run(4, LARGE, |block, _| {
                        assert_eq!(alive.load(Ordering::SeqCst), 1);
                        assert_ne!(block, panicking, "on purpose");
                    });
                }));
                alive.store(0, Ordering::SeqCst);
                assert!(caught.is_err());
                // The pool is spoilt, as an engine is after a trap.
                assert!(catch_unwind(|| run(4, LARGE, |_, _| ())).is_err());
            });
        });
        // An error when it was a helper that panicked: scoped threads pass it on.
        drop(result);
    }
}

#[test]
fn a_job_cannot_run_another_region() {
    let nested = catch_unwind(|| {
        with_threads(2, || run(2, LARGE, |_, _| run(2, LARGE, |_, _| ())));
    });
    assert!(nested.is_err());
}

#[test]
fn parts_are_checked() {
    let mut values = [0; 4];
    let split = Split::new(&mut values);
    // SAFETY: no other part is alive.
    unsafe {
        assert_eq!(split.part(4..4).len(), 0);
        assert!(catch_unwind(AssertUnwindSafe(|| split.part(3..5).len())).is_err());
    }
}
