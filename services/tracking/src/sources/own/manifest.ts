import type { SourceManifest } from '../source.js';

export const manifest: SourceManifest = {
  name: 'own',
  title: { zh: '自营配送', en: 'Shop delivery' },
  carriers: { own: 'own' },
  worldwide: false,
  batch: 0, // nobody is asked
  outside: { timeoutMs: 1_000, ratePerSecond: 1, concurrency: 1 },
};
