// What all bundles that are shipped have in common.
import { inRoot } from './paths.mjs';

/** What the bundled CommonJS of `cli-progress` requires of Node; it becomes an import of the file that holds it. */
export const required = { readline: 'node:readline', events: 'node:events' };

/** Options of rolldown, with more plugins. */
export async function bundleOptions(...plugins) {
  const { esmExternalRequirePlugin } = await import('rolldown/plugins');
  return {
    cwd: inRoot(),
    platform: 'neutral',
    resolve: { mainFields: ['module', 'main'], conditionNames: ['import', 'default'] },
    plugins: [esmExternalRequirePlugin({ external: [/^node:/, ...Object.keys(required)] }), ...plugins],
  };
}
