import type { Bindings } from '../../ts/engine/generated/bindings.js';

/** Memory that a call reads or writes. */
interface Operand {
  kind: 'floats' | 'integers';
  /** In elements. */
  length: number | ((kernels: Bindings) => number);
  written?: boolean;
  /** 0 stands for none. */
  optional?: boolean;
}

/** One argument of an exported function. */
export type Argument =
  | Operand
  /** A batch, a length, or a size that makes some operand too short when it grows by 1. */
  | { kind: 'size'; value: number }
  | {
      kind: 'handle';
      create: (kernels: Bindings) => number;
      destroyed: (kernels: Bindings) => number;
      ofAnotherKind: (kernels: Bindings) => number;
    }
  /** A number or flag for which every value is legal, or whose errors other tests look at. */
  | { kind: 'option'; value: number };

/** A call that is right, to be made wrong in one argument after the other. */
export interface Call {
  name: keyof Bindings;
  arguments: Argument[];
  /** Indices of an operand that is read and one that is written that may be the same memory. */
  inPlace?: readonly [number, number];
}

const read = (length: number): Operand => ({ kind: 'floats', length });
const write = (length: number): Operand => ({ kind: 'floats', length, written: true });
const optional = (operand: Operand): Operand => ({ ...operand, optional: true });
const integers = (length: number): Operand => ({ kind: 'integers', length });
const size = (value: number): Argument => ({ kind: 'size', value });
const option = (value: number): Argument => ({ kind: 'option', value });

// Input [6, 5, 3], kernel [3, 3, 3, 4], output [4, 3, 4].
const createConv2d = (k: Bindings): number => k.conv2d_create(6, 5, 3, 3, 3, 4, 1, 1, 0, 0, 0, 0, 0);
// Input [6, 5, 3], windows 2 x 2, output [3, 2, 3].
const createPool = (k: Bindings): number => k.max_pool2d_create(6, 5, 3, 2, 2, 2, 2, 0, 0, 3, 2, 0);

const conv2d: Argument = {
  kind: 'handle',
  create: createConv2d,
  destroyed(kernels) {
    const handle = createConv2d(kernels);
    kernels.conv2d_destroy(handle);
    return handle;
  },
  ofAnotherKind: createPool,
};
const pool: Argument = {
  kind: 'handle',
  create: createPool,
  destroyed(kernels) {
    const handle = createPool(kernels);
    kernels.max_pool2d_destroy(handle);
    return handle;
  },
  ofAnotherKind: createConv2d,
};

const workspace = (length: (kernels: Bindings) => number): Operand => ({ kind: 'floats', length, written: true });
const convWorkspace = workspace((kernels) => kernels.conv2d_workspace(createConv2d(kernels)));
const denseWorkspace = workspace((kernels) => kernels.dense_workspace(5, 9));
const panelsWorkspace = workspace((kernels) => kernels.dense_panels_workspace(5, 9));
const gemmWorkspace = workspace((kernels) => kernels.gemm_workspace());
const [input, weight, output, pooled] = [2 * 90, 108, 2 * 48, 2 * 18];

