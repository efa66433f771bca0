import { expect, it } from 'vitest';
import { losses, sgd } from '../../ts/entrypoints/node.ts';
import { compilePlan } from '../../ts/plan/compile.ts';
import { printPlan } from '../../ts/plan/printPlan.ts';
import { residualGraph } from '../support/graphs.ts';

const expected = `
plan for N <= 4
bytes: parameters 384, gradients 384, state 0, optimizer 0, work 576 (576 live)
inputs #8 #9, outputs #10, target #15
buffers:
  #0 shared/kernel:grad: float32 [1, 3, 8] gradients 0..96
  #1 shared/kernel: float32 [1, 3, 8] parameters 0..96
  #2 shared/bias:grad: float32 [3] gradients 128..140
  #3 shared/bias: float32 [3] parameters 128..140
  #4 head/kernel:grad: float32 [1, 3, 8] gradients 192..288
  #5 head/kernel: float32 [1, 3, 8] parameters 192..288
  #6 head/bias:grad: float32 [2] gradients 320..328
  #7 head/bias: float32 [2] parameters 320..328
  #8 a: float32 [N, 3] work 0..48
  #9 b: float32 [N, 3] work 64..112
  #10 head/a: float32 [N, 2] work 128..160
  #11 shared/a: float32 [N, 3] work 192..240
  #12 shared/a: float32 [N, 3] work 256..304
  #13 residual/z: float32 [N, 3] work 128..176
  #14 sum/z: float32 [N, 3] work 320..368
  #15 target: float32 [N, 2] work 384..416
  #16 sampleLoss: float32 [N] work 448..464
  #17 head/a:grad: float32 [N, 2] work 512..544
  #18 sum/z:grad: float32 [N, 3] work 320..368
  #19 residual/z:grad: float32 [N, 3] work 384..432
  #20 shared/a:grad: float32 [N, 3] work 512..560
  #21 shared/a:grad: float32 [N, 3] work 320..368
  #22 shared:parameters: float32 [35] parameters 0..140
  #23 shared:gradients: float32 [35] gradients 0..140
  #24 head:parameters: float32 [34] parameters 192..328
  #25 head:gradients: float32 [34] gradients 192..328
forward:
  densePanelsForward shared input=#8 weight=#1 bias=#3 output=#11 {inputs 3, units 3, activation tanh}
  densePanelsForward shared input=#9 weight=#1 bias=#3 output=#12 {inputs 3, units 3, activation tanh}
  add residual a=#11 b=#8 output=#13 {size 3}
  add sum a=#13 b=#12 output=#14 {size 3}
  densePanelsForward head input=#14 weight=#5 bias=#7 output=#10 {inputs 3, units 2, activation linear}
loss:
  halfSquaredErrorForward halfSquaredError prediction=#10 target=#15 sampleLoss=#16 {size 2, reduction sum}
backward:
  halfSquaredErrorBackward halfSquaredError prediction=#10 target=#15 gradPrediction=#17 {size 2, reduction sum}
  densePanelsBackwardWeight head input=#14 gradOutput=#17 gradWeight=#4 gradBias=#6 {inputs 3, units 2, accumulate false}
  densePanelsBackwardInput head gradOutput=#17 weight=#5 gradInput=#18 {inputs 3, units 2}
  activationForward sum input=#18 output=#19 {activation linear, size 3}
  activationForward sum input=#18 output=#20 {activation linear, size 3}
  activationForward residual input=#19 output=#21 {activation linear, size 3}
  activationBackward shared output=#12 gradOutput=#20 gradInput=#20 {activation tanh, size 3}
  densePanelsBackwardWeight shared input=#9 gradOutput=#20 gradWeight=#0 gradBias=#2 {inputs 3, units 3, accumulate false}
  activationBackward shared output=#11 gradOutput=#21 gradInput=#21 {activation tanh, size 3}
  densePanelsBackwardWeight shared input=#8 gradOutput=#21 gradWeight=#0 gradBias=#2 {inputs 3, units 3, accumulate true}
update:
  sgdUpdate shared parameter=#22 gradient=#23 {size 35}
  sgdUpdate head parameter=#24 gradient=#25 {size 34}
`.trim();

it('two inputs, a shared layer and a residual add become this plan', () => {
  const graph = residualGraph();
  const loss = losses.halfSquaredError().lower(graph);
  const plan = compilePlan(graph, { maxBatch: 4, loss, backward: true, optimizer: sgd().lowering });
  expect(printPlan(plan)).toBe(expected);
  // Plain data: what is sent to a worker, or written down, prints the same.
  expect(printPlan(structuredClone(plan))).toBe(expected);
  expect(
    printPlan(compilePlan(residualGraph(), { maxBatch: 4, loss, backward: true, optimizer: sgd().lowering })),
  ).toBe(expected);
});

it('without a loss only the forward pass and what it needs is left', () => {
  const text = printPlan(compilePlan(residualGraph(), { maxBatch: 1 }));
  expect(text).toContain('target none');
  expect(text).toMatch(/forward:\n(.*\n){4}.*densePanelsForward head .*$/);
  expect(text).not.toMatch(/loss:|backward:|update:|sampleLoss/);
});
