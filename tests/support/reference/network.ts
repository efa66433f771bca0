/**
 * The layers in float64, written from their formulas alone (MODEL.md sections 2 and 3) with plain loops: NHWC values,
 * HWIO kernels, `[in, units]` dense weights. Shares no code with the library.
 */

/** Values of a batch: rows of one sample each. */
export type Batch = Float64Array[];

/** A layer of the reference: `forward` remembers what `backward` needs. */
export interface ReferenceLayer {
  /** Named as in the library; changed by `update`. */
  weights: Record<string, Float64Array>;
  gradients: Record<string, Float64Array>;
  forward(input: Batch): Batch;
  /** dE/d(input) from dE/d(output); writes the gradients, summed over the batch. */
  backward(gradOutput: Batch): Batch;
}

interface ConvOptions {
  /** [height, width, channels]. */
  input: readonly [number, number, number];
  kernel: readonly [number, number];
  filters: number;
  stride: readonly [number, number];
  /** [top, bottom, left, right]. */
  pads: readonly [number, number, number, number];
  /** True convolution: the kernel is indexed from its other end. */
  turned: boolean;
}

/** `a[y,x,o] = bias[o] + sum_{i,j,c} x[y*s+i-p, x*s+j-p, c] * k[i,j,c,o]`, `k` turned by 180 degrees where asked. */
export function conv2d(options: ConvOptions, kernel: Float64Array, bias: Float64Array): ReferenceLayer {
  const [height, width, channels] = options.input;
  const [kernelHeight, kernelWidth] = options.kernel;
  const { filters, turned } = options;
  const [strideHeight, strideWidth] = options.stride;
  const [top, bottom, left, right] = options.pads;
  const outHeight = Math.floor((height + top + bottom - kernelHeight) / strideHeight) + 1;
  const outWidth = Math.floor((width + left + right - kernelWidth) / strideWidth) + 1;
  let saved: Batch = [];

  /** Calls `use` with the indices of each product. */
  function products(use: (output: number, input: number, weight: number, filter: number) => void): void {
    for (let y = 0; y < outHeight; y++)
      for (let x = 0; x < outWidth; x++)
        for (let i = 0; i < kernelHeight; i++)
          for (let j = 0; j < kernelWidth; j++) {
            const row = y * strideHeight + i - top;
            const column = x * strideWidth + j - left;
            if (row < 0 || row >= height || column < 0 || column >= width) continue;
            const cell = turned ? (kernelHeight - 1 - i) * kernelWidth + (kernelWidth - 1 - j) : i * kernelWidth + j;
            for (let c = 0; c < channels; c++)
              for (let o = 0; o < filters; o++)
                use(
                  (y * outWidth + x) * filters + o,
                  (row * width + column) * channels + c,
                  (cell * channels + c) * filters + o,
                  o,
                );
          }
  }

  const layer: ReferenceLayer = {
    weights: { kernel, bias },
    gradients: {},
    forward(input) {
      saved = input;
      return input.map((sample) => {
        const output = Float64Array.from({ length: outHeight * outWidth * filters }, (_, at) => bias[at % filters]!);
        products((out, at, weight) => (output[out]! += sample[at]! * kernel[weight]!));
        return output;
      });
    },
    backward(gradOutput) {
      const gradKernel = new Float64Array(kernel.length);
      const gradBias = new Float64Array(filters);
      layer.gradients = { kernel: gradKernel, bias: gradBias };
      return gradOutput.map((gradient, n) => {
        const gradInput = new Float64Array(height * width * channels);
        gradient.forEach((value, at) => (gradBias[at % filters]! += value));
        products((out, at, weight) => {
          gradKernel[weight]! += gradient[out]! * saved[n]![at]!;
          gradInput[at]! += gradient[out]! * kernel[weight]!;
        });
        return gradInput;
      });
    },
  };
  return layer;
}

