//! Shapes that live on the Rust side, named by number, so that a step passes one handle and not a dozen sizes.

use crate::error::{Error, Result};
use crate::number::Number;
use crate::sorted::Sorted;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Numbers are unique over all tables: a handle of another kind, or one destroyed, is found nowhere. 32 bits would come
/// round in a page that makes plans for days; a JavaScript number holds 53.
static NEXT: AtomicU64 = AtomicU64::new(1);

/// Shapes of one kind by handle.
pub struct Handles<T> {
    kind: &'static str,
    shapes: Mutex<Sorted<T>>,
}

impl<T: Copy> Handles<T> {
    /// An empty table; `kind` names it in errors.
    pub const fn new(kind: &'static str) -> Self {
        Self {
            kind,
            shapes: Mutex::new(Sorted::new()),
        }
    }

    fn shapes(&self) -> MutexGuard<'_, Sorted<T>> {
        self.shapes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn unknown(&self, handle: f64) -> Error {
        Error(format!("{}: unknown handle {}", self.kind, Number(handle)))
    }

    /// Keeps `shape`; its handle.
    pub fn create(&self, shape: T) -> f64 {
        let handle = NEXT.fetch_add(1, Ordering::Relaxed);
        self.shapes().insert(handle, shape);
        handle as f64
    }

    /// The shape behind `handle`.
    pub fn get(&self, handle: f64) -> Result<T> {
        let key = handle as u64;
        let shape = if key as f64 == handle {
            self.shapes().get(key).copied()
        } else {
            None
        };
        shape.ok_or_else(|| self.unknown(handle))
    }

    /// Forgets `handle`.
    pub fn destroy(&self, handle: f64) -> Result<()> {
        self.get(handle)?;
        self.shapes().remove(handle as u64);
        Ok(())
    }
}
