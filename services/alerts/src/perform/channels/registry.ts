import type { Channel } from './channel.js';
import { dingtalk } from './dingtalk/dingtalk.http.js';
import { feishu } from './feishu/feishu.http.js';
import { mail } from './mail/mail.smtp.js';
import { sms } from './sms/sms.http.js';
import { tickets } from './tickets/tickets.http.js';
import { webhook } from './webhook/webhook.http.js';
import { wecom } from './wecom/wecom.http.js';

/** Every way to reach people, and the ticket systems in which they work, one folder each. */
export const channels: readonly Channel[] = [dingtalk, wecom, feishu, sms, mail, webhook, tickets];

export const channelOf = (name: string): Channel | undefined => channels.find(({ manifest }) => manifest.name === name);
