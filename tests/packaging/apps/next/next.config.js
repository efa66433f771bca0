// Threads need a page that is cross-origin isolated.
const headers = [
  { key: 'Cross-Origin-Opener-Policy', value: 'same-origin' },
  { key: 'Cross-Origin-Embedder-Policy', value: 'require-corp' },
];

export default { headers: () => [{ source: '/:path*', headers }] };
