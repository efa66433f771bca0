import { shuffledIndices, type LabelledImages } from 'fourlane/data';
import { UsageError } from '../digits/dataFolder.ts';

/** Shards of a client whose digits are chosen by label: it sees about so many classes. */
const SHARDS = 2;

/** How digits are dealt out. */
export interface Dealing {
  clients: number;
  /** Few classes for each client, instead of a random choice. */
  byLabel: boolean;
  seed: number;
}

/**
 * The digits of each client, all but equally many; none is left over and none is given twice. By label as McMahan et al.
 * 2017, section 3, do it: sorted by label and cut into shards, of which each client is dealt two at random. Throws a
 * UsageError for more clients than there are digits for.
 */
export function deal({ images, labels }: LabelledImages, { clients, byLabel, seed }: Dealing): LabelledImages[] {
  const shards = byLabel ? SHARDS * clients : clients;
  const count = labels.data.length;
  if (shards > count) throw new UsageError(`--clients ${clients} is too many for ${count} digits`);
  const order = [...shuffledIndices(count, seed)];
  if (byLabel) order.sort((a, b) => labels.data[a]! - labels.data[b]!);
  const cut = (shard: number): number => Math.floor((shard * count) / shards);
  const dealt = [...shuffledIndices(shards, seed, 1)].map((shard) => order.slice(cut(shard), cut(shard + 1)));
  const each = shards / clients;
  return Array.from({ length: clients }, (_, client) =>
    select({ images, labels }, dealt.slice(client * each, (client + 1) * each).flat()),
  );
}

/** These of the digits, in this order. */
function select({ images, labels }: LabelledImages, indices: readonly number[]): LabelledImages {
  const size = images.data.length / labels.data.length;
  const data = new Uint8Array(indices.length * size);
  indices.forEach((from, to) => data.set(images.data.subarray(from * size, (from + 1) * size), to * size));
  return {
    images: { ...images, data, shape: [indices.length, ...images.shape.slice(1)] },
    labels: { data: Uint8Array.from(indices, (index) => labels.data[index]!), shape: [indices.length] },
  };
}
