import { defineConfig } from 'vite';

// Threads need a page that is cross-origin isolated. Nothing else has to be set.
const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export default defineConfig({ server: { headers }, preview: { headers } });
