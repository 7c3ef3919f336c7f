import { notTaken } from '@flotilla/notify';
import { z } from 'zod';
import { channel } from '../channel.js';
import { fitted, linesOf } from '../layout.js';
import { tell } from '../robot.js';
import { manifest } from './manifest.js';

const account = z.strictObject({ url: z.url(), key: z.string().min(1) });

// Markdown of at most 4096 bytes.
const most = 4_000;
const colours = { INFO: 'info', WARNING: 'warning', CRITICAL: 'warning' } as const;

// What people wrote must not become markup.
const plain = (text: string): string => text.replace(/[<>]/g, (sign) => (sign === '<' ? '＜' : '＞'));

/** A group's robot: its key is its secret, markdown of 4 KB, twenty messages a minute. */
export const wecom = channel({
  manifest,
  account,
  sandbox: (url) => ({ url: `${url}/wecom/cgi-bin/webhook/send`, key: 'sandbox-wecom' }),
  connect: ({ account: { url, key }, fetch }) => ({
    send: (told) => {
      const at = new URL(url);
      at.searchParams.set('key', key);
      const lines = linesOf(told, (title) => `**${title}**`).map(plain);
      const content = fitted([`<font color="${colours[told.severity]}">${plain(told.headline)}</font>`, ...lines], most, told.language);
      return tell(fetch, at.href, { msgtype: 'markdown', markdown: { content } }, ({ errcode }) => {
        if (errcode === 0) return { accepted: true };
        if (errcode === 45009) return notTaken('45009', { retryAfterMs: 60_000 });
        if (errcode === -1) return notTaken('-1');
        return typeof errcode === 'number' ? notTaken(String(errcode), { final: true }) : undefined;
      });
    },
  }),
});
