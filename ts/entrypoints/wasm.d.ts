/**
 * Types of the `.wasm` files, as Node and bundlers show them to who imports one as a module. What they export is private
 * to the library of the same version: give the file to `init({ wasm })`, or use `fourlane/bundler`.
 */
export declare const memory: WebAssembly.Memory;
