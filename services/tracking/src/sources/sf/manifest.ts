import type { SourceManifest } from '../source.js';

export const manifest: SourceManifest = {
  name: 'sf',
  title: { zh: '顺丰速运', en: 'SF Express' },
  carriers: { sf: 'sf' },
  worldwide: false,
  batch: 10,
  outside: { timeoutMs: 10_000, ratePerSecond: 30, concurrency: 8 }, // 30 a second is its sandbox's limit
};
