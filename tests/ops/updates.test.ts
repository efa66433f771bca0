import { describe, expect, expectTypeOf, test } from 'vitest';
import type { NDArray } from '../../ts/entrypoints/node.ts';
import { adamUpdate, EngineBuffer, sgdMomentumUpdate, sgdUpdate } from '../../ts/entrypoints/ops.ts';
import { DataError, OptionError, ShapeError } from '../../ts/errors.ts';
import { expectClose } from '../support/compare.ts';
import { randomArray } from '../support/numbers.ts';
import { referenceUpdate } from '../support/reference/optimizers.ts';
import { array, integers, useEngine } from './support.ts';

useEngine();

/** A few roundings of float32 in each of some steps. */
const tolerance = 4e-6;
const start = randomArray([3, 7], 1);
const gradients = [2, 3, 4, 5].map((seed) => randomArray([3, 7], seed));
/** Below it moments are zero. */
const bound = 2 ** -100;

describe('sgdUpdate', () => {
  const [parameter, gradient] = [array([3], [1, 2, 3]), array([3], [4, -8, Infinity])];

  test('arrays and buffers', () => {
    expect(sgdUpdate(parameter, gradient, { learningRate: 0.25 })).toEqual(array([3], [0, 4, -Infinity]));
    expect(sgdUpdate(parameter, gradient, { learningRate: 0 })).toEqual(parameter);
    const buffer = EngineBuffer.from(parameter);
    expect(sgdUpdate(buffer, gradient, { learningRate: 0.25 })).toBe(buffer);
    expect(buffer.read()).toEqual(array([3], [0, 4, -Infinity]));
    buffer.dispose();
  });

  test('decays by learningRate * weightDecay', () => {
    const decayed = sgdUpdate(parameter, gradient, { learningRate: 0.25, weightDecay: 0.5 });
    expect(decayed).toEqual(array([3], [1 - 1 - 0.125, 2 + 2 - 0.25, -Infinity]));
  });

  test('refuses', () => {
    const backwards = () => sgdUpdate(parameter, gradient, { learningRate: -1 });
    expect(backwards).toThrow('sgdUpdate: learningRate must be a number in [0, Infinity], got -1');
    const unknown = () => sgdUpdate(parameter, gradient, { learningRate: 1, momentum: 1 } as never);
    expect(unknown).toThrow('sgdUpdate: unknown option momentum; known: learningRate, weightDecay, engine');
  });
});

describe.each([false, true])('sgdMomentumUpdate, nesterov %s', (nesterov) => {
  const options = { learningRate: 0.125, momentum: 0.75, nesterov, weightDecay: 0.5 };
  const reference = () => referenceUpdate({ name: 'sgd', ...options });

  test('arrays: each call takes what the last one returned', () => {
    const update = reference();
    let [parameter, expected] = [start, [...start.data]];
    let state = {};
    for (const gradient of gradients) {
      ({ parameter, ...state } = sgdMomentumUpdate(parameter, gradient, { ...options, ...state }));
      expected = update(expected, gradient.data);
      expect(parameter.shape).toEqual([3, 7]);
      expectClose('parameter', parameter.data, expected, tolerance);
    }
  });

  test('buffers, in place', () => {
    const update = reference();
    const [parameter, velocity] = [EngineBuffer.from(start), new EngineBuffer([3, 7])];
    let expected = [...start.data];
    for (const gradient of gradients) {
      const result = sgdMomentumUpdate(parameter, gradient, { ...options, velocity });
      expectTypeOf(result).toEqualTypeOf<{ parameter: EngineBuffer } & { velocity: EngineBuffer }>();
      expect(result.parameter).toBe(parameter);
      expect(result.velocity).toBe(velocity);
      expected = update(expected, gradient.data);
    }
    expectClose('parameter', parameter.read().data, expected, tolerance);
    for (const buffer of [parameter, velocity]) buffer.dispose();
  });
});

describe('sgdMomentumUpdate', () => {
  const [parameter, gradient] = [array([3], [1, 2, 3]), array([3], [0, 0, 0])];

  test('a rate of 0 changes nothing', () => {
    const velocity = array([3], [4, 5, 6]);
    const result = sgdMomentumUpdate(parameter, array([3], [1, NaN, Infinity]), { learningRate: 0, velocity });
    expect(result).toEqual({ parameter, velocity });
  });

  test('velocities below the bound become 0, those at it stay', () => {
    const velocity = array([3], [2 * bound, 1.99 * bound, -1.99 * bound]);
    const result = sgdMomentumUpdate(parameter, gradient, { learningRate: 1, momentum: 0.5, velocity });
    expectTypeOf(result.velocity).toEqualTypeOf<NDArray<Float32Array>>();
    expect(result.velocity).toEqual(array([3], [bound, 0, 0]));
  });

  test('refuses', () => {
    const call = (options: object) => () => sgdMomentumUpdate(parameter, gradient, { learningRate: 1, ...options });
    expect(call({ momentum: 2 })).toThrow(
      new OptionError('sgdMomentumUpdate: momentum must be a number in [0, 1], got 2'),
    );
    expect(call({ beta1: 1 })).toThrow(
      'unknown option beta1; known: learningRate, momentum, nesterov, weightDecay, velocity, engine',
    );
    expect(call({ velocity: array([2], [1, 2]) })).toThrow(
      new ShapeError('sgdMomentumUpdate: velocity: expected [3], got [2]'),
    );
    const buffer = EngineBuffer.from(parameter);
    expect(() => sgdMomentumUpdate(buffer, gradient, { learningRate: 1, velocity: buffer })).toThrow(
      'sgdMomentumUpdate: parameter is written and cannot be the buffer of velocity',
    );
    buffer.dispose();
  });
});

