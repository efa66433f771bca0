import type { Endpoint } from './link.ts';

/** What `Worker` and `parentPort` of node:worker_threads have in common. */
interface NodePort {
  postMessage(message: unknown, transfer?: readonly never[]): void;
  on(event: 'message', listener: (data: unknown) => void): unknown;
  off(event: 'message', listener: (data: unknown) => void): unknown;
}

type Listener = Parameters<Endpoint['addEventListener']>[1];

/** An end of a connection in Node as comlink takes it. Own code: comlink's has no types that this project can see. */
export function nodeEndpoint(port: NodePort): Endpoint {
  const own = new WeakMap<Listener, (data: unknown) => void>();
  return {
    postMessage: (message, transfer) => port.postMessage(message, transfer as never),
    addEventListener(_, listener) {
      const onMessage = (data: unknown): void => {
        const event = { data } as MessageEvent;
        if ('handleEvent' in listener) listener.handleEvent(event);
        else listener(event);
      };
      own.set(listener, onMessage);
      port.on('message', onMessage);
    },
    removeEventListener(_, listener) {
      const onMessage = own.get(listener);
      if (onMessage !== undefined) port.off('message', onMessage);
    },
  };
}
