import { beforeAll, expect, it } from 'vitest';
import { init, layers, losses, sgd, type Engine } from '../../ts/entrypoints/node.ts';
import { buildArchitecture } from '../../ts/model/architecture.ts';
import type { BoundPlan } from '../../ts/plan/execute.ts';
import { Session } from '../../ts/train/session.ts';
import { randomArray } from '../support/numbers.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await init();
});

const SAMPLES = 3;

/** A session with its training plan, the batch in place. Every one is the same. */
function training(): { session: Session; bound: BoundPlan } {
  const architecture = buildArchitecture([
    layers.input({ shape: [6, 6, 2] }),
    layers.conv2d({ filters: 4, kernelSize: 3, activation: 'relu' }),
    layers.maxPooling2d(),
    layers.flatten(),
    layers.dense({ units: 3 }),
  ]);
  const session = new Session('test', engine, architecture, 7);
  session.compile({ optimizer: sgd({ learningRate: 0.5 }), loss: losses.halfSquaredError(), metrics: [] });
  const bound = session.plan('train', SAMPLES);
  bound.f32(bound.plan.inputs[0]!, SAMPLES).set(randomArray([SAMPLES, 6, 6, 2], 1).data);
  bound.f32(bound.plan.target!, SAMPLES).set(randomArray([SAMPLES, 3], 2).data);
  return { session, bound };
}

it('profile runs a whole step, and each of its steps has a time', () => {
  const [profiled, plain] = [training(), training()];
  let time = 0;
  const clock = (): number => (time += 2);
  const times = profiled.bound.profile(SAMPLES, clock);

  const { forward, loss, backward, update } = profiled.bound.plan;
  const phases = { forward, loss: [loss!], backward, update };
  const expected = Object.entries(phases).flatMap(([phase, steps]) => steps.map((step) => ({ phase, step, ms: 2 })));
  expect(times).toEqual(expected);

  plain.bound.forward(SAMPLES);
  plain.bound.loss(SAMPLES);
  plain.bound.backward(SAMPLES);
  plain.bound.update();
  const parameters = ({ session }: { session: Session }): Float32Array =>
    session.parameters.blockView('parameters').slice();
  const initial = training();
  expect(parameters(profiled)).toEqual(parameters(plain));
  expect(parameters(profiled)).not.toEqual(parameters(initial));
  for (const { session } of [profiled, plain, initial]) session.dispose();
});

it('profile of a plan that only predicts has its forward steps', () => {
  const { session } = training();
  const bound = session.plan('predict', SAMPLES);
  const times = bound.profile(SAMPLES, () => 0);
  expect(times.map(({ step }) => step)).toEqual(bound.plan.forward);
  session.dispose();
});
