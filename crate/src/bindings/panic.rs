//! The text of a panic, kept where it can be read after the trap: a panic itself reaches JavaScript as a
//! `RuntimeError: unreachable` without any text.

use std::cell::UnsafeCell;
use std::fmt::Write;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use wasm_bindgen::prelude::*;

const CAPACITY: usize = 512;

struct Message {
    bytes: UnsafeCell<[u8; CAPACITY]>,
    len: AtomicUsize,
}

// SAFETY: written only by the panic hook of the first thread that panics; read only after the trap that follows.
unsafe impl Sync for Message {}

static MESSAGE: Message = Message {
    bytes: UnsafeCell::new([0; CAPACITY]),
    len: AtomicUsize::new(0),
};

/// Writes into the buffer and drops what does not fit: formatting in a panic must not allocate.
struct Cursor(usize);

impl Write for Cursor {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        for &byte in text.as_bytes().iter().take(CAPACITY - self.0) {
            // SAFETY: see `Message`; `self.0` stays below CAPACITY by the `take` above.
            unsafe { (*MESSAGE.bytes.get())[self.0] = byte };
            self.0 += 1;
        }
        Ok(())
    }
}

/// Installs the hook; the glue calls it once per instance, so for each thread of a memory.
#[wasm_bindgen(start)]
pub fn install_panic_hook() {
    static INSTALLED: AtomicBool = AtomicBool::new(false);
    if INSTALLED.swap(true, Ordering::Relaxed) {
        return;
    }
    std::panic::set_hook(Box::new(|info| {
        // The first is the cause: when a helper panics, the caller does so for want of it.
        static PANICKED: AtomicBool = AtomicBool::new(false);
        if PANICKED.swap(true, Ordering::Relaxed) {
            return;
        }
        let mut cursor = Cursor(0);
        let _ = write!(cursor, "{info}");
        MESSAGE.len.store(cursor.0, Ordering::Release);
    }));
}

/// Where the text of the first panic starts.
#[wasm_bindgen]
pub fn panic_message_address() -> f64 {
    MESSAGE.bytes.get() as usize as f64
}

/// Its length in bytes of UTF-8, 0 when there was no panic.
#[wasm_bindgen]
pub fn panic_message_length() -> f64 {
    MESSAGE.len.load(Ordering::Acquire) as f64
}

/// Panics. Lets tests, and apps that want to rehearse it, see what an engine does after a trap.
#[wasm_bindgen]
pub fn trap_on_purpose() {
    panic!("trapped on purpose");
}
