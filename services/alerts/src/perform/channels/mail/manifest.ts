import type { ChannelManifest } from '../channel.js';

export const manifest: ChannelManifest = { name: 'mail', title: { zh: '邮件', en: 'E-mail' }, repeatable: true, outside: {} };
