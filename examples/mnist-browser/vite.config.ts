import { fileURLToPath } from 'node:url';
import { defineConfig, type UserConfig } from 'vite';
import { ensureDigits } from './makeDigits.ts';

const root = fileURLToPath(new URL('.', import.meta.url));
const repository = fileURLToPath(new URL('../..', import.meta.url));

export default defineConfig(async (): Promise<UserConfig> => {
  await ensureDigits();
  return {
    root,
    // Relative addresses: the built page works under any path.
    base: './',
    // `fourlane` is this repository itself; its dist/ lies above the root of the page.
    server: { fs: { allow: [repository] } },
  };
});
