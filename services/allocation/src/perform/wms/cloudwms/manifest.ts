import type { WmsManifest } from '../wms.js';

export const manifest: WmsManifest = { name: 'cloudwms', title: '云仓 WMS（HTTP）', ratePerSecond: 50, concurrency: 8, longestPauseMs: 30_000 };
