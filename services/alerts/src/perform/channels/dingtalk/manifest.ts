import type { ChannelManifest } from '../channel.js';

export const manifest: ChannelManifest = { name: 'dingtalk', title: { zh: '钉钉机器人', en: 'DingTalk robot' }, repeatable: false, outside: { timeoutMs: 10_000, concurrency: 4 } };
