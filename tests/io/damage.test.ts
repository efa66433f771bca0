import { beforeAll, describe, expect, it } from 'vitest';
import { DataError, init, loadModel, type Engine, type Sequential } from '../../ts/entrypoints/node.ts';
import { crc32 } from '../../ts/io/crc32.ts';
import { joinSafetensors } from '../../ts/io/safetensors.ts';
import { disposeAfterEach } from '../support/lifecycle.ts';
import { smallData, smallModel } from '../support/models.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await init();
});
const keep = disposeAfterEach();

async function trained(): Promise<{ model: Sequential; bytes: Uint8Array }> {
  const model = keep(smallModel());
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
  const { x, y } = smallData(8);
  await model.fit(x, y);
  return { model, bytes: await model.save() };
}

/** What is wrong with a file; fails unless that is a DataError and nothing was kept. */
async function reasonOf(bytes: Uint8Array): Promise<string> {
  const { allocations } = engine.memory();
  const error: unknown = await loadModel(bytes).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DataError);
  expect(engine.memory().allocations).toBe(allocations);
  return (error as DataError).message;
}

interface Header {
  __metadata__: Record<string, string>;
  [tensor: string]: { data_offsets?: [number, number]; dtype?: string; shape?: number[] } & Record<string, unknown>;
}

/** The file with another header, its checksum as it should be. */
function withHeader(bytes: Uint8Array, change: (header: Header) => void): Uint8Array {
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as Header;
  header.__metadata__.checksum = '00000000';
  change(header);
  const encode = (): Uint8Array => new TextEncoder().encode(JSON.stringify(header));
  header.__metadata__.checksum = crc32(encode());
  return joinSafetensors(encode(), [bytes.subarray(8 + length)]);
}

it('CRC-32 is the one of zip', () => {
  expect(crc32(new TextEncoder().encode('123456789'))).toBe('cbf43926');
  expect(crc32(new TextEncoder().encode('1234'), new TextEncoder().encode('56789'))).toBe('cbf43926');
});

