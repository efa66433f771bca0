export default {
  mode: 'production',
  entry: './main.js',
  output: { path: import.meta.dirname + '/dist', filename: 'main.js' },
  // The four builds are files of some 300 kB, of which a page loads one.
  performance: { assetFilter: (name) => !name.endsWith('.wasm') },
};
