import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { goldenFixtures } from '../fixtures/golden/make.ts';
import { goldenFolders } from './folders.ts';

const runner = fileURLToPath(new URL('./run.ts', import.meta.url));
const fixtures = new URL('../fixtures/golden/', import.meta.url);
const scratch = mkdtempSync(join(tmpdir(), 'fourlane-golden-'));

afterAll(() => rmSync(scratch, { recursive: true }));

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** What becomes of a value at a path of keys, separated by `/`; undefined deletes it. */
type Edits = Record<string, Json | undefined | ((old: Json) => Json)>;

const fixtureText = (name: string): string => readFileSync(new URL(`${name}.json`, fixtures), 'utf8');

/** A fixture with some values changed. */
function changed(name: string, edits: Edits): string {
  const file = JSON.parse(fixtureText(name)) as Json;
  for (const [path, edit] of Object.entries(edits)) {
    const keys = path.split('/');
    const last = keys.pop()!;
    const holder = keys.reduce((at, key) => (at as { [key: string]: Json })[key]!, file) as { [key: string]: Json };
    const value = typeof edit === 'function' ? edit(holder[last]!) : edit;
    if (value === undefined) delete holder[last];
    else holder[last] = value;
  }
  return JSON.stringify(file);
}

interface Run {
  status: number;
  lines: string[];
  counts: { passed: number; failed: number; skipped: number };
}

/** Runs the runner as a process of its own, on one engine unless told otherwise. */
function runGolden(variable: string, args = ['--build', 'simd', '--threads', '1', '--winograd', 'auto']): Promise<Run> {
  const env = { ...process.env, FOURLANE_GOLDEN: variable };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [runner, ...args], { env, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      const lines = stdout.trimEnd().split('\n');
      const counts = /^(\d+) passed, (\d+) failed, (\d+) skipped$/.exec(lines.at(-1)!)?.slice(1).map(Number);
      if (counts === undefined) return reject(new Error(`no counts in the last line: ${stdout}${stderr}`));
      const [passed, failed, skipped] = counts as [number, number, number];
      const status = error === null ? 0 : (error.code as unknown as number);
      resolve({ status, lines, counts: { passed, failed, skipped } });
    });
  });
}

/** Writes files into a folder of their own and runs them; the lines of each. */
async function runFiles(
  folder: string,
  files: Record<string, string>,
): Promise<Run & { of: (name: string) => string[] }> {
  const path = join(scratch, folder);
  mkdirSync(path);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, `${name}.json`), text);
  const result = await runGolden(path);
  return { ...result, of: (name) => result.lines.filter((line) => line.slice(5).startsWith(`${name}.json,`)) };
}

let ownPassed = 0;
beforeAll(async () => {
  const { status, counts, lines } = await runGolden(fileURLToPath(fixtures));
  expect(lines.filter((line) => line.startsWith('FAIL'))).toEqual([]);
  expect(status).toBe(0);
  // The folder was named, and is always read: everything ran twice.
  ownPassed = counts.passed / 2;
  expect(ownPassed).toBeGreaterThan(20);
});

