// `npm run format`: rewrites the sources of both languages in their standard formatting.
import { main, run } from './lib/shell.mjs';

await main(() => {
  run('cargo', ['fmt', '--all']);
  run('prettier', ['--write', '--log-level', 'warn', '.']);
});
