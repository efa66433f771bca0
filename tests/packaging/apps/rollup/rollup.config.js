import { cp } from 'node:fs/promises';
import { nodeResolve } from '@rollup/plugin-node-resolve';

// Rollup leaves `new URL('./file', import.meta.url)` as it is: what the library starts or fetches goes beside the bundle.
const files = /\.wasm$|^(poolWorker|trainerWorker)\.js$/;

const copyFourlane = {
  name: 'copy-fourlane',
  async writeBundle({ dir }) {
    const filter = (source) => source.endsWith('dist') || files.test(source.split(/[\\/]/).at(-1));
    await cp('node_modules/fourlane/dist', dir, { recursive: true, filter });
  },
};

export default {
  input: 'main.js',
  output: { dir: 'dist', format: 'es' },
  plugins: [nodeResolve({ browser: true }), copyFourlane],
};
