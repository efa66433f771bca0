//! Atomics, and a word to sleep on, for each place where the pool runs: wasm, native threads, and the model checker
//! `loom`, which runs a test under every order of events.

#[cfg(loom)]
pub use loom::{
    cell::UnsafeCell,
    sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering, fence},
};
#[cfg(not(loom))]
pub use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering, fence};

/// `pub const fn`, but no `const` for loom: its types cannot be made at compile time.
macro_rules! constructor {
    ($(#[$doc:meta])* fn $name:ident() -> Self $body:block) => {
        #[cfg(not(loom))]
        $(#[$doc])*
        pub const fn $name() -> Self $body
        #[cfg(loom)]
        $(#[$doc])*
        pub fn $name() -> Self $body
    };
}
pub(super) use constructor;

/// The standard cell with the interface of loom's, which finds accesses that race.
#[cfg(not(loom))]
pub struct UnsafeCell<T>(std::cell::UnsafeCell<T>);

#[cfg(not(loom))]
impl<T> UnsafeCell<T> {
    pub const fn new(value: T) -> Self {
        Self(std::cell::UnsafeCell::new(value))
    }

    pub fn with<R>(&self, read: impl FnOnce(*const T) -> R) -> R {
        read(self.0.get())
    }

    pub fn with_mut<R>(&self, write: impl FnOnce(*mut T) -> R) -> R {
        write(self.0.get())
    }
}

/// Looks at `condition` up to `budget` times; whether it came true.
///
/// A function of its own, called anew for each wait: V8 replaces the code of its baseline compiler only at calls, and
/// helpers would stay in theirs for ever.
#[inline(never)]
pub fn spin_until(budget: u32, mut condition: impl FnMut() -> bool) -> bool {
    (0..budget).any(|_| {
        std::hint::spin_loop();
        condition()
    })
}

pub use word::Word;

#[cfg(target_arch = "wasm32")]
mod word {
    use super::AtomicU32;
    use core::arch::wasm32::{memory_atomic_notify, memory_atomic_wait32};

    /// A number to sleep on until it changes.
    pub struct Word(pub AtomicU32);

    impl Word {
        constructor! {
            fn new() -> Self {
                Self(AtomicU32::new(0))
            }
        }

        /// Sleeps while the number is `expected`, until woken or for `timeout_ms`; whether that time ran out.
        pub fn wait(&self, expected: u32, timeout_ms: Option<u32>) -> bool {
            let nanoseconds = timeout_ms.map_or(-1, |ms| i64::from(ms) * 1_000_000);
            wait32(self.0.as_ptr(), expected, nanoseconds) == 2
        }

        /// Wakes all who sleep on it. Change the number first.
        pub fn notify_all(&self) {
            // SAFETY: the address of a live, aligned number.
            unsafe { memory_atomic_notify(self.0.as_ptr().cast(), u32::MAX) };
        }
    }

    /// Alone in its function, since the baseline compiler of V8 11.3 (Node 20) loses the values of locals that live
    /// across the instruction.
    #[inline(never)]
    fn wait32(address: *mut u32, expected: u32, timeout_ns: i64) -> i32 {
        // SAFETY: the address of a live, aligned number.
        unsafe { memory_atomic_wait32(address.cast(), expected.cast_signed(), timeout_ns) }
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod word {
    use super::{AtomicU32, Ordering};
    #[cfg(loom)]
    use loom::sync::{Condvar, Mutex};
    #[cfg(not(loom))]
    use std::sync::{Condvar, Mutex};
    use std::time::Duration;

    /// A number to sleep on until it changes.
    pub struct Word(pub AtomicU32, Mutex<()>, Condvar);

    impl Word {
        constructor! {
            fn new() -> Self {
                Self(AtomicU32::new(0), Mutex::new(()), Condvar::new())
            }
        }

        /// Sleeps while the number is `expected`, until woken or for `timeout_ms`; whether that time ran out. Under
        /// loom it never does, so that a test hangs where only the timeout would help.
        pub fn wait(&self, expected: u32, timeout_ms: Option<u32>) -> bool {
            let guard = self.1.lock().expect("nothing panics while holding it");
            if self.0.load(Ordering::SeqCst) != expected {
                return false;
            }
            match timeout_ms {
                Some(ms) if !cfg!(loom) => {
                    let timeout = Duration::from_millis(u64::from(ms));
                    let result = self.2.wait_timeout(guard, timeout);
                    result.expect("as above").1.timed_out()
                }
                _ => {
                    drop(self.2.wait(guard).expect("as above"));
                    false
                }
            }
        }

        /// Wakes all who sleep on it. Change the number first.
        pub fn notify_all(&self) {
            drop(self.1.lock().expect("nothing panics while holding it"));
            self.2.notify_all();
        }
    }
}
