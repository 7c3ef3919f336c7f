import type { SourceManifest } from '../source.js';

export const manifest: SourceManifest = {
  name: 'track17',
  title: { zh: '17TRACK', en: '17TRACK' },
  carriers: { ems: '3011', usps: '21051', dhl: '100001', ups: '100002', fedex: '100003' },
  worldwide: true,
  batch: 40,
  outside: { timeoutMs: 15_000, ratePerSecond: 3, concurrency: 3, maxBytes: 16 * 1024 * 1024 }, // forty parcels with all their scans
};
