import type { WmsManifest } from '../wms.js';

export const manifest: WmsManifest = { name: 'sftp3pl', title: '第三方仓（SFTP 文件）', ratePerSecond: 5, concurrency: 1, longestPauseMs: 300_000 };
