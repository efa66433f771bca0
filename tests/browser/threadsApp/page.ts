// A page that trains in a worker, as an app would be written.
const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
worker.onmessage = ({ data }: MessageEvent<object>) => Object.assign(globalThis, { report: data });
worker.onerror = ({ message }) => Object.assign(globalThis, { report: { failure: message } });