/** Largest entry of each whole window; the first of equals. Square windows that do not overlap. */
export function maxPool2d([height, width, channels]: readonly [number, number, number], pool: number): ReferenceLayer {
  const [outHeight, outWidth] = [Math.floor(height / pool), Math.floor(width / pool)];
  let winners: number[][] = [];
  return {
    weights: {},
    gradients: {},
    forward(input) {
      winners = input.map((sample) => {
        const positions: number[] = [];
        for (let y = 0; y < outHeight; y++)
          for (let x = 0; x < outWidth; x++)
            for (let c = 0; c < channels; c++) {
              let best = -1;
              for (let i = 0; i < pool; i++)
                for (let j = 0; j < pool; j++) {
                  const at = ((y * pool + i) * width + x * pool + j) * channels + c;
                  if (best < 0 || sample[at]! > sample[best]!) best = at;
                }
              positions.push(best);
            }
        return positions;
      });
      return input.map((sample, n) => Float64Array.from(winners[n]!, (at) => sample[at]!));
    },
    backward: (gradOutput) =>
      gradOutput.map((gradient, n) => {
        const gradInput = new Float64Array(height * width * channels);
        gradient.forEach((value, i) => (gradInput[winners[n]![i]!]! += value));
        return gradInput;
      }),
  };
}

/** From `[row, column, channel]` to `channel * height * width + row * width + column`. */
export function flattenChannelsFirst([height, width, channels]: readonly [number, number, number]): ReferenceLayer {
  const plane = height * width;
  const from = Array.from({ length: plane * channels }, (_, at) => (at % plane) * channels + Math.floor(at / plane));
  return {
    weights: {},
    gradients: {},
    forward: (input) => input.map((sample) => Float64Array.from(from, (at) => sample[at]!)),
    backward: (gradOutput) =>
      gradOutput.map((gradient) => {
        const gradInput = new Float64Array(gradient.length);
        from.forEach((at, i) => (gradInput[at] = gradient[i]!));
        return gradInput;
      }),
  };
}

/** `a = x kernel + bias`. */
export function dense(inputs: number, units: number, kernel: Float64Array, bias: Float64Array): ReferenceLayer {
  let saved: Batch = [];
  const layer: ReferenceLayer = {
    weights: { kernel, bias },
    gradients: {},
    forward(input) {
      saved = input;
      return input.map((sample) =>
        Float64Array.from({ length: units }, (_, unit) =>
          sample.reduce((sum, value, i) => sum + value * kernel[i * units + unit]!, bias[unit]!),
        ),
      );
    },
    backward(gradOutput) {
      const gradKernel = new Float64Array(inputs * units);
      const gradBias = new Float64Array(units);
      layer.gradients = { kernel: gradKernel, bias: gradBias };
      return gradOutput.map((gradient, n) => {
        const gradInput = new Float64Array(inputs);
        for (let unit = 0; unit < units; unit++) {
          gradBias[unit]! += gradient[unit]!;
          for (let i = 0; i < inputs; i++) {
            gradKernel[i * units + unit]! += gradient[unit]! * saved[n]![i]!;
            gradInput[i]! += gradient[unit]! * kernel[i * units + unit]!;
          }
        }
        return gradInput;
      });
    },
  };
  return layer;
}

const functions = {
  relu: { value: (a: number) => Math.max(a, 0), slope: (_: number, z: number) => (z > 0 ? 1 : 0) },
  sigmoid: { value: (a: number) => 1 / (1 + Math.exp(-a)), slope: (_: number, z: number) => z * (1 - z) },
  tanh: { value: Math.tanh, slope: (_: number, z: number) => 1 - z * z },
};

/** An activation, element by element. */
export function activation(name: keyof typeof functions): ReferenceLayer {
  const { value, slope } = functions[name];
  let before: Batch = [];
  let after: Batch = [];
  return {
    weights: {},
    gradients: {},
    forward(input) {
      before = input;
      after = input.map((sample) => sample.map(value));
      return after;
    },
    backward: (gradOutput) =>
      gradOutput.map((gradient, n) => gradient.map((g, i) => g * slope(before[n]![i]!, after[n]![i]!))),
  };
}
