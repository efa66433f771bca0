/** As `signal.throwIfAborted()`, which the oldest browsers that have WebAssembly SIMD lack, as they lack `reason`. */
export function throwIfAborted(signal: AbortSignal): void {
  if (!signal.aborted) return;
  // The caller's own reason, whatever it is.

  throw signal.reason ?? new DOMException('The operation was aborted', 'AbortError');
}
