// How far the ways to compute a convolution are off, by number of channels. Run by itself it prints a table:
// node tests/ops/winogradErrors.ts
import { pathToFileURL } from 'node:url';
import { init, type Winograd } from '../../ts/entrypoints/node.ts';
import { conv2dBackwardInput, conv2dBackwardWeight, conv2dForward } from '../../ts/entrypoints/ops.ts';
import * as exact from '../kernels/reference/conv2d.ts';
import { largest } from '../support/compare.ts';
import { randomArray } from '../support/numbers.ts';

/** Largest error of each pass, as a part of the pass' largest entry in float64. */
export interface Errors {
  forward: number;
  input: number;
  weight: number;
}

/** `channels` in and out, kernels of `side` x `side`, one picture of 12 x 12. */
export function errorsOf(channels: number, side: number): (winograd: Winograd) => Errors {
  const shape = [1, 12, 12, channels];
  const out = 13 - side;
  const x = randomArray(shape, 1);
  const weight = randomArray([side, side, channels, channels], 2);
  const gradOutput = randomArray([1, out, out, channels], 3);
  const geometry = {
    ...{ batch: 1, inHeight: 12, inWidth: 12, inChannels: channels, outChannels: channels },
    ...{ kernelHeight: side, kernelWidth: side, strideHeight: 1, strideWidth: 1 },
    ...{ padTop: 0, padBottom: 0, padLeft: 0, padRight: 0 },
  };
  const forward = exact.conv2dForward(geometry, x.data, weight.data);
  const input = exact.conv2dBackwardInput(geometry, gradOutput.data, weight.data);
  const gradWeight = exact.conv2dBackwardWeight(geometry, x.data, gradOutput.data);
  return (winograd) => ({
    forward: worst(conv2dForward(x, weight, { winograd }).data, forward),
    input: worst(conv2dBackwardInput(gradOutput, weight, { winograd, inputShape: shape }).data, input),
    weight: worst(conv2dBackwardWeight(x, gradOutput, { winograd, kernelSize: side }).gradWeight.data, gradWeight),
  });
}

function worst(got: Float32Array, expected: Float64Array): number {
  return largest(expected.map((value, i) => value - got[i]!)) / largest(expected);
}

if (import.meta.url === pathToFileURL(process.argv[1]!).href) {
  const engine = await init();
  console.log(`build ${engine.build}, fused ${engine.fused}; forward / gradient of the input / of the weight\n`);
  console.log('| kernel, channels | false | f2 | auto |\n| --- | --- | --- | --- |');
  for (const [side, channels] of [3, 2, 5].flatMap((s) => [16, 32, 64, 128, 256, 512].map((c) => [s, c] as const))) {
    const of = errorsOf(channels, side);
    const cells = ([false, 'f2', 'auto'] as const).map((winograd) =>
      Object.values(of(winograd))
        .map((error) => Number(error).toExponential(1))
        .join(' / '),
    );
    console.log(`| ${side} x ${side}, ${channels} | ${cells.join(' | ')} |`);
  }
}
