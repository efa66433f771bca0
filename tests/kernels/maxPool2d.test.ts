import { beforeAll, describe, expect, test } from 'vitest';
import { expectSameBits, expectWithin } from '../support/compare.ts';
import { cases, Harness, unwritten, unwrittenPositions, values } from './harness.ts';
import { maxPool2dBackward, maxPool2dForward, type MaxPool2dCase } from './reference/maxPool2d.ts';
import { dot, sumTolerance } from './tolerance.ts';

let harness: Harness;
beforeAll(async () => (harness = await Harness.create()));

/** Inputs that take different decisions: hardly a tie, mostly ties, padding of zero wins, every fourth cell NaN. */
const inputs = {
  mixed: (v: number) => v,
  ties: (v: number) => Math.round(2 * v) / 2,
  negative: (v: number) => -Math.abs(v),
  NaN: (v: number) => (v > 0.5 ? NaN : v),
};

function forward(g: MaxPool2dCase, input: Float32Array): { output: Float32Array; positions: Int32Array } {
  const length = g.batch * g.outHeight * g.outWidth * g.channels;
  const [output, positions] = [unwritten(length), unwrittenPositions(length)];
  const call = { attributes: { geometry: g }, samples: g.batch };
  harness.run('maxPool2dForward', { ...call, operands: { input, output, positions } });
  const alone = unwritten(length);
  harness.run('maxPool2dForward', { ...call, operands: { input, output: alone } });
  expectSameBits('output without positions', alone, output);
  return { output, positions };
}

function backward(g: MaxPool2dCase, gradOutput: Float32Array, positions: Int32Array): Float32Array {
  const gradInput = unwritten(g.batch * g.inHeight * g.inWidth * g.channels);
  const operands = { gradOutput, positions, gradInput };
  harness.run('maxPool2dBackward', { attributes: { geometry: g }, samples: g.batch, operands });
  return gradInput;
}

const title =
  'batch $batch, input $inHeight x $inWidth x $channels, window $poolHeight x $poolWidth, ' +
  'stride $strideHeight $strideWidth, padding $padTop $padLeft, zero $padWithZero';

describe.each(cases.maxPool2d)(title, (g) => {
  test.each(Object.entries(inputs))('%s', (kind, map) => {
    const input = values(5, g.batch * g.inHeight * g.inWidth * g.channels).map(map);
    const { output, positions } = forward(g, input);
    const expected = maxPool2dForward(g, input);
    expectSameBits('positions', positions, expected.positions);
    expectSameBits('output', output, expected.output);

    const gradOutput = values(6, output.length);
    const gradInput = backward(g, gradOutput, positions);
    const overlaps = Math.ceil(g.poolHeight / g.strideHeight) * Math.ceil(g.poolWidth / g.strideWidth);
    const expectedGradient = maxPool2dBackward(g, gradOutput, positions);
    expectWithin('gradInput', gradInput, expectedGradient, sumTolerance(overlaps, overlaps));
    if (kind !== 'NaN') {
      const tolerance = sumTolerance(overlaps, output.length);
      expectWithin('adjoint', [dot(input, gradInput)], [dot(output, gradOutput)], tolerance);
    }
  });
});

test('positions outside the plane are refused', () => {
  const g = cases.maxPool2d.find(({ inHeight, channels }) => inHeight === 22 && channels >= 4)!;
  const length = g.batch * g.outHeight * g.outWidth * g.channels;
  for (const bad of [-2, g.inHeight * g.inWidth, 2 ** 31 - 1, -(2 ** 31)]) {
    const positions = new Int32Array(length);
    positions[9] = bad;
    const gradInput = new Float32Array(g.batch * g.inHeight * g.inWidth * g.channels).fill(9);
    const operands = { gradOutput: values(1, length), positions, gradInput };
    const call = (): unknown =>
      harness.run('maxPool2dBackward', { attributes: { geometry: g }, samples: g.batch, operands });
    expect(call).toThrow(`maxPool2dBackward: positions[9] is ${bad}, expected -1 or a cell of plane [22, 22]`);
  }
});
