import type { ChannelManifest } from '../channel.js';

export const manifest: ChannelManifest = { name: 'sms', title: { zh: '短信', en: 'SMS' }, repeatable: true, outside: { timeoutMs: 10_000, concurrency: 8, ratePerSecond: 20 } };
