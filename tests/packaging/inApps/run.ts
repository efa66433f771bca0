import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { userEnvironment } from '../installPackage.ts';

/** No tool of an app tells its makers anything, or colours what it says. */
const env = (): NodeJS.ProcessEnv => ({
  ...userEnvironment(),
  NEXT_TELEMETRY_DISABLED: '1',
  DO_NOT_TRACK: '1',
  NO_COLOR: '1',
});

/** Runs a command in an app; what it printed. Rejects with all of that where it fails. */
export async function run(folder: string, command: string, args: readonly string[]): Promise<string> {
  try {
    // A program that does not end by itself has left something running.
    const { stdout } = await promisify(execFile)(command, args, { cwd: folder, env: env(), timeout: 300_000 });
    return stdout;
  } catch (error) {
    const { message, stdout, stderr } = error as Error & { stdout: string; stderr: string };
    throw new Error(`${message}\n${stdout}\n${stderr}`, { cause: error });
  }
}

/** A server that an app's own tools run. */
export interface AppServer extends AsyncDisposable {
  url: string;
}

/** Starts `npm run SCRIPT -- --port PORT` in an app and waits until it answers. */
export async function serveApp(folder: string, script: string): Promise<AppServer> {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  // A group of its own: npm starts the server as a child of a child.
  const child = spawn('npm', ['run', script, '--', '--port', String(port)], {
    cwd: folder,
    env: env(),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += String(chunk)));
  const ended = once(child, 'close');
  const server = {
    url,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null) process.kill(-child.pid!, 'SIGKILL');
      await ended;
    },
  };
  const deadline = Date.now() + 120_000;
  while (!(await answers(url))) {
    if (child.exitCode === null && Date.now() < deadline) {
      await sleep(100);
      continue;
    }
    await server[Symbol.asyncDispose]();
    throw new Error(`npm run ${script}: ${url} does not answer\n${said}`);
  }
  return server;
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, 'localhost');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
