/**
 * The library's generator once more, from its description and in other arithmetic (BigInt): sfc32 of PractRand, seeded
 * through the finalizer of MurmurHash3.
 */
const MASK = 0xffffffffn;

function mix(value: bigint): bigint {
  let h = value & MASK;
  h = ((h ^ (h >> 16n)) * 0x85ebca6bn) & MASK;
  h = ((h ^ (h >> 13n)) * 0xc2b2ae35n) & MASK;
  return h ^ (h >> 16n);
}

/** 32-bit integers of one stream of a seed. */
export function* integers(seed: number, stream: number): Generator<number, never> {
  const [s, t] = [BigInt(seed), BigInt(stream)];
  let a = mix(s);
  let b = mix(s ^ mix((t + 0x9e3779b9n) & MASK));
  let c = mix(t ^ 0x85ebca6bn);
  let counter = 1n;
  for (let round = 0; ; round++) {
    const sum = (a + b + counter) & MASK;
    counter = (counter + 1n) & MASK;
    a = b ^ (b >> 9n);
    b = (c + (c << 3n)) & MASK;
    c = (((c << 21n) | (c >> 11n)) + sum) & MASK;
    if (round >= 12) yield Number(sum);
  }
}

/** Glorot's uniform distribution as float32: within sqrt(6 / (fanIn + fanOut)) of 0. Weights are the streams 0, 1, ... */
export function glorotUniform(seed: number, weight: number, size: number, fanIn: number, fanOut: number): Float64Array {
  const limit = Math.sqrt(6 / (fanIn + fanOut));
  const source = integers(seed, weight);
  return Float64Array.from({ length: size }, () => {
    const uniform = (Math.floor(source.next().value / 512) + 0.5) / 8388608;
    return Math.fround(-limit + 2 * limit * uniform);
  });
}

/** The order of the samples in an epoch: Fisher and Yates from the end, by the stream 2^31 + epoch. */
export function shuffled(size: number, seed: number, epoch: number): number[] {
  const source = integers(seed, 2147483648 + epoch);
  const order = Array.from({ length: size }, (_, i) => i);
  for (let last = size - 1; last > 0; last--) {
    const bound = last + 1;
    const limit = 4294967296 - (4294967296 % bound);
    let draw = source.next().value;
    while (draw >= limit) draw = source.next().value;
    const other = draw % bound;
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return order;
}
