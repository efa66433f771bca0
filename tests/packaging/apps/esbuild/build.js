import { copyFile, readdir } from 'node:fs/promises';
import { build } from 'esbuild';

await build({
  entryPoints: ['main.js'],
  bundle: true,
  minify: true,
  // `import.meta.url`, by which the library finds its files, is there in modules only.
  format: 'esm',
  outdir: 'dist',
});

// esbuild leaves `new URL('./file', import.meta.url)` as it is: what the library starts or fetches goes beside the bundle.
const library = 'node_modules/fourlane/dist';
const files = (await readdir(library)).filter((name) => /\.wasm$|^(poolWorker|trainerWorker)\.js$/.test(name));
for (const name of files) await copyFile(`${library}/${name}`, `dist/${name}`);
