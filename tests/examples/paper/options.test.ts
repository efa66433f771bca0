import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../examples/digits/dataFolder.ts';
import { readOptions } from '../../../examples/paper/options.ts';

describe('options of npm run paper', () => {
  it('writes to docs, a quick run elsewhere', () => {
    expect(readOptions([], {})).toEqual({ quick: false, report: false, data: undefined, out: 'docs' });
    expect(readOptions(['--quick'], {})).toEqual({ quick: true, report: false, data: undefined, out: 'target/paper' });
    expect(readOptions(['--quick', '--out', 'x'], {}).out).toBe('x');
    expect(readOptions([], { FOURLANE_DATA: import.meta.dirname }).data).toBe(import.meta.dirname);
  });

  it.each([
    [['--data', '/nowhere/at/all'], '--data: there is no folder /nowhere/at/all'],
    [['--fast'], "Unknown option '--fast'"],
    [['digits'], "Unexpected argument 'digits'"],
  ])('%o: a sentence', (args, message) => {
    expect(() => readOptions(args, {})).toThrow(UsageError);
    expect(() => readOptions(args, {})).toThrow(message);
  });
});
