/** Medians of wall-clock times, warmed up. */

/** Milliseconds that `run` takes: median over `repeats` timings, each of enough calls to last `atLeastMs`. */
export function medianMs(run: () => void, { repeats = 9, atLeastMs = 30 } = {}): number {
  run();
  let calls = 1;
  for (let elapsed = time(run, calls); elapsed < atLeastMs; elapsed = time(run, calls)) {
    calls = Math.max(calls + 1, Math.ceil((calls * atLeastMs) / Math.max(elapsed, 0.01)));
  }
  const times = Array.from({ length: repeats }, () => time(run, calls) / calls).sort((a, b) => a - b);
  return times[repeats >> 1]!;
}

function time(run: () => void, calls: number): number {
  const started = performance.now();
  for (let call = 0; call < calls; call++) run();
  return performance.now() - started;
}
