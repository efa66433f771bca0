import { readFileSync } from 'node:fs';
import type { TensorFile, TensorFiles } from '../data.ts';
import type { Tensors } from '../tensors.ts';

/** The elements of a file. */
export function readTensor({ file, dtype }: TensorFile): Float32Array | Int32Array {
  const { buffer, byteOffset, byteLength } = readFileSync(file);
  const bytes = buffer.slice(byteOffset, byteOffset + byteLength);
  return dtype === 'int32' ? new Int32Array(bytes) : new Float32Array(bytes);
}

/** As {@link readTensor}, of a float32 file. Throws for integers. */
export function readFloats(tensor: TensorFile | undefined): Float32Array {
  const values = tensor && readTensor(tensor);
  if (!(values instanceof Float32Array)) throw new Error(`no float32 tensor: ${JSON.stringify(tensor)}`);
  return values;
}

/** All of a workload's. */
export function readTensors(files: TensorFiles): Tensors {
  return Object.fromEntries(Object.entries(files).map(([name, file]) => [name, readTensor(file)]));
}
