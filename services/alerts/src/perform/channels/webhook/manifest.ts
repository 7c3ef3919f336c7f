import type { ChannelManifest } from '../channel.js';

export const manifest: ChannelManifest = { name: 'webhook', title: { zh: 'Webhook', en: 'Webhook' }, repeatable: true, outside: { timeoutMs: 15_000, concurrency: 8 } };
