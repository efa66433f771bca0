use std::marker::PhantomData;
use std::ops::Range;

/// A slice that the blocks of a region write side by side, each its own parts.
pub struct Split<'a, T> {
    start: *mut T,
    len: usize,
    slice: PhantomData<&'a mut [T]>,
}

// SAFETY: hands out nothing but `&mut [T]`, whose callers promise that no two overlap; `T: Send` may go to any thread.
unsafe impl<T: Send> Sync for Split<'_, T> {}

impl<'a, T> Split<'a, T> {
    /// Takes the slice, to give out parts of it.
    pub fn new(slice: &'a mut [T]) -> Self {
        Self {
            start: slice.as_mut_ptr(),
            len: slice.len(),
            slice: PhantomData,
        }
    }

    /// Where a range starts, for places that are too scattered to be parts: no reference may be made to what others hold.
    ///
    /// # Panics
    /// When the range is outside the slice.
    #[inline(always)]
    pub fn pointer(&self, range: Range<usize>) -> *mut T {
        assert!(
            range.start <= range.end && range.end <= self.len,
            "part {range:?} of {}",
            self.len
        );
        // SAFETY: inside the slice that this holds.
        unsafe { self.start.add(range.start) }
    }

    /// One part.
    ///
    /// # Panics
    /// When the range is outside the slice.
    ///
    /// # Safety
    /// No two parts that are alive at one time overlap.
    #[allow(clippy::mut_from_ref)]
    pub unsafe fn part(&self, range: Range<usize>) -> &mut [T] {
        let len = range.len();
        // SAFETY: inside the slice that this holds; the caller's contract excludes every other reference to it.
        unsafe { std::slice::from_raw_parts_mut(self.pointer(range), len) }
    }
}
