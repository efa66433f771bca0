import { layers, sequential } from 'fourlane';
import type { Statement } from './statement.ts';

const KERNEL = 3;

/** Height of A for one stride. */
export interface StrideSize {
  height: number;
  stride: number;
  /** As the network computes it. */
  outHeight: number;
}

function measure(): StrideSize[] {
  return [10, 13, 24].flatMap((height) =>
    [1, 2, 3, 4].map((stride) => {
      const conv = layers.conv2d({ filters: 2, kernelSize: KERNEL, strides: stride });
      const model = sequential([layers.input({ shape: [height, height, 1] }), conv]);
      const picture = { data: new Float32Array(height ** 2), shape: [1, height, height, 1] };
      const { shape } = model.predictOnBatch(picture);
      model.dispose();
      return { height, stride, outHeight: shape[1]! };
    }),
  );
}

/** The stride changes the size of A. */
export const strideSize: Statement<StrideSize[]> = {
  title: 'The stride changes the size of A',
  claim: 'A is floor((H - 3) / stride) + 1 high, and as wide by the width.',
  measure,
  judge(sizes) {
    const rows = sizes.map(({ height, stride, outHeight }) => ({
      text: `${height} by ${stride}: ${outHeight}`,
      right: outHeight === Math.floor((height - KERNEL) / stride) + 1,
    }));
    return {
      holds: rows.every(({ right }) => right),
      says: `Height by stride, and height of A: ${rows.map(({ text }) => text).join(', ')}.`,
    };
  },
};
