import { notTaken } from '@flotilla/notify';
import { z } from 'zod';
import { channel } from '../channel.js';
import { fitted, linesOf } from '../layout.js';
import { tell } from '../robot.js';
import { manifest } from './manifest.js';
import { sign } from './sign.js';

const account = z.strictObject({ url: z.url(), accessToken: z.string().min(1), secret: z.string().min(1) });

// 20 KB in all; JSON and the title take their part.
const most = 18_000;
const blockedMs = 10 * 60_000;

/** A group's robot: signed, markdown, twenty messages a minute, then deaf for ten. */
export const dingtalk = channel({
  manifest,
  account,
  sandbox: (url) => ({ url: `${url}/dingtalk/robot/send`, accessToken: 'sandbox-dingtalk', secret: 'SECsandbox' }),
  connect: ({ account: { url, accessToken, secret }, fetch, now }) => ({
    send: async (told) => {
      const timestamp = String(now().getTime());
      const at = new URL(url);
      for (const [name, value] of Object.entries({ access_token: accessToken, timestamp, sign: sign(timestamp, secret) })) at.searchParams.set(name, value);
      const text = fitted([`### ${told.headline}`, ...linesOf(told, (title) => `**${title}**`)], most, told.language, '\n\n');
      return tell(fetch, at.href, { msgtype: 'markdown', markdown: { title: told.headline, text } }, ({ errcode }) => {
        if (errcode === 0) return { accepted: true };
        if (errcode === 130101) return notTaken('130101', { retryAfterMs: blockedMs });
        if (errcode === -1) return notTaken('-1');
        return typeof errcode === 'number' ? notTaken(String(errcode), { final: true }) : undefined;
      });
    },
  }),
});
