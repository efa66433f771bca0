/** Elements of a workload's data, by the names that data.ts gives. Nothing of an environment: it is used in pages, too. */
export type Tensors = Readonly<Record<string, Float32Array | Int32Array>>;

/** One of float32. Throws where there is none. */
export function floats(tensors: Tensors, name: string): Float32Array {
  const values = tensors[name];
  if (!(values instanceof Float32Array)) throw new Error(`no float32 tensor ${name}`);
  return values;
}
