// `node scripts/run.mjs scripts/notices.mjs`: writes THIRD_PARTY_NOTICES.md, the licences of all that is shipped: the
// crates inside the wasm, Rust's standard library, and the npm packages bundled into dist/. `--check` only compares.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inRoot, projectEnvironment } from './lib/paths.mjs';
import { main, output, Problem } from './lib/shell.mjs';

/** Packages of node_modules whose code is in dist/. */
const bundled = [
  'wasm-feature-detect',
  'idb-keyval',
  'comlink',
  'cli-progress',
  'string-width',
  'emoji-regex',
  'is-fullwidth-code-point',
  'strip-ansi',
  'ansi-regex',
];

function licenceText(folder) {
  const files = readdirSync(folder).filter((name) => /^(licen[cs]e|copying)/i.test(name));
  // Where both are offered, MIT: the shorter.
  const chosen = files.find((name) => /mit/i.test(name)) ?? files.find((name) => !/apache/i.test(name)) ?? files[0];
  if (chosen === undefined) throw new Problem(`notices: no licence file in ${folder}`);
  return readFileSync(join(folder, chosen), 'utf8').trim();
}

function crates() {
  const env = { env: projectEnvironment(), maxBuffer: 1 << 28 };
  const flags = [
    '--target',
    'wasm32-unknown-unknown',
    '--edges',
    'normal,no-proc-macro',
    '--prefix',
    'none',
    '--no-dedupe',
  ];
  const tree = output('cargo', ['tree', '--package', 'fourlane-core', '--format', '{p}', ...flags], env);
  const metadata = JSON.parse(output('cargo', ['metadata', '--format-version', '1', '--locked'], env));
  const names = [...new Set(tree.split('\n').map((line) => line.split(' ').slice(0, 2).join(' ')))].sort();
  return names
    .filter((name) => !name.startsWith('fourlane-core '))
    .map((name) => {
      const found = metadata.packages.find((each) => `${each.name} v${each.version}` === name);
      return {
        name: `${found.name} ${found.version}`,
        licence: found.license,
        text: licenceText(dirname(found.manifest_path)),
      };
    });
}

function npmPackages() {
  return bundled.map((name) => {
    const folder = inRoot('node_modules', name);
    const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return { name: `${name} ${version}`, licence: license, text: licenceText(folder) };
  });
}

function standardLibrary() {
  const text =
    'Copyright (c) The Rust Project Contributors\n\nUsed under the MIT licence; its text is that of this package (LICENSE), ' +
    'with the copyright notice above.';
  return { name: "Rust's standard library", licence: 'MIT OR Apache-2.0', text };
}

await main(() => {
  const section = ({ name, licence, text }) => `## ${name}\n\n${licence}\n\n\`\`\`text\n${text}\n\`\`\`\n`;
  const parts = [standardLibrary(), ...crates(), ...npmPackages()].map(section);
  const text = `# Third-party notices\n\nWhat is inside the published package besides our own code.\n\n${parts.join('\n')}`;
  const file = inRoot('THIRD_PARTY_NOTICES.md');
  if (!process.argv.includes('--check')) writeFileSync(file, text);
  else if (readFileSync(file, 'utf8') !== text) throw new Problem('notices: out of date; run scripts/notices.mjs');
});
