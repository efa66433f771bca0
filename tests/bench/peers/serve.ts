import { createInterface } from 'node:readline';
import type { Request } from '../protocol.ts';

/** Answers requests until standard input ends. What a library prints goes to standard error. */
export function serve(handle: (request: Request) => Promise<object>): void {
  const answer = process.stdout.write.bind(process.stdout);
  console.log = console.info = console.error;
  let last = Promise.resolve();
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    last = last
      .then(() => handle(JSON.parse(line) as Request))
      .catch((error: unknown) => ({ error: error instanceof Error ? error.message : String(error) }))
      .then((reply) => void answer(`${JSON.stringify(reply)}\n`));
  });
  lines.on('close', () => process.exit());
}
