//! Shapes that live on the Rust side, named by number, so that a step passes one handle and not a dozen sizes.

use crate::error::{Error, Result};
use crate::number::Number;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Numbers are unique over all tables: a handle of another kind, or one destroyed, is found nowhere. 32 bits would come
/// round in a page that makes plans for days; a JavaScript number holds 53.
static NEXT: AtomicU64 = AtomicU64::new(1);

/// Shapes of one kind by handle.
pub struct Handles<T> {
    kind: &'static str,
    /// Ascending, as handles are given out in order.
    shapes: Mutex<Vec<(u64, T)>>,
}

impl<T: Copy> Handles<T> {
    /// An empty table; `kind` names it in errors.
    pub const fn new(kind: &'static str) -> Self {
        Self {
            kind,
            shapes: Mutex::new(Vec::new()),
        }
    }

    fn shapes(&self) -> MutexGuard<'_, Vec<(u64, T)>> {
        self.shapes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn unknown(&self, handle: f64) -> Error {
        Error(format!("{}: unknown handle {}", self.kind, Number(handle)))
    }

    /// Keeps `shape`; its handle.
    pub fn create(&self, shape: T) -> f64 {
        let mut shapes = self.shapes();
        let handle = NEXT.fetch_add(1, Ordering::Relaxed);
        shapes.push((handle, shape));
        handle as f64
    }

    /// The shape behind `handle`.
    pub fn get(&self, handle: f64) -> Result<T> {
        let shapes = self.shapes();
        self.find(&shapes, handle).map(|place| shapes[place].1)
    }

    /// Forgets `handle`.
    pub fn destroy(&self, handle: f64) -> Result<()> {
        let mut shapes = self.shapes();
        let place = self.find(&shapes, handle)?;
        shapes.remove(place);
        Ok(())
    }

    fn find(&self, shapes: &[(u64, T)], handle: f64) -> Result<usize> {
        let key = handle as u64;
        let place = shapes.binary_search_by_key(&key, |&(key, _)| key);
        place
            .ok()
            .filter(|_| key as f64 == handle)
            .ok_or_else(|| self.unknown(handle))
    }
}
