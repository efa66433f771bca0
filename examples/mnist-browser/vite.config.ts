import { fileURLToPath } from 'node:url';
import { defineConfig, type UserConfig } from 'vite';
import { ensureDigits } from './makeDigits.ts';

const root = fileURLToPath(new URL('.', import.meta.url));
/** Isolates the page, so that its worker may share memory with others; without them it trains on one thread. */
export const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

const repository = fileURLToPath(new URL('../..', import.meta.url));

export default defineConfig(async (): Promise<UserConfig> => {
  await ensureDigits();
  return {
    root,
    // Relative addresses: the built page works under any path.
    base: './',
    // `fourlane` is this repository itself; its dist/ lies above the root of the page.
    server: { fs: { allow: [repository] }, headers: isolation },
  };
});
