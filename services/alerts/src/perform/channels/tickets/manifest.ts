import type { ChannelManifest } from '../channel.js';

export const manifest: ChannelManifest = { name: 'tickets', title: { zh: '工单系统', en: 'ticket system' }, repeatable: true, tickets: true, outside: { timeoutMs: 15_000, concurrency: 8 } };
