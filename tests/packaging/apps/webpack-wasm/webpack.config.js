export default {
  mode: 'production',
  entry: './main.js',
  output: { path: import.meta.dirname + '/dist', filename: 'main.js' },
  experiments: { asyncWebAssembly: true },
  performance: { assetFilter: (name) => !name.endsWith('.wasm') },
};
