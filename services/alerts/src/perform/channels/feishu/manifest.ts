import type { ChannelManifest } from '../channel.js';

export const manifest: ChannelManifest = { name: 'feishu', title: { zh: '飞书机器人', en: 'Feishu robot' }, repeatable: false, outside: { timeoutMs: 10_000, concurrency: 4, ratePerSecond: 5 } };
