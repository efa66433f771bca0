import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { init } from '../../ts/entrypoints/node.ts';
import { smallData, smallModel } from '../support/models.ts';
import { findPython } from './pythonPackages.ts';

it("Python's safetensors reads what is saved: names, shapes and bits of getWeights(), and the metadata", async (context) => {
  const python = await findPython();
  if ('missing' in python) return context.skip(python.missing);
  await init();
  const model = smallModel();
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
  const { x, y } = smallData(10);
  await model.fit(x, y);
  const folder = await mkdtemp(join(tmpdir(), 'fourlane-python-'));
  try {
    const path = join(folder, 'model.safetensors');
    await model.save(path);
    const script = fileURLToPath(new URL('readWeights.py', import.meta.url));
    const { stdout } = await promisify(execFile)(python.path, [script, path], { maxBuffer: 1 << 28 });
    const { metadata, tensors } = JSON.parse(stdout) as {
      metadata: Record<string, string>;
      tensors: Record<string, { dtype: string; shape: number[]; bytes: string }>;
    };
    const names = model.layers.flatMap(({ name, weights }) => weights.map((weight) => `${name}/${weight.name}`));
    const weights = model.getWeights();
    expect(names).toHaveLength(weights.length);
    names.forEach((name, i) => {
      const { data, shape } = weights[i]!;
      expect(tensors[name], name).toEqual({ dtype: 'float32', shape, bytes: Buffer.from(data.buffer).toString('hex') });
    });
    expect(tensors['out:counter0']).toEqual({ dtype: 'int32', shape: [1], bytes: '01000000' });
    const slots = names.flatMap((name) => [`${name}:slot0`, `${name}:slot1`]);
    const counters = ['conv', 'hidden', 'out'].map((layer) => `${layer}:counter0`);
    expect(Object.keys(tensors).sort()).toEqual([...names, ...slots, ...counters].sort());
    expect(metadata).toMatchObject({ format: 'fourlane-saved-model', formatVersion: '1' });
    expect(JSON.parse(metadata.model!)).toEqual(model.toJSON());
    expect(JSON.parse(metadata.training!)).toMatchObject({ epoch: 1, batch: 0, samples: 10 });
  } finally {
    model.dispose();
    await rm(folder, { recursive: true });
  }
});
