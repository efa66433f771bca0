//! Memory of the engine: allocations, and the one place where numbers from JavaScript become slices.
//!
//! JavaScript names memory by byte address and length. An [`Access`], made anew for each call, hands out slices only
//! for ranges that lie whole inside one live allocation, are aligned, and do not overlap what the same call writes.
//! All arithmetic on the way is checked, so addresses above 2 GiB are as good as any other.

use crate::ensure;
use crate::error::{Error, Result};
use crate::number::Number;
use crate::simd::InOut;
use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::marker::PhantomData;
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Alignment of every allocation: a cache line.
pub const ALIGNMENT: usize = 64;

/// A JavaScript number as a size.
///
/// # Errors
/// When it is no integer in `0..=usize::MAX`.
pub fn to_usize(name: &str, value: f64) -> Result<usize> {
    if (0.0..=LARGEST_SIZE).contains(&value) && value.trunc() == value {
        return Ok(value as usize);
    }
    Err(no_size(name, value))
}

/// 2^53 bounds the check on 64-bit hosts; on wasm32 `usize::MAX` is the smaller bound.
const LARGEST_SIZE: f64 = (usize::MAX as f64).min(9_007_199_254_740_992.0);

/// Once, and not in every function that takes sizes.
#[cold]
#[inline(never)]
fn no_size(name: &str, value: f64) -> Error {
    Error(format!(
        "{name}: expected an integer in [0, {}], got {}",
        Number(LARGEST_SIZE),
        Number(value)
    ))
}

/// Live allocations by address. Knows numbers only, so it can be tested with any addresses.
#[derive(Default)]
struct Registry {
    /// Address and size, ascending. A few dozen; a tree would take more code than it saves time.
    blocks: Vec<(usize, usize)>,
    used_bytes: usize,
}

impl Registry {
    const fn new() -> Self {
        Self {
            blocks: Vec::new(),
            used_bytes: 0,
        }
    }

    /// Where the block at `address` is, or would be.
    fn find(&self, address: usize) -> std::result::Result<usize, usize> {
        self.blocks
            .binary_search_by_key(&address, |&(start, _)| start)
    }

    fn insert(&mut self, address: usize, byte_len: usize) {
        let place = self.find(address).unwrap_or_else(|place| place);
        self.blocks.insert(place, (address, byte_len));
        self.used_bytes += byte_len;
    }

    fn remove(&mut self, address: usize) -> Result<usize> {
        let place = self
            .find(address)
            .map_err(|_| Error(format!("free: no allocation starts at address {address}")))?;
        let (_, byte_len) = self.blocks.remove(place);
        self.used_bytes -= byte_len;
        Ok(byte_len)
    }

    /// The byte range of `len` four-byte elements at `address`, when it lies inside one allocation.
    fn resolve(&self, name: &str, address: usize, len: usize) -> Result<Range<usize>> {
        ensure!(
            len <= crate::shape::MAX_ELEMENTS,
            "{name}: {len} elements are too many"
        );
        ensure!(
            address.is_multiple_of(4),
            "{name}: address {address} is not a multiple of 4"
        );
        let byte_len = len * 4;
        let outside = || {
            Error(format!(
                "{name}: {byte_len} bytes at address {address} lie outside every live allocation"
            ))
        };
        let end = address.checked_add(byte_len).ok_or_else(outside)?;
        let place = match self.find(address) {
            Ok(place) => place,
            Err(behind) => behind.checked_sub(1).ok_or_else(outside)?,
        };
        let (start, block_len) = self.blocks[place];
        // Not `end <= start + block_len`, which wraps for a block at the end of the address space.
        match block_len.checked_sub(address - start) {
            Some(rest) if byte_len <= rest => Ok(address..end),
            _ => Err(outside()),
        }
    }
}

static REGISTRY: Mutex<Registry> = Mutex::new(Registry::new());

fn registry() -> MutexGuard<'static, Registry> {
    // Nothing panics while holding it; a poisoned lock could only hide the first panic's message.
    REGISTRY.lock().unwrap_or_else(PoisonError::into_inner)
}

fn layout(byte_len: usize) -> Result<Layout> {
    Layout::from_size_align(byte_len.max(1), ALIGNMENT).map_err(|_| {
        Error(format!(
            "alloc: {byte_len} bytes are more than one allocation can hold"
        ))
    })
}

/// A new zeroed allocation; its address.
///
/// # Errors
/// When it is too large or memory is exhausted.
pub fn alloc(byte_len: usize) -> Result<usize> {
    let layout = layout(byte_len)?;
    // SAFETY: the layout's size is at least 1.
    let pointer = unsafe { alloc_zeroed(layout) };
    ensure!(
        !pointer.is_null(),
        "alloc: {byte_len} bytes are not available"
    );
    let address = pointer.expose_provenance();
    registry().insert(address, byte_len);
    Ok(address)
}

/// Gives an allocation back.
///
/// # Errors
/// When none starts at `address`.
pub fn free(address: usize) -> Result<()> {
    let byte_len = registry().remove(address)?;
    let layout = layout(byte_len)?;
    // SAFETY: `alloc` made it with this layout, and the registry held it, so it was not freed before.
    unsafe { dealloc(std::ptr::with_exposed_provenance_mut(address), layout) };
    Ok(())
}

/// Bytes in live allocations, and their number.
pub fn usage() -> (usize, usize) {
    let registry = registry();
    (registry.used_bytes, registry.blocks.len())
}

