import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { startScript } from './startScript.ts';

/** An example that serves something. */
export interface RunningServer extends AsyncDisposable {
  /** The first line that it wrote: where it listens. */
  url: string;
  /** Ends it as a supervisor would, by SIGTERM; its exit code, null when it did not end by itself. */
  stop(): Promise<number | null>;
  /** As stop, without an answer. */
  close(): Promise<void>;
}

/** Starts a script of the folder examples, with digits of the npm package. What it says goes to this process. */
export async function startServer(script: string, args: readonly string[]): Promise<RunningServer> {
  const child = startScript(script, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'close') as Promise<[number | null]>;
  const early = ended.then(([code]) => Promise.reject(new Error(`${script} ended with ${code} before it listened`)));
  const [url] = (await Promise.race([once(createInterface(child.stdout!), 'line'), early])) as [string];
  early.catch(() => {});
  const stop = async (): Promise<number | null> => {
    child.kill();
    const [code] = await ended;
    return code;
  };
  const close = async (): Promise<void> => void (await stop());
  return { url, stop, close, [Symbol.asyncDispose]: close };
}
