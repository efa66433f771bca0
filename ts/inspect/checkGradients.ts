import type { Dataset, TargetData } from '../data/dataset.ts';
import { shuffledIndices } from '../data/shuffle.ts';
import type { Architecture } from '../model/architecture.ts';
import type { Parameters, PlacedWeight } from '../model/parameters.ts';
import type { NDArray, NestedArray } from '../ndarray.ts';
import { checkKnown, integer, number, seedOf } from '../options.ts';
import { sizeOf, type Shape } from '../shape.ts';
import type { Compiled } from '../train/session.ts';
import { weightGradients } from './inspect.ts';
import { UnfusedPass } from './pass.ts';

/** Options of {@link checkGradients}. */
export interface GradientCheckOptions {
  /** How far each entry is moved to either side. Default 1/256, exact in float32 beside numbers of its size. */
  step?: number;
  /** Allowed error as a share of the largest entry of a gradient. Default 0.001. */
  tolerance?: number;
  /** Most entries of each parameter and of the input to check, drawn at random. Default all: two passes for each. */
  entries?: number;
  /** Seed of the draw. Default 0. */
  seed?: number;
}

/** Smaller ones drown in rounding. */
const SMALLEST_STEP = 1 / 1048576;

/** One entry of a gradient. */
export interface GradientEntry {
  /** `<layer>/<weight>`, or `x` for the input. */
  tensor: string;
  /** Along each axis, in the layout of `getWeights()` and of the input. */
  index: number[];
  /** What the backward pass gives. */
  analytic: number;
  /** `(E(p + step) - E(p - step)) / (2 step)`. */
  numeric: number;
  /** Their distance, and how much of it is allowed. */
  error: number;
  allowed: number;
}

/** Result of {@link checkGradients}. */
export interface GradientCheck {
  /** Every entry is within what is allowed. */
  passed: boolean;
  step: number;
  tolerance: number;
  /** The entry with the largest error as a share of what is allowed. */
  worst: GradientEntry;
  /** The same for each tensor by name, and how many of its entries were checked. */
  tensors: Record<string, { checked: number; worst: GradientEntry }>;
}

/**
 * An entry that does not agree is tried again with a step divided by these: relu and max pooling that change their mind
 * within the step are no mistakes of the gradient, and a smaller step passes by most of them.
 */
const RETRIES = [4, 16];

/**
 * float32 leaves this much of the loss uncertain: half a unit in the last place of what goes into it, and some ten
 * roundings on the way. Divided by the step it is allowed beside the tolerance.
 */
const ROUNDING = 1 / 2097152;

/**
 * Compares the gradient of every parameter that is trained, and of the input, with central differences of the loss on a
 * batch. Weights are moved in place and put back bit for bit; no step is taken. The kernels compute in float32, so an
 * entry may be off by `tolerance` times the largest entry of its tensor (which covers the curvature too), plus
 * `2^-21 |E| / step`; losses of samples are summed, and differences taken, in float64. Returns what it found, with the worst
 * entry; it throws only for bad data or options. The model must be compiled. Source: MODEL section 9.10.
 */
export function checkGradients(
  model: GradientModel,
  x: NDArray | NestedArray,
  y: TargetData,
  options: GradientCheckOptions = {},
): GradientCheck {
  return model.checkGradients(x, y, options);
}

/** A model that this can look into. */
interface GradientModel {
  checkGradients(x: NDArray | NestedArray, y: TargetData, options: GradientCheckOptions): GradientCheck;
}

/** Where the entries of a tensor are kept. */
interface Place {
  tensor: string;
  shape: Shape;
  analytic: Float32Array;
  view: () => Float32Array;
  /** Index in the view of each entry, where the order differs. */
  stored: Uint32Array | undefined;
}

