import { describe, expect, it } from 'vitest';
import { disagreement } from './agreement.ts';
import { rowsNamed } from './workloads.ts';

const sgd = rowsNamed(['W1'])[0]!;
const adam = rowsNamed(['W4'])[0]!;
const predict = rowsNamed(['W1'])[1]!;
const losses = [[2], [1], [0.5]];

describe('results of a peer', () => {
  it('agree within the tolerances of the optimizer', () => {
    expect(disagreement(sgd, losses, [[2.00019], [1.0009], [0.4996]])).toBeUndefined();
    expect(disagreement(adam, losses, [[2.00019], [1.019], [0.491]])).toBeUndefined();
    expect(disagreement(predict, losses, losses)).toBeUndefined();
  });

  it('are told where they differ', () => {
    expect(disagreement(sgd, losses, [[2.00021], [1], [0.5]])).toBe(
      'loss 1 is 2.00021, ours 2 (tolerance 0.0001 of 2)',
    );
    expect(disagreement(sgd, losses, [[2], [1.0011], [0.5]])).toMatch(/^loss 2 is 1.0011/);
    expect(disagreement(adam, losses, [[2], [1], [0.511]])).toMatch(/^loss 3 is 0.511/);
    expect(disagreement(sgd, losses, [[2], [NaN], [0.5]])).toMatch(/^loss 2 is NaN/);
  });

  it('of a prediction are measured by its largest entry', () => {
    const [ours] = [
      [
        [1000, 1],
        [1000, 1],
        [1000, 1],
      ],
    ];
    expect(
      disagreement(predict, ours, [
        [1000, 1.09],
        [1000, 1],
        [1000, 1],
      ]),
    ).toBeUndefined();
    expect(
      disagreement(predict, ours, [
        [1000, 1],
        [1000, 1],
        [1000, 1.2],
      ]),
    ).toMatch(/^value 1 of step 3 is 1.2/);
    expect(
      disagreement(predict, ours, [
        [1000, NaN],
        [1000, 1],
        [1000, 1],
      ]),
    ).toMatch(/^value 1 of step 1 is NaN/);
    expect(disagreement(predict, ours, [[1000], [1000, 1], [1000, 1]])).toBe('step 1 gives 1 values, ours 2');
  });
});