/// Slices in one call, at most.
pub const MOST_OPERANDS: usize = 8;

/// Hands out the slices of one kernel call. See [`with_access`].
pub struct Access<'a> {
    taken: [(Range<usize>, bool); MOST_OPERANDS],
    count: usize,
    lifetime: PhantomData<&'a mut ()>,
}

/// Runs one kernel call with an [`Access`]. The slices cannot outlive `call`, and nothing is freed meanwhile.
pub fn with_access<R>(call: impl for<'a> FnOnce(&mut Access<'a>) -> Result<R>) -> Result<R> {
    call(&mut Access::new())
}

impl<'a> Access<'a> {
    #[inline(never)]
    fn new() -> Self {
        const NONE: (Range<usize>, bool) = (0..0, false);
        Self {
            taken: [NONE; MOST_OPERANDS],
            count: 0,
            lifetime: PhantomData,
        }
    }

    fn take(&mut self, name: &str, address: f64, len: usize, write: bool) -> Result<usize> {
        let range = registry().resolve(name, to_usize(name, address)?, len)?;
        for (other, other_write) in &self.taken[..self.count] {
            let apart = range.end <= other.start || other.end <= range.start;
            ensure!(
                apart || !(write || *other_write),
                "{name}: bytes {range:?} overlap another operand at {other:?}"
            );
        }
        ensure!(
            self.count < MOST_OPERANDS,
            "{name}: more than {} operands in one call",
            MOST_OPERANDS
        );
        let start = range.start;
        self.taken[self.count] = (range, write);
        self.count += 1;
        Ok(start)
    }

    fn slice<T>(&mut self, name: &str, address: f64, len: usize) -> Result<&'a [T]> {
        let start = self.take(name, address, len, false)?;
        // SAFETY: in one live allocation, aligned to 4, of four-byte plain data, and nothing in this call writes it.
        Ok(unsafe { std::slice::from_raw_parts(std::ptr::with_exposed_provenance(start), len) })
    }

    fn slice_mut<T>(&mut self, name: &str, address: f64, len: usize) -> Result<&'a mut [T]> {
        let start = self.take(name, address, len, true)?;
        // SAFETY: as in `slice`, and no other slice of this call overlaps it.
        Ok(unsafe {
            std::slice::from_raw_parts_mut(std::ptr::with_exposed_provenance_mut(start), len)
        })
    }

    /// `len` floats at `address`, to read.
    ///
    /// # Errors
    /// When the range is not wholly inside one live allocation, is misaligned, or overlaps something written.
    pub fn read(&mut self, name: &str, address: f64, len: usize) -> Result<&'a [f32]> {
        self.slice(name, address, len)
    }

    /// `len` floats at `address`, to write.
    ///
    /// # Errors
    /// As [`Access::read`], and when it overlaps anything else in the call.
    pub fn write(&mut self, name: &str, address: f64, len: usize) -> Result<&'a mut [f32]> {
        self.slice_mut(name, address, len)
    }

    /// `len` integers at `address`, to read. Errors as [`Access::read`].
    #[allow(clippy::missing_errors_doc)]
    pub fn read_i32(&mut self, name: &str, address: f64, len: usize) -> Result<&'a [i32]> {
        self.slice(name, address, len)
    }

    /// `len` integers at `address`, to write. Errors as [`Access::write`].
    #[allow(clippy::missing_errors_doc)]
    pub fn write_i32(&mut self, name: &str, address: f64, len: usize) -> Result<&'a mut [i32]> {
        self.slice_mut(name, address, len)
    }

    /// `len` floats to read and as many to write, each by name and address. The addresses may be the same one.
    ///
    /// # Errors
    /// As [`Access::write`]. Ranges that overlap without being the same are refused.
    pub fn in_out(
        &mut self,
        (input_name, input): (&str, f64),
        (output_name, output): (&str, f64),
        len: usize,
    ) -> Result<InOut<'a>> {
        if input == output {
            return self.write(output_name, output, len).map(InOut::in_place);
        }
        let input = self.read(input_name, input, len)?;
        let output = self.write(output_name, output, len)?;
        Ok(InOut::apart(input, output))
    }

    /// As [`Access::read`]; address 0 stands for an absent operand.
    #[allow(clippy::missing_errors_doc)]
    pub fn read_optional(
        &mut self,
        name: &str,
        address: f64,
        len: usize,
    ) -> Result<Option<&'a [f32]>> {
        if address == 0.0 {
            Ok(None)
        } else {
            self.read(name, address, len).map(Some)
        }
    }

    /// As [`Access::write`]; address 0 stands for an absent operand.
    #[allow(clippy::missing_errors_doc)]
    pub fn write_optional(
        &mut self,
        name: &str,
        address: f64,
        len: usize,
    ) -> Result<Option<&'a mut [f32]>> {
        if address == 0.0 {
            Ok(None)
        } else {
            self.write(name, address, len).map(Some)
        }
    }

    /// As [`Access::write_i32`]; address 0 stands for an absent operand.
    #[allow(clippy::missing_errors_doc)]
    pub fn write_i32_optional(
        &mut self,
        name: &str,
        address: f64,
        len: usize,
    ) -> Result<Option<&'a mut [i32]>> {
        if address == 0.0 {
            Ok(None)
        } else {
            self.write_i32(name, address, len).map(Some)
        }
    }
}

#[cfg(test)]
mod tests;