/** {@link checkGradients} of a model's parts. */
export function checkGradientsOf(
  architecture: Architecture,
  parameters: Parameters,
  compiled: Pick<Compiled, 'loss' | 'winograd'>,
  dataset: Dataset,
  options: GradientCheckOptions,
): GradientCheck {
  const where = 'checkGradients';
  checkKnown(where, options, ['step', 'tolerance', 'entries', 'seed']);
  const step = number(where, 'step', options.step ?? 1 / 256, SMALLEST_STEP, 1);
  const tolerance = number(where, 'tolerance', options.tolerance ?? 0.001, 0);
  const most = options.entries === undefined ? Infinity : integer(where, 'entries', options.entries);
  const seed = seedOf(where, options.seed ?? 0);
  const pass = new UnfusedPass(where, architecture, parameters, compiled, dataset);
  try {
    const loss = pass.loss();
    const places = placesOf(architecture, parameters, pass);
    const tensors: GradientCheck['tensors'] = {};
    for (const place of places) {
      const largest = place.analytic.reduce((so, value) => Math.max(so, Math.abs(value)), 0);
      const entries = drawn(place.analytic.length, most, seed);
      const found = entries.map((entry) => {
        let best = checkEntry(pass, place, entry, step, tolerance * largest, loss);
        for (const divisor of RETRIES) {
          if (badness(best) <= 1) break;
          const again = checkEntry(pass, place, entry, step / divisor, tolerance * largest, loss);
          if (badness(again) < badness(best)) best = again;
        }
        return best;
      });
      tensors[place.tensor] = { checked: entries.length, worst: worstOf(found) };
    }
    const worst = worstOf(Object.values(tensors).map((each) => each.worst));
    return { passed: badness(worst) <= 1, step, tolerance, worst, tensors };
  } finally {
    pass.dispose();
  }
}

function placesOf(architecture: Architecture, parameters: Parameters, pass: UnfusedPass): Place[] {
  const reader = pass.backward();
  const { plan } = pass.bound;
  const gradients = new Map(architecture.layers.map(({ name }) => [name, weightGradients(name, parameters, reader)]));
  const trained = parameters.weights.filter(({ gradient }) => gradient !== undefined);
  const input = reader.buffer(plan.inputGradients[0]!);
  return [
    ...trained.map((weight) => ({
      tensor: `${weight.layer}/${weight.spec.name}`,
      shape: weight.spec.shape,
      analytic: gradients.get(weight.layer)![weight.spec.name]!.data,
      view: () => parameters.view(weight.value),
      stored: storedOrder(weight),
    })),
    {
      tensor: 'x',
      shape: input.shape,
      analytic: input.data,
      view: () => pass.bound.f32(plan.inputs[0]!, pass.samples),
      stored: undefined,
    },
  ];
}

/** Index of each entry in the order in which the kernels keep the weight: numbers that go that way and are found there. */
function storedOrder({ spec }: PlacedWeight): Uint32Array | undefined {
  const { storage } = spec;
  if (storage === undefined) return undefined;
  const length = sizeOf(spec.shape);
  // In two parts, as float32 counts to 2^24 only; from 1, as what is kept may be filled up with zeros.
  const [low, high] = [(entry: number) => entry % 4096, (entry: number) => Math.floor(entry / 4096)].map((part) =>
    storage.toStorage(Float32Array.from({ length }, (_, entry) => part(entry) + 1)),
  );
  const order = new Uint32Array(length);
  low!.forEach((part, place) => {
    if (part > 0) order[(high![place]! - 1) * 4096 + part - 1] = place;
  });
  return order;
}

function drawn(size: number, most: number, seed: number): number[] {
  const all = size <= most ? Uint32Array.from({ length: size }, (_, i) => i) : shuffledIndices(size, seed);
  return Array.from(all.subarray(0, Math.min(size, most)));
}

function checkEntry(
  pass: UnfusedPass,
  place: Place,
  entry: number,
  step: number,
  tolerance: number,
  loss: number,
): GradientEntry {
  const at = place.stored?.[entry] ?? entry;
  const before = place.view()[at]!;
  const lossAt = (value: number): { value: number; loss: number } => {
    const view = place.view();
    view[at] = value;
    return { value: view[at], loss: pass.loss() };
  };
  let above, below;
  try {
    [above, below] = [lossAt(before + step), lossAt(before - step)];
  } finally {
    place.view()[at] = before;
  }
  // What the entry really moved by: its sum with the step was rounded.
  const numeric = (above.loss - below.loss) / (above.value - below.value);
  const analytic = place.analytic[entry]!;
  const error = Math.abs(analytic - numeric);
  const allowed = tolerance + (ROUNDING * Math.abs(loss)) / step;
  return { tensor: place.tensor, index: indexOf(entry, place.shape), analytic, numeric, error, allowed };
}

/** Error as a share of what is allowed; infinite for NaN. */
function badness({ error, allowed }: GradientEntry): number {
  if (error === 0) return 0;
  const share = error / allowed;
  return Number.isNaN(share) ? Infinity : share;
}

function worstOf(entries: readonly GradientEntry[]): GradientEntry {
  return entries.reduce((worst, entry) => (badness(entry) > badness(worst) ? entry : worst));
}

function indexOf(entry: number, shape: Shape): number[] {
  const index = new Array<number>(shape.length);
  for (let axis = shape.length - 1, rest = entry; axis >= 0; axis--) {
    index[axis] = rest % shape[axis]!;
    rest = Math.floor(rest / shape[axis]!);
  }
  return index;
}