describe('loadModel', () => {
  it('refuses a file that ends too early, wherever', async () => {
    const { bytes } = await trained();
    const tensors = new Set<string>();
    for (let length = 0; length < bytes.length; length += length < 64 ? 1 : 97) {
      const reason = await reasonOf(bytes.slice(0, length));
      const place =
        /: (?:(\d+ bytes, which is no|truncated in its header: )|truncated in tensor "(.+)": \d+ bytes of)/.exec(
          reason,
        );
      expect(place, reason).not.toBe(null);
      if (place![2] !== undefined) tensors.add(place![2]);
    }
    expect(tensors).toContain('hidden/kernel');
    expect(tensors).toContain('hidden/kernel:slot1');
  });

  it('refuses a file in which any one byte is another', async () => {
    const { bytes } = await trained();
    for (let at = 0; at < bytes.length; at += at < 400 ? 1 : 31) {
      const altered = bytes.slice();
      altered[at]! ^= 1 << (at % 8);
      expect(await reasonOf(altered)).toMatch(/^loadModel: Uint8Array: /);
    }
  });

  it('names the tensor that was altered, and the header', async () => {
    const { bytes } = await trained();
    const last = bytes.slice();
    last[last.length - 1]! ^= 1;
    expect(await reasonOf(last)).toMatch(
      /^loadModel: Uint8Array: tensor "out:counter0" is altered: its checksum is \w{8}, expected "\w{8}"$/,
    );
    const text = new TextDecoder('latin1').decode(bytes);
    const rate = bytes.slice();
    rate[text.indexOf('learningRate') + 16]! ^= 1;
    expect(await reasonOf(rate)).toMatch(
      /^loadModel: Uint8Array: header \(bytes 8 to \d+\) is altered: its checksum is \w{8}, expected "\w{8}"$/,
    );
  });

  it('refuses bytes behind the end', async () => {
    const { bytes } = await trained();
    const longer = new Uint8Array(bytes.length + 3);
    longer.set(bytes);
    expect(await reasonOf(longer)).toBe(`loadModel: Uint8Array: 3 bytes too many after byte ${bytes.length}`);
  });

  it('refuses a newer file', async () => {
    const { bytes } = await trained();
    const newer = withHeader(bytes, (header) => (header.__metadata__.formatVersion = '2'));
    expect(await reasonOf(newer)).toBe('loadModel: Uint8Array: metadata formatVersion is "2", this version reads 1');
  });

  it('refuses foreign files', async () => {
    const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
    const foreign = joinSafetensors(encode('{"__metadata__":{"format":"pt"}}'), []);
    expect(await reasonOf(foreign)).toBe('loadModel: Uint8Array: no model saved by fourlane: metadata format is "pt"');
    expect(await reasonOf(joinSafetensors(encode('{}'), []))).toMatch(/metadata format is undefined$/);
    for (const text of ['{"a', '[1, 2, 3]', '{"__metadata__":{"a":1}}']) {
      expect(await reasonOf(joinSafetensors(encode(text), []))).toMatch(/header|no safetensors file/);
    }
    expect(await reasonOf(encode('PK\x03\x04 a zip, or whatever else'))).toMatch(/: no safetensors file/);
    expect(await reasonOf(new Uint8Array(100))).toMatch(/: no safetensors file/);
  });

  it.each<[string, (header: Header) => void, RegExp]>([
    ['a tensor less', (header) => delete header['out/bias'], /expected \d+$/],
    [
      'a kind of numbers that is none of ours',
      (header) => (header['out/bias']!.dtype = 'F16'),
      /"out\/bias": dtype must be F32 or I32, got "F16"$/,
    ],
    [
      'another kind',
      (header) => (header['out/bias']!.dtype = 'I32'),
      /tensor "out\/bias": expected float32, got int32$/,
    ],
    [
      'another shape',
      (header) => (header['out/bias']!.shape = [1, 3]),
      /tensor "out\/bias": expected \[3\], got \[1, 3\]$/,
    ],
    ['no shape', (header) => delete header['out/bias']!.shape, /tensor "out\/bias": shape: expected a shape/],
    ['other offsets', (header) => (header['out/bias']!.data_offsets = [0, 8]), /are not the 12 bytes of its shape$/],
    [
      'no checksums',
      (header) => delete header.__metadata__.checksums,
      /is altered: its checksum is \w+, expected undefined$/,
    ],
    ['no model', (header) => delete header.__metadata__.model, /metadata holds no model and engine$/],
    [
      'an unknown layer',
      (header) => (header.__metadata__.model = header.__metadata__.model!.replace('"dense"', '"dance"')),
      /layer \d is of unknown kind "dance"/,
    ],
    [
      'an unknown optimizer',
      (header) => (header.__metadata__.compiled = header.__metadata__.compiled!.replace('adam', 'adonis')),
      /optimizer is "adonis"; known: sgd, adam, adamw$/,
    ],
    [
      'an optimizer that keeps less',
      (header) =>
        (header.__metadata__.compiled = header.__metadata__.compiled!.replace(
          /"optimizer":.*?\}\}?,/,
          '"optimizer":{"name":"sgd","config":{}},',
        )),
      /tensor ".*" does not belong to the model$/,
    ],
    [
      'a rate that is none',
      (header) => (header.__metadata__.compiled = header.__metadata__.compiled!.replace('0.001', '-1')),
      /learningRate must be a number/,
    ],
    [
      'units that are none',
      (header) => (header.__metadata__.model = header.__metadata__.model!.replace('"units":8', '"units":0')),
      /units must be an integer >= 1, got 0$/,
    ],
    ['metadata that is no JSON', (header) => (header.__metadata__.engine = '{'), /metadata engine: no JSON$/],
  ])('refuses, though its checksum is right, a header with %s', async (_, change, message) => {
    const { bytes } = await trained();
    expect(await reasonOf(withHeader(bytes, (header) => void change(header)))).toMatch(message);
  });

  it('refuses what is no source at all', async () => {
    await expect(loadModel(3 as never)).rejects.toThrow(
      'loadModel: expected a path, a file: URL, bytes, a Blob or a Response, got 3',
    );
    await expect(loadModel('indexeddb://model')).rejects.toThrow('loadModel: expected a path, a file: URL');
    await expect(loadModel(new Response('', { status: 404, statusText: 'Not Found' }))).rejects.toThrow(
      new DataError('loadModel: Response cannot be read: the answer is 404 Not Found'),
    );
  });
});

it.each([
  ['no epoch', '"epoch":1', '"epoch":-1'],
  ['no sums', '"totals":{', '"totals":null,"other":{'],
  ['no history', '"loss":[', '"loss":3,"other":['],
])('fit({ resumeFrom }) refuses a position with %s', async (_, from, to) => {
  const { bytes, model } = await trained();
  const before = await model.save();
  const altered = withHeader(bytes, ({ __metadata__: metadata }) => {
    expect(metadata.training).toContain(from);
    metadata.training = metadata.training!.replace(from, to);
  });
  const { x, y } = smallData(8);
  await expect(model.fit(x, y, { epochs: 2, resumeFrom: altered })).rejects.toThrow(
    new DataError('fit: resumeFrom: Uint8Array: metadata training is no position of a fit'),
  );
  expect(await model.save()).toEqual(before);
});

it('fit({ resumeFrom }) leaves the model as it was when the file is damaged', async () => {
  const { bytes } = await trained();
  const { model } = await trained();
  const before = await model.save();
  const { x, y } = smallData(8);
  for (const at of [20, 300, bytes.length - 40]) {
    const altered = bytes.slice();
    altered[at]! ^= 16;
    await expect(model.fit(x, y, { epochs: 2, resumeFrom: altered })).rejects.toThrow(DataError);
  }
  expect(await model.save()).toEqual(before);
});
