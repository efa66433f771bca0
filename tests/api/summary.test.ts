import { describe, expect, it, vi } from 'vitest';
import { layers, OptionError, sequential } from '../../ts/entrypoints/node.ts';

const chain = () => [
  layers.input({ shape: [8, 8, 2] }),
  layers.conv2d({ name: 'conv1', filters: 4, kernelSize: 3 }),
  layers.flatten(),
  layers.dense({ name: 'head', units: 10, trainable: false }),
];

describe('summary', () => {
  it('lists layers, output shapes and parameters', () => {
    const text = sequential(chain(), { name: 'tiny' }).summary({ printFn: vi.fn() });
    // 3 * 3 * 2 * 4 + 4; 144 * 10 + 10.
    expect(text.split('\n').slice(0, 8)).toEqual(
      [
        'Model "tiny", input [N, 8, 8, 2]',
        '-----------------------------------------',
        'Layer    Kind     Output shape  Parameters',
        '-----------------------------------------',
        'conv1    conv2d   [N, 6, 6, 4]          76',
        'flatten  flatten  [N, 144]               0',
        'head     dense    [N, 10]             1450',
        '-----------------------------------------',
      ].map((line) => (line.startsWith('---') ? '-'.repeat(42) : line)),
    );
    expect(text).toContain('Parameters: 1526 (76 trainable, 1450 not)');
  });

  it('tells the memory of a batch, and of training once compiled', () => {
    const model = sequential([layers.input({ shape: [1024] }), layers.dense({ units: 1024 })]);
    const text = (batchSize: number): string => model.summary({ printFn: vi.fn(), batchSize });
    // 1024 x 1024 weights of 4 bytes and 1024 biases; 256 samples of 1024 inputs and outputs.
    expect(text(256)).toMatch(
      /Memory, predict, batch 256: peak 6.00 MiB \(parameters 4.00, gradients 0.00, .* activations 2.00, .*\); 6.00 MiB/,
    );
    expect(text(512)).toContain('activations 4.00');
    expect(text(256)).not.toContain('train,');
    model.compile({ optimizer: 'sgd', loss: 'halfSquaredError' });
    expect(text(256)).toMatch(
      /Memory, train, batch 256: peak 12.01 MiB \(parameters 4.00, gradients 4.00, optimizer 0.00/,
    );
  });

  it('prints what it returns, to the console unless told otherwise', () => {
    const printFn = vi.fn();
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    try {
      const model = sequential(chain());
      expect(printFn).not.toHaveBeenCalled();
      const text = model.summary({ printFn });
      expect(printFn.mock.calls).toEqual([[text]]);
      expect(log).not.toHaveBeenCalled();
      model.summary();
      expect(log.mock.calls).toEqual([[text]]);
    } finally {
      log.mockRestore();
    }
  });

  it('refuses what it does not know', () => {
    expect(() => sequential(chain()).summary({ batchSize: 0 })).toThrow(OptionError);
    expect(() => sequential(chain()).summary({ lineLength: 80 } as never)).toThrow(
      new OptionError('summary: unknown option lineLength; known: printFn, batchSize'),
    );
  });
});