test('a number that is off fails, and is named', async () => {
  /** Moves a number, or the largest one of a list, by this share of it, so that the scale of the tensor stays. */
  const off =
    (share: number) =>
    (old: Json): Json => {
      if (typeof old === 'number') return old * (1 - share);
      const values = [...(old as number[])];
      const largest = values.reduce((most, value, i) => (Math.abs(value) > Math.abs(values[most]!) ? i : most), 0);
      values[largest]! *= 1 - share;
      return values;
    };
  const oneMore = (old: Json): Json => (old as number[]).map((value, i) => (i === 0 ? value + 1 : value));
  const rows: [fixture: string, path: string, tensor: string, edit: (old: Json) => Json][] = [
    ['networkConvolution', 'forward/conv1.a/data', 'conv1.a', off(2e-5)],
    ['networkConvolution', 'forward/fc1.z/data', 'fc1.z', off(2e-5)],
    ['networkConvolution', 'forward/pool1.t/data', 'pool1.t', off(2e-5)],
    ['networkConvolution', 'loss', 'loss', off(2e-5)],
    ['networkConvolution', 'lossPerSample', 'lossPerSample', off(2e-5)],
    ['networkConvolution', 'deltas/conv1.delta/data', 'conv1.delta', off(2e-5)],
    ['networkCorrelation', 'deltas/pool1.up/data', 'pool1.up', off(2e-5)],
    ['networkCorrelation', 'grads/conv1.dW/data', 'conv1.dW', off(2e-5)],
    ['networkCorrelation', 'grads/conv3.db/data', 'conv3.db', off(2e-5)],
    ['networkCorrelation', 'dX/data', 'dX', off(2e-5)],
    ['networkCorrelation', 'updated/conv1.W/data', 'conv1.W', off(2e-5)],
    ['networkCorrelation', 'updated/conv2.W/data', 'conv2.W', off(2e-5)],
    ['networkCorrelation', 'lossAfterUpdate', 'lossAfterUpdate', off(2e-5)],
    ['updateOrders', 'orders/joint/params/out.W/data', 'out.W', off(2e-5)],
    ['updateOrders', 'orders/joint/lossAfter', 'lossAfter', off(2e-5)],
    ['updateOrders', 'trajectory/losses', 'trajectory.losses', off(2e-5)],
    ['updateOrders', 'trajectory/params/conv1.b/data', 'conv1.b', off(2e-5)],
    ['operations', 'cases/5/a/data', 'a', off(2e-5)],
    ['operations', 'cases/5/dW/data', 'dW', off(2e-5)],
    ['operations', 'cases/5/db/data', 'db', off(2e-5)],
    ['operations', 'cases/5/dX/data', 'dX', off(2e-5)],
    ['operations', 'cases/8/t/data', 't', off(2e-5)],
    ['operations', 'cases/8/up/data', 'up', off(2e-5)],
    ['operations', 'cases/15/z/data', 'z', off(2e-5)],
    ['operations', 'cases/15/derivative/data', 'derivative', off(2e-5)],
    ['trainingSame', 'logits/data', 'logits', off(2e-5)],
    ['trainingSame', 'loss', 'loss', off(2e-5)],
    ['trainingSame', 'dX/data', 'dX', off(2e-5)],
    ['trainingSame', 'gradients/0/data', 'gradients[0]', off(2e-4)],
    ['trainingSame', 'losses', 'losses', off(2e-4)],
    ['trainingSame', 'finalWeights/2/data', 'finalWeights[2]', off(2e-4)],
    ['trainingAdamW', 'finalWeights/5/data', 'finalWeights[5]', off(2e-4)],
    ['networkConvolution', 'forward/pool1.argmax/data', 'pool1.argmax', oneMore],
    ['operations', 'cases/8/argmax/data', 'argmax', oneMore],
  ];
  const files = rows.map(([fixture, path, , edit], row) => [`row${row}`, changed(fixture, { [path]: edit })] as const);
  const { status, counts, of } = await runFiles('off', Object.fromEntries(files));
  expect(status).toBe(1);
  expect(counts.failed).toBe(rows.length);
  rows.forEach(([fixture, path, tensor], row) => {
    const failed = of(`row${row}`).filter((line) => line.startsWith('FAIL'));
    expect(failed, `${fixture} ${path}`).toHaveLength(1);
    expect(failed[0]).toContain(tensor);
    expect(failed[0]).toMatch(/got -?\d\S*, expected -?\d\S* \(off by \d\S*, allowed /);
  });
});

test('folders that are missing or hold no JSON fail', async () => {
  const empty = join(scratch, 'empty');
  mkdirSync(empty);
  const { status, counts, lines } = await runGolden(`${join(scratch, 'nowhere')}:${empty}`);
  expect(status).toBe(1);
  expect(counts).toEqual({ passed: ownPassed, failed: 2, skipped: 0 });
  expect(lines.filter((line) => line.startsWith('FAIL'))).toEqual([
    expect.stringMatching(/^FAIL .*nowhere: ENOENT/),
    `FAIL ${empty}: holds no *.json`,
  ]);
});

test('only the default folders may be absent', () => {
  const root = join(scratch, 'clone/fourlane');
  const problems = goldenFolders(undefined, root).map(({ name, problem }) => [name, problem?.skipped]);
  expect(problems).toEqual([
    ['tests/fixtures/golden', false],
    ['../shared/seed/golden', true],
    ['../shared/networks', true],
  ]);
  mkdirSync(join(scratch, 'clone/shared/networks'), { recursive: true });
  expect(goldenFolders(undefined, root)[2]!.problem).toEqual({ skipped: false, reason: 'holds no *.json' });
});

test('what a file says and the runner does not know fails', async () => {
  const [network, operations, training] = ['networkConvolution', 'operations', 'trainingValid'];
  const rows: [name: string, text: string, message: RegExp][] = [
    ['not JSON', '{', /JSON/],
    ['a list', '[]', /expected an object/],
    ['format', changed(network, { format: 'other' }), /unknown format "other"/],
    ['version', changed(network, { version: 2 }), /unknown version 2/],
    ['kind', changed(network, { kind: 'other' }), /unknown kind "other"/],
    ['inherited kind', changed(network, { kind: 'toString' }), /unknown kind "toString"/],
    ['layer type', changed(network, { 'config/layers/0/type': 'lstm' }), /type: expected one of .*"lstm"/],
    ['layer option', changed(network, { 'config/layers/0/dilation': 2 }), /unknown option dilation/],
    ['kernel mode', changed(network, { 'config/kernelMode': 'other' }), /kernelMode: expected one of .*"other"/],
    ['activation', changed(network, { 'config/layers/0/activation': 'gelu' }), /activation: .*"gelu"/],
    ['pad side', changed(network, { 'config/layers/1/padSide': 'left' }), /padSide.*"left"/],
    ['no rate', changed(network, { 'learningRates/fc1': undefined }), /learningRates\.fc1/],
    ['strange tensor', changed(network, { 'forward/conv9.a': {} }), /has no conv9\.a/],
    ['missing tensor', changed(network, { 'grads/fc1.dW': undefined }), /grads\.fc1\.dW/],
    ['missing group', changed(network, { dX: undefined }), /dX/],
    ['order', changed('updateOrders', { 'orders/random': {} }), /"random"/],
    ['op', changed(operations, { 'cases/0/op': 'other' }), /op: expected one of .*"other"/],
    ['op option', changed(operations, { 'cases/0/padding': 1 }), /unknown option padding/],
    ['channel mode', changed(operations, { 'cases/0/channelMode': 'other' }), /channelMode.*"other"/],
    ['no cases', changed(operations, { cases: [] }), /no cases/],
    ['training layer', changed(training, { 'config/layers/0/type': 'lstm' }), /unknown layer type "lstm"/],
    ['training option', changed(training, { 'config/layers/0/groups': 2 }), /unknown option groups/],
    ['training loss', changed(training, { 'config/loss': 'hinge' }), /loss.*"hinge"/],
    ['optimizer', changed(training, { 'config/optimizer/name': 'lion' }), /"lion"/],
    ['optimizer option', changed(training, { 'config/optimizer/weightDecay': 1 }), /unknown option weightDecay/],
    ['decay of adam', changed('trainingAdam', { 'config/optimizer/weightDecay': 1 }), /unknown option weightDecay/],
    ['momentum', changed('trainingMomentum', { 'config/optimizer/momentum': 2 }), /momentum must be .*, got 2/],
  ];
  const { status, of } = await runFiles('unknown', Object.fromEntries(rows.map(([name, text]) => [name, text])));
  expect(status).toBe(1);
  for (const [name, , message] of rows) {
    const failed = of(name).filter((line) => line.startsWith('FAIL'));
    expect(failed.length, name).toBeGreaterThan(0);
    expect(failed[0]).toMatch(message);
  }
});

test('every option of an optimizer counts', async () => {
  const rows: [fixture: string, option: string, value: boolean | number | string][] = [
    ['trainingMomentum', 'learningRate', 0.124],
    ['trainingMomentum', 'momentum', 0.87],
    ['trainingMomentum', 'nesterov', true],
    ['trainingNesterov', 'nesterov', false],
    ['trainingAdam', 'name', 'adamw'],
    ['trainingAdam', 'beta1', 0.76],
    ['trainingAdam', 'beta2', 0.99],
    ['trainingAdam', 'epsilon', 0.0079],
    ['trainingAdamW', 'weightDecay', 0.26],
  ];
  const files = rows.map(([fixture, option, value], row) => [
    `row${row}`,
    changed(fixture, { [`config/optimizer/${option}`]: value }),
  ]);
  const unchanged = changed('trainingValid', { 'config/optimizer/momentum': 0, 'config/optimizer/nesterov': false });
  const { of } = await runFiles('options', { ...(Object.fromEntries(files) as Record<string, string>), unchanged });
  rows.forEach((row, index) => {
    const [pass, training] = of(`row${index}`);
    expect(pass, row.join(' ')).toMatch(/^pass .*first pass/);
    expect(training, row.join(' ')).toMatch(/^FAIL .*training, simd: (losses|finalWeights)/);
  });
  expect(of('unchanged').filter((line) => line.startsWith('pass'))).toHaveLength(2);
});

test('what is no finite number fails, in the file and out of the library', async () => {
  const text = fixtureText('operations');
  const first = text.indexOf('"data":[') + '"data":['.length;
  const withFirst = (value: string): string => text.slice(0, first) + value + text.slice(text.indexOf(',', first));
  // Too large for float32 once multiplied, of both signs: infinity minus infinity.
  const overflow = changed('operations', {
    'cases/0/X/data': (old) => (old as number[]).map(() => 3e38),
    'cases/0/W/data': (old) => (old as number[]).map((_, i) => (i % 2 === 0 ? 3e38 : -3e38)),
  });
  const files = { literal: withFirst('NaN'), null: withFirst('null'), infinite: withFirst('1e999'), overflow };
  const { status, of } = await runFiles('nan', files);
  expect(status).toBe(1);
  expect(of('literal')).toEqual([expect.stringMatching(/^FAIL .*JSON/)]);
  expect(of('null')[0]).toMatch(/^FAIL .*X\[0\]: expected a finite number, got null/);
  expect(of('infinite')[0]).toMatch(/^FAIL .*X\[0\]: expected a finite number, got Infinity/);
  expect(of('overflow')[0]).toMatch(/^FAIL .*a\[.*\]: got (NaN|-?Infinity), expected /);
});

test('shared kernels and every update order count', async () => {
  const noOrders = { joint: undefined, sequential: {}, 'gauss-seidel': {}, block: { inner: 2 } };
  const { status, of } = await runFiles('features', {
    shared: changed('networkConvolution', { 'config/layers/0/channelMode': 'shared' }),
    orders: changed('updateOrders', { orders: noOrders as unknown as Json }),
    block: changed('updateOrders', { 'orders/block': {} }),
  });
  expect(status).toBe(1);
  // The file's kernels have an axis of channels.
  expect(of('shared')).toEqual([expect.stringMatching(/^FAIL .*setWeights: .*expected \[2, 3, 1, 5\]/)]);
  const orders = of('orders').filter((line) => line.includes(', order '));
  expect(orders).toHaveLength(3);
  for (const line of orders) expect(line).toMatch(/^FAIL .*params: expected an object, got nothing/);
  expect(of('block').find((line) => line.includes(', order block'))).toMatch(/updateOrder\.block .*got undefined/);
});

test('runs on every build, number of threads and choice of algorithms, or on those that are named', async () => {
  const passed = ownPassed;
  const all = await runGolden(fileURLToPath(fixtures), []);
  expect(all.counts).toEqual({ passed: 16 * passed, failed: 0, skipped: 0 });
  for (const build of ['simd', 'relaxed']) {
    for (const more of ['', ' with 2 threads', ' winograd f2', ' winograd false']) {
      expect(all.lines.filter((line) => line.endsWith(`, ${build}${more}`))).toHaveLength(2 * passed);
    }
  }
  await expect(runGolden('', ['--build', 'fast'])).rejects.toThrow('build must be "simd" or "relaxed", got "fast"');
  await expect(runGolden('', ['--thread', '2'])).rejects.toThrow('Unknown option');
});

test('the fixtures are what their script makes', () => {
  for (const [name, file] of Object.entries(goldenFixtures())) {
    expect(
      fixtureText(name) === `${JSON.stringify(file)}\n`,
      `${name}.json; run node tests/fixtures/golden/make.ts`,
    ).toBe(true);
  }
});
