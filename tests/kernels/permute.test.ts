import { beforeAll, test } from 'vitest';
import { expectSameBits } from '../support/compare.ts';
import { Harness, unwritten, values } from './harness.ts';
import { nhwcToNchw } from './reference/permute.ts';

let harness: Harness;
beforeAll(async () => (harness = await Harness.create()));

test.each([
  [1, 1, 1, 1],
  [2, 3, 5, 1],
  [2, 1, 1, 7],
  [3, 2, 3, 4],
  [1, 4, 4, 4],
  [2, 5, 7, 9],
  [1, 11, 11, 32],
  [0, 3, 3, 2],
] as const)('[%i, %i, %i, %i]', (...shape) => {
  const [samples, height, width, channels] = shape;
  const channelsLast = values(1, samples * height * width * channels);
  const channelsFirst = unwritten(channelsLast.length);
  const call = { attributes: { height, width, channels }, samples };
  harness.run('nhwcToNchw', { ...call, operands: { input: channelsLast, output: channelsFirst } });
  expectSameBits('channels first', channelsFirst, nhwcToNchw(shape, channelsLast));
  const back = unwritten(channelsLast.length);
  harness.run('nchwToNhwc', { ...call, operands: { input: channelsFirst, output: back } });
  expectSameBits('back', back, channelsLast);
});
