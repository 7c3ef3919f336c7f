import type { ChannelManifest } from '../channel.js';

export const manifest: ChannelManifest = { name: 'wecom', title: { zh: '企业微信机器人', en: 'WeCom robot' }, repeatable: false, outside: { timeoutMs: 10_000, concurrency: 4 } };
