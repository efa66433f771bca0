import { DataError } from '../errors.ts';
import { fromStorage, toStorage } from '../model/layer.ts';
import { printShape, sameShape, type Shape } from '../shape.ts';
import type { Session } from '../train/session.ts';
import type { Tensor } from './safetensors.ts';

/** A place in a model's memory that a saved model has a tensor for. */
interface Place {
  name: string;
  shape: Shape;
  kind: 'float32' | 'int32';
  /** A copy. */
  read: () => Float32Array | Int32Array;
  write: (data: Float32Array | Int32Array) => void;
}

/** Weights as `layer/weight`, as `getWeights` gives them. */
function weightPlaces({ parameters }: Session): Place[] {
  return parameters.weights.map((weight) => ({
    name: `${weight.layer}/${weight.spec.name}`,
    shape: weight.spec.shape,
    kind: 'float32',
    read: () => parameters.read(weight, weight.value).data,
    write: (data) => parameters.write(weight, data as Float32Array),
  }));
}

/**
 * What the optimizer keeps: `layer/weight:slot0` and so on in the shape of the weight, for sgd the velocity, for Adam the
 * first and second moment; `layer:counter0` for each layer, for Adam its number of updates.
 */
function optimizerPlaces({ parameters, compiled }: Session): Place[] {
  const state = compiled?.optimizer.lowering ?? { slots: 0, counters: 0 };
  const trained = parameters.weights.filter(({ value }) => value.block === 'parameters');
  const slots = trained.flatMap((weight) =>
    Array.from({ length: state.slots }, (_, slot): Place => {
      const { layer, spec } = weight;
      return {
        name: `${layer}/${spec.name}:slot${slot}`,
        shape: spec.shape,
        kind: 'float32',
        read: () => fromStorage(spec, parameters.slotView(weight, slot)),
        write: (data) => parameters.slotView(weight, slot).set(toStorage(spec, data as Float32Array)),
      };
    }),
  );
  const layers = new Set(trained.map(({ layer }) => layer));
  const counters = [...layers].flatMap((layer) =>
    Array.from({ length: state.counters }, (_, index): Place => ({
      name: `${layer}:counter${index}`,
      shape: [1],
      kind: 'int32',
      read: () => parameters.counterView(layer, index, state).slice(),
      write: (data) => parameters.counterView(layer, index, state).set(data),
    })),
  );
  return [...slots, ...counters];
}

/** Copies of a model's weights, and of what its optimizer keeps, once it does. */
export function readTensors(session: Session): Tensor[] {
  const { hasOptimizer } = session.parameters;
  const places = hasOptimizer ? [...weightPlaces(session), ...optimizerPlaces(session)] : weightPlaces(session);
  return places.map(({ name, shape, read }) => ({ name, shape: [...shape], data: read() }));
}

/**
 * The inverse. Without the optimizer's tensors it starts from zero. Throws a DataError that names the tensor unless all
 * are there, of the right kind and shape, and no others, with nothing written.
 */
export function writeTensors(where: string, session: Session, tensors: readonly Tensor[]): void {
  const { parameters, compiled } = session;
  const given = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const weights = weightPlaces(session);
  const kept = optimizerPlaces(session);
  const started = kept.some(({ name }) => given.has(name));
  const places = started ? [...weights, ...kept] : weights;
  for (const place of places) checkTensor(where, place, given.get(place.name));
  const known = new Set(places.map(({ name }) => name));
  const unknown = tensors.find(({ name }) => !known.has(name));
  if (unknown !== undefined) throw new DataError(`${where}: tensor "${unknown.name}" does not belong to the model`);
  // The only one that can fail, for want of memory.
  if (started) parameters.provideOptimizer(compiled!.optimizer.lowering);
  for (const { name, write } of places) write(given.get(name)!.data);
  if (started || !parameters.hasOptimizer) return;
  for (const { read, write } of kept) write(read().fill(0));
}

function checkTensor(where: string, { name, shape, kind }: Place, tensor: Tensor | undefined): void {
  if (tensor === undefined) throw new DataError(`${where}: tensor "${name}" is missing`);
  if (!sameShape(tensor.shape, shape)) {
    throw new DataError(`${where}: tensor "${name}": expected ${printShape(shape)}, got ${printShape(tensor.shape)}`);
  }
  const got = tensor.data instanceof Int32Array ? 'int32' : 'float32';
  if (got !== kind) throw new DataError(`${where}: tensor "${name}": expected ${kind}, got ${got}`);
}
