import { beforeAll, describe, expect, it } from 'vitest';
import { init, layers, losses, OptionError, sequential, type Sequential } from '../../ts/entrypoints/node.ts';
import { conv2dForward } from '../../ts/entrypoints/ops.ts';
import { expectClose, flat } from '../support/compare.ts';
import { randomArray, randomLabels } from '../support/numbers.ts';

beforeAll(async () => {
  await init();
});

type Choice = 'auto' | 'f2' | false | undefined;

/** Sixteen channels and more on both sides of kernels of each size that has an algorithm. */
function model(winograd: Choice, kernelSize: number): Sequential {
  const made = sequential(
    [
      layers.input({ shape: [13, 11, 16] }),
      layers.conv2d({ name: 'conv', filters: 20, kernelSize, activation: 'relu' }),
      layers.flatten(),
      layers.dense({ units: 3, activation: 'softmax' }),
    ],
    { seed: 5 },
  );
  made.compile({
    optimizer: 'sgd',
    loss: losses.sparseCategoricalCrossentropy(),
    ...(winograd !== undefined && { winograd }),
  });
  return made;
}

const chosen = (made: Sequential): string => /^conv: (.*)$/m.exec(made.summary({ printFn: () => {} }))![1]!;

describe('compile({ winograd })', () => {
  it.each([
    [3, 'auto', 'Winograd F(4x4,3x3)'],
    [3, undefined, 'Winograd F(4x4,3x3)'],
    [3, 'f2', 'Winograd F(2x2,3x3)'],
    [2, 'auto', 'Winograd F(5x5,2x2)'],
    [5, 'auto', 'Winograd F(2x2,5x5)'],
  ] as const)('kernels of %i by "%s": %s in all passes, as summary() says', (kernelSize, winograd, name) => {
    const made = model(winograd, kernelSize);
    // The first layer has no gradient of its input.
    expect(chosen(made)).toBe(`forward ${name}, backward weight ${name}`);
    made.dispose();
  });

  it.each([
    [3, false],
    [2, 'f2'],
    [5, 'f2'],
  ] as const)('kernels of %i by %s: direct', (kernelSize, winograd) => {
    const made = model(winograd, kernelSize);
    expect(chosen(made)).toBe('forward direct, backward weight direct');
    made.dispose();
  });

  it.each([2, 3, 5])('every choice gives the same loss, gradients and predictions, kernels of %i', (kernelSize) => {
    const x = randomArray([9, 13, 11, 16], 1);
    const y = randomLabels(9, 3, 2);
    const [exact, ...others] = ([false, 'f2', 'auto'] as const).map((winograd) => {
      const made = model(winograd, kernelSize);
      const { loss, layers: inspected } = made.inspect({ x, y });
      const gradients = flat(Object.values(inspected.conv!.gradients));
      const result = { loss, gradients, outputs: made.predictOnBatch(x).data };
      made.dispose();
      return result;
    });
    for (const other of others) {
      expectClose('loss', [other.loss], [exact!.loss], 1e-5);
      expectClose('gradients', other.gradients, exact!.gradients, 1e-5);
      expectClose('outputs', other.outputs, exact!.outputs, 1e-5);
    }
  });

  it('counts for predictions from the next one on, also when compiled again', () => {
    const x = randomArray([4, 13, 11, 16], 3);
    const made = model(false, 3);
    const direct = made.predictOnBatch(x).data;
    made.compile({ optimizer: 'sgd', loss: losses.sparseCategoricalCrossentropy() });
    const fast = made.predictOnBatch(x).data;
    const other = model('auto', 3);
    expect(fast).toEqual(other.predictOnBatch(x).data);
    expect(fast).not.toEqual(direct);
    made.dispose();
    other.dispose();
  });

  it('refuses what it does not know, and the model keeps what it had', () => {
    const made = model('f2', 3);
    for (const [value, got] of [
      [true, 'true'],
      ['F2', '"F2"'],
      [null, 'null'],
    ]) {
      const compile = () => made.compile({ optimizer: 'sgd', loss: 'halfSquaredError', winograd: value as never });
      expect(compile).toThrow(new OptionError(`compile: winograd must be "auto", "f2" or false, got ${got}`));
    }
    expect(chosen(made)).toContain('F(2x2,3x3)');
    made.dispose();
  });
});

it('the operations take it too', () => {
  const [x, weight] = [randomArray([1, 9, 9, 16], 6), randomArray([3, 3, 16, 16], 7)];
  const results = ([false, 'f2', 'auto'] as const).map((winograd) => conv2dForward(x, weight, { winograd }).data);
  expectClose('f2', results[1]!, results[0]!, 1e-5);
  expectClose('auto', results[2]!, results[0]!, 1e-5);
  expect(conv2dForward(x, weight).data).toEqual(results[2]);
  expect(results[2]).not.toEqual(results[0]);
  expect(() => conv2dForward(x, weight, { winograd: 'off' as never })).toThrow(OptionError);
});
