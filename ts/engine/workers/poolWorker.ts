// The program of a helper thread in browsers. Shipped as one file without imports, as some bundlers copy it as it is.
import type { HelperTask } from '../platform.ts';
import { serve } from './serve.ts';

self.onmessage = ({ data }: MessageEvent<HelperTask>): void => {
  serve(data, (message) => self.postMessage(message));
  self.close();
};
