// What all bundles that are shipped have in common.
import { inRoot } from './paths.mjs';

/** What the bundled CommonJS of `cli-progress` requires of Node; it becomes an import of the file that holds it. */
export const required = { readline: 'node:readline', events: 'node:events' };

/** How the code is written. Docstrings are in the types; legal comments stay. */
export const text = { format: 'es', sourcemap: false, comments: { jsdoc: false } };

/** Options of rolldown, with more plugins. */
export async function bundleOptions(...plugins) {
  const { esmExternalRequirePlugin } = await import('rolldown/plugins');
  return {
    cwd: inRoot(),
    platform: 'neutral',
    // Types take most of the time, as they do anywhere.
    checks: { pluginTimings: false },
    resolve: { mainFields: ['module', 'main'], conditionNames: ['import', 'default'] },
    plugins: [esmExternalRequirePlugin({ external: [/^node:/, ...Object.keys(required)] }), ...plugins],
  };
}