/** One right call of every exported kernel. */
export const calls: Call[] = [
  { name: 'activation_forward', arguments: [option(1), size(13), read(13), write(13)], inPlace: [2, 3] },
  { name: 'activation_backward', arguments: [option(3), size(13), read(13), read(13), write(13)], inPlace: [3, 4] },
  {
    name: 'activation_backward_bias',
    // 2 samples of a plane of 5 with 3 channels.
    arguments: [option(3), size(2), size(5), size(3), read(30), write(30), write(6), write(3), option(0)],
  },
  {
    name: 'adam_update',
    arguments: [
      size(13),
      ...[0.5, 0.9, 0.99, 1e-7, 0.1].map(option),
      write(13),
      read(13),
      write(13),
      write(13),
      { ...integers(1), written: true },
    ],
  },
  { name: 'add', arguments: [size(13), read(13), read(13), write(13)] },
  { name: 'add_into', arguments: [size(13), read(13), write(13)] },
  { name: 'channel_sum_forward', arguments: [size(2), size(6), size(5), read(60), write(12)] },
  { name: 'channel_sum_backward', arguments: [size(2), size(6), size(5), read(12), write(60)] },
  { name: 'conv2d_create', arguments: Array.from([6, 5, 3, 3, 3, 4, 1, 1, 0, 0, 0, 0, 0], option) },
  { name: 'conv2d_destroy', arguments: [conv2d] },
  { name: 'conv2d_workspace', arguments: [conv2d] },
  { name: 'conv2d_algorithm', arguments: [conv2d, option(0)] },
  {
    name: 'conv2d_forward',
    arguments: [conv2d, size(2), read(input), read(weight), optional(read(4)), option(1), write(output), convWorkspace],
  },
  {
    name: 'conv2d_backward_input',
    arguments: [conv2d, size(2), read(output), read(weight), write(input), convWorkspace],
  },
  {
    name: 'conv2d_backward_weight',
    arguments: [
      conv2d,
      size(2),
      read(input),
      read(output),
      write(weight),
      optional(write(4)),
      option(1),
      convWorkspace,
    ],
  },
  { name: 'dense_workspace', arguments: [option(5), option(9)] },
  {
    name: 'dense_forward',
    arguments: [size(3), size(5), size(9), read(15), read(45), optional(read(9)), option(2), write(27), denseWorkspace],
  },
  {
    name: 'dense_backward_input',
    arguments: [size(3), size(5), size(9), read(27), read(45), write(15), denseWorkspace],
  },
  {
    name: 'dense_backward_weight',
    arguments: [
      size(3),
      size(5),
      size(9),
      read(15),
      read(27),
      write(45),
      optional(write(9)),
      option(0),
      denseWorkspace,
    ],
  },
  { name: 'dense_panels_workspace', arguments: [option(5), option(9)] },
  {
    name: 'dense_panels_forward',
    arguments: [size(3), size(5), size(9), read(15), read(80), optional(read(9)), option(2), write(27)],
  },
  {
    name: 'dense_panels_backward_input',
    arguments: [size(3), size(5), size(9), read(27), read(80), write(15), panelsWorkspace],
  },
  {
    name: 'dense_panels_backward_weight',
    arguments: [
      size(3),
      size(5),
      size(9),
      read(15),
      read(27),
      write(80),
      optional(write(9)),
      option(0),
      panelsWorkspace,
    ],
  },
  { name: 'dense_panels_descend_samples', arguments: [] },
  {
    name: 'dense_panels_descend',
    arguments: [
      size(3),
      size(5),
      size(9),
      read(15),
      read(27),
      option(0.5),
      write(80),
      optional(write(9)),
      optional(write(9)),
      panelsWorkspace,
    ],
  },
  {
    name: 'gemm',
    arguments: [
      size(5),
      size(9),
      size(7),
      option(2),
      read(35),
      option(1),
      read(63),
      option(0),
      option(0.5),
      write(45),
      gemmWorkspace,
    ],
  },
  { name: 'half_squared_error_forward', arguments: [size(3), size(5), read(15), read(15), write(3)] },
  { name: 'half_squared_error_backward', arguments: [size(3), size(5), read(15), read(15), option(1), write(15)] },
  { name: 'softmax_cross_entropy_forward', arguments: [size(3), size(5), read(15), read(15), write(3)] },
  { name: 'softmax_cross_entropy_backward', arguments: [size(3), size(5), read(15), read(15), option(1), write(15)] },
  { name: 'sparse_softmax_cross_entropy_forward', arguments: [size(3), size(5), read(15), integers(3), write(3)] },
  {
    name: 'sparse_softmax_cross_entropy_backward',
    arguments: [size(3), size(5), read(15), integers(3), option(1), write(15)],
  },
  { name: 'max_pool2d_create', arguments: Array.from([6, 5, 3, 2, 2, 2, 2, 0, 0, 3, 2, 0], option) },
  { name: 'max_pool2d_destroy', arguments: [pool] },
  {
    name: 'max_pool2d_forward',
    arguments: [pool, size(2), read(input), write(pooled), optional({ ...integers(pooled), written: true })],
  },
  {
    name: 'max_pool2d_backward',
    arguments: [
      ...[pool, size(2), read(pooled), integers(pooled), write(input)],
      ...[option(1), optional(read(pooled)), optional(write(6)), optional(write(3)), option(0)],
    ],
  },
  { name: 'nhwc_to_nchw', arguments: [size(2), size(3), size(5), size(7), read(210), write(210)] },
  { name: 'nchw_to_nhwc', arguments: [size(2), size(3), size(5), size(7), read(210), write(210)] },
  { name: 'normal_from_uniform', arguments: [size(13), option(0), option(1), option(0), write(13)] },
  { name: 'pool_sum_of_squares', arguments: [size(13), read(13)] },
  { name: 'sgd_update', arguments: [size(13), option(0.5), option(0.1), write(13), read(13)] },
  {
    name: 'sgd_momentum_update',
    arguments: [size(13), ...[0.5, 0.9, 1, 0.1].map(option), write(13), read(13), write(13)],
  },
  { name: 'softmax_forward', arguments: [size(3), size(5), read(15), write(15)] },
  { name: 'softmax_backward', arguments: [size(3), size(5), read(15), read(15), write(15)] },
];