describe.each([0, 0.5])('adamUpdate, weightDecay %d', (weightDecay) => {
  const options = { learningRate: 0.125, beta1: 0.75, beta2: 0.875, epsilon: 0.03125, weightDecay };
  const reference = () => referenceUpdate({ name: 'adam', ...options });

  test('arrays: each call takes what the last one returned', () => {
    const update = reference();
    let [parameter, expected] = [start, [...start.data]];
    let state: object = {};
    for (const [step, gradient] of gradients.entries()) {
      ({ parameter, ...state } = adamUpdate(parameter, gradient, { ...options, ...state }));
      expected = update(expected, gradient.data);
      expect(parameter.shape).toEqual([3, 7]);
      expectClose('parameter', parameter.data, expected, tolerance);
      expect(state).toMatchObject({ steps: integers([1], [step + 1]) });
    }
  });

  test('buffers, in place', () => {
    const update = reference();
    const state = {
      firstMoment: new EngineBuffer([3, 7]),
      secondMoment: new EngineBuffer([3, 7]),
      steps: new EngineBuffer([1], { dtype: 'int32' }),
    };
    const parameter = EngineBuffer.from(start);
    let expected = [...start.data];
    for (const gradient of gradients) {
      const result = adamUpdate(parameter, gradient, { ...options, ...state });
      expectTypeOf(result.steps).toEqualTypeOf<EngineBuffer<'int32'>>();
      expect(Object.entries(result).every(([name, value]) => value === { parameter, ...state }[name])).toBe(true);
      expected = update(expected, gradient.data);
    }
    expectClose('parameter', parameter.read().data, expected, tolerance);
    expect([...state.steps.read().data]).toEqual([gradients.length]);
    for (const buffer of [parameter, ...Object.values(state)]) buffer.dispose();
  });
});

describe('adamUpdate', () => {
  const [parameter, gradient] = [array([3], [1, 2, 3]), array([3], [0, 0, 0])];

  test('has the defaults of the optimizer', () => {
    const update = referenceUpdate({ name: 'adam', learningRate: 0.5, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 });
    const result = adamUpdate(start, gradients[0]!, { learningRate: 0.5 });
    expectClose('parameter', result.parameter.data, update(start.data, gradients[0]!.data), tolerance);
    expectTypeOf(result.steps).toEqualTypeOf<NDArray<Int32Array>>();
  });

  test('moments are the means of the formula', () => {
    const { firstMoment, secondMoment } = adamUpdate(parameter, array([3], [1, -2, 3]), { learningRate: 1 });
    expectClose('firstMoment', firstMoment.data, [0.1, -0.2, 0.3], 1e-7);
    expectClose('secondMoment', secondMoment.data, [0.001, 0.004, 0.009], 1e-7);
  });

  test('goes on from any number of steps', () => {
    const state = { firstMoment: array([3], [0.5, 1, -1]), secondMoment: array([3], [1, 2, 4]) };
    for (const steps of [0, 1, 6, 1000, 100_000, 2 ** 31 - 2]) {
      const { beta1, beta2, epsilon } = { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };
      const result = adamUpdate(parameter, gradient, { learningRate: 1, ...state, steps: integers([1], [steps]) });
      const expected = Array.from(parameter.data, (value, i) => {
        const mHat = (beta1 * state.firstMoment.data[i]!) / (1 - beta1 ** (steps + 1));
        const vHat = (beta2 * state.secondMoment.data[i]!) / (1 - beta2 ** (steps + 1));
        return value - mHat / (Math.sqrt(vHat) + epsilon);
      });
      expectClose(`after ${steps}`, result.parameter.data, expected, tolerance);
      expect(result.steps).toEqual(integers([1], [steps + 1]));
    }
  });

  test('a rate of 0 changes nothing', () => {
    const state = {
      firstMoment: array([3], [4, 5, 6]),
      secondMoment: array([3], [7, 8, 9]),
      steps: integers([1], [12]),
    };
    const result = adamUpdate(parameter, array([3], [1, NaN, Infinity]), { learningRate: 0, ...state });
    expect(result).toEqual({ parameter, ...state });
  });

  test('moments below the bound become 0, those at it stay', () => {
    const tiny = array([3], [2 * bound, 1.99 * bound, bound]);
    const options = { learningRate: 1, beta1: 0.5, beta2: 0.5, firstMoment: tiny, secondMoment: tiny };
    const { firstMoment, secondMoment } = adamUpdate(parameter, gradient, options);
    expect(firstMoment).toEqual(array([3], [bound, 0, 0]));
    expect(secondMoment).toEqual(array([3], [bound, 0, 0]));
  });

  test('refuses', () => {
    const call = (options: object) => () => adamUpdate(parameter, gradient, { learningRate: 1, ...options });
    expect(call({ beta2: 1 })).toThrow(new OptionError('adamUpdate: beta2 must be a number in [0, 1), got 1'));
    expect(call({ epsilon: 0 })).toThrow('adamUpdate: epsilon must be a number in [1.1754943508222875e-38, Infinity]');
    expect(call({ nesterov: true })).toThrow('adamUpdate: unknown option nesterov; known: learningRate, beta1, beta2,');
    expect(call({ steps: integers([1], [-1]) })).toThrow(new DataError('adamUpdate: steps must be >= 0, got -1'));
    expect(call({ steps: integers([2], [1, 2]) })).toThrow(new ShapeError('adamUpdate: steps: expected [1], got [2]'));
    expect(call({ steps: 3 })).toThrow(DataError);
    expect(call({ secondMoment: array([4], [1, 2, 3, 4]) })).toThrow('adamUpdate: secondMoment: expected [3], got [4]');
    expect(call({ learningRate: NaN })).toThrow('adamUpdate: learningRate must be a number in [0, Infinity], got NaN');
  });
});
