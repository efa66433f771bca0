import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DataError, init, loadModel, OptionError, StateError, type Sequential } from '../../ts/entrypoints/node.ts';
import { disposeAfterEach } from '../support/lifecycle.ts';
import { smallData, smallModel } from '../support/models.ts';

let folder: string;
beforeAll(async () => {
  await init();
  folder = await mkdtemp(join(tmpdir(), 'fourlane-save-'));
});
afterAll(() => rm(folder, { recursive: true }));
const keep = disposeAfterEach();

function model(seed: number): Sequential {
  return keep(smallModel({ seed }));
}

it('a file holds the bytes, by path and by URL, and nothing else is left in its folder', async () => {
  const path = join(folder, 'one', 'model.safetensors');
  await mkdir(join(folder, 'one'));
  const first = model(1);
  await first.save(path);
  const buffer = await readFile(path);
  expect(new Uint8Array(buffer)).toEqual(await first.save());
  const copy = new Uint8Array(buffer);
  expect(await keep(await loadModel(buffer)).save()).toEqual(copy);
  expect(new Uint8Array(buffer), 'given bytes are left as they are').toEqual(copy);
  const second = model(2);
  await second.save(pathToFileURL(path));
  const bytes = await second.save();
  for (const source of [path, pathToFileURL(path), new Blob([bytes as Uint8Array<ArrayBuffer>])]) {
    expect(await keep(await loadModel(source)).save()).toEqual(bytes);
  }
  const response = new Response(bytes as Uint8Array<ArrayBuffer>);
  expect(await keep(await loadModel(response)).save()).toEqual(bytes);
  expect(await readdir(join(folder, 'one'))).toEqual(['model.safetensors']);
});

it('of writes at the same time the last one counts', async () => {
  const path = join(folder, 'many');
  const models = Array.from({ length: 5 }, (_, seed) => model(seed));
  await Promise.all(models.map((each) => each.save(path)));
  expect(new Uint8Array(await readFile(path))).toEqual(await models.at(-1)!.save());
});

it('a file that cannot be written leaves the old one, and no temporary one', async () => {
  const path = join(folder, 'taken');
  await mkdir(path);
  await writeFile(join(path, 'inside'), 'old');
  await expect(model(1).save(path)).rejects.toThrow(StateError);
  await expect(model(1).save(path)).rejects.toThrow(
    /^save: .*taken cannot be written: .*taken is there and is no file$/,
  );
  expect(await readdir(path)).toEqual(['inside']);
  expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});

it('a link stays, and what it leads to is replaced', async () => {
  const [path, link] = [join(folder, 'real'), join(folder, 'link')];
  await symlink('real', link);
  for (const seed of [1, 2]) {
    await model(seed).save(seed === 1 ? path : link);
    expect((await lstat(link)).isSymbolicLink()).toBe(true);
    expect(new Uint8Array(await readFile(path))).toEqual(await model(seed).save());
  }
});

it('a socket is not replaced', async (context) => {
  context.skip(process.platform === 'win32', 'Windows has no sockets among its files');
  const path = join(folder, 'socket');
  const server = createServer().listen(path);
  await once(server, 'listening');
  await expect(model(1).save(path)).rejects.toThrow(
    /^save: .*socket cannot be written: .*socket is there and is no file$/,
  );
  expect((await lstat(path)).isSocket()).toBe(true);
  server.close();
});

it('messages name the file', async () => {
  const path = join(folder, 'broken');
  await expect(loadModel(path)).rejects.toThrow(new DataError(`loadModel: ${path} does not exist`));
  await expect(loadModel(folder)).rejects.toThrow(`loadModel: ${folder} cannot be read: EISDIR`);
  await writeFile(path, 'no');
  await expect(loadModel(path)).rejects.toThrow(
    new DataError(`loadModel: ${path}: 2 bytes, which is no safetensors file`),
  );
  const fit = model(1).fit(smallData(4).x, smallData(4).y, { resumeFrom: path });
  await expect(fit).rejects.toThrow(`fit: resumeFrom: ${path}: 2 bytes`);
  await expect(model(1).save('')).rejects.toThrow(OptionError);
  await expect(model(1).save('indexeddb://a')).rejects.toThrow(
    new OptionError('save: expected a path, a file: URL or a function that takes bytes, got "indexeddb://a"'),
  );
});

it('a process that is killed while it writes leaves a whole file', async () => {
  const path = join(folder, 'killed');
  const program = `
    import { fileStorage } from ${JSON.stringify(new URL('../../ts/node/fileStorage.ts', import.meta.url).href)};
    const bytes = new Uint8Array(3_000_000);
    await fileStorage.write(${JSON.stringify(path)}, bytes.fill(1));
    process.stdout.write('started');
    for (let value = 2; ; value = (value + 1) % 256) await fileStorage.write(${JSON.stringify(path)}, bytes.fill(value));
  `;
  for (let delay = 0; delay < 5; delay++) {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: ['ignore', 'pipe', 2] });
    await once(child.stdout!, 'data');
    await new Promise((resolve) => setTimeout(resolve, 7 * delay));
    child.kill('SIGKILL');
    await once(child, 'close');
    const written = await readFile(path);
    expect(written.length).toBe(3_000_000);
    expect(written.every((value) => value === written[0])).toBe(true);
  }
});
