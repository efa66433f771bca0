import { beforeAll, expect, test } from 'vitest';
import { expectSameBits, expectWithin } from '../support/compare.ts';
import { Harness, unwritten, values } from './harness.ts';
import { channelSum } from './reference/channelSum.ts';
import { dot, sumTolerance } from './tolerance.ts';

let harness: Harness;
beforeAll(async () => (harness = await Harness.create()));

test.each([
  [1, 1, 1],
  [2, 3, 5],
  [3, 4, 4],
  [1, 5, 3],
  [2, 9, 7],
  [2, 121, 32],
  [0, 6, 3],
] as const)('%i samples of %i pixels of %i channels', (samples, plane, channels) => {
  const pixels = samples * plane;
  const call = { attributes: { plane, channels }, samples };
  const [input, output] = [values(1, pixels * channels), unwritten(pixels)];
  harness.run('channelSumForward', { ...call, operands: { input, output } });
  expectWithin('output', output, channelSum(channels, input), sumTolerance(channels, channels));

  const [gradOutput, gradInput] = [values(2, pixels), unwritten(pixels * channels)];
  harness.run('channelSumBackward', { ...call, operands: { gradOutput, gradInput } });
  expectSameBits(
    'gradInput',
    gradInput,
    gradInput.map((_, i) => gradOutput[Math.floor(i / channels)]!),
  );
  const adjoint = dot(output, gradOutput) - dot(input, gradInput);
  expect(Math.abs(adjoint)).toBeLessThanOrEqual(pixels * sumTolerance(channels, channels));
});
