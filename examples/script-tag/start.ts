// `npm run example:script-tag`: serves the page, from files as they are.
import type { AddressInfo } from 'node:net';
import { integer, parseOptions, runExample } from '../digits/commandLine.ts';
import { makeServer } from './server.ts';

const usage = `npm run example:script-tag -- [options]
  --port N    to listen on, 0 for a free one (default 8080)`;

await runExample(usage, async () => {
  const { port } = parseOptions(process.argv.slice(2), ['port']);
  const server = makeServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(integer('--port', port, 0) ?? 8080, '127.0.0.1', resolve);
  });
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
});
