import { notTaken } from '@flotilla/notify';
import { z } from 'zod';
import { channel } from '../channel.js';
import { fitted, linesOf } from '../layout.js';
import { tell } from '../robot.js';
import { manifest } from './manifest.js';
import { sign } from './sign.js';

const account = z.strictObject({ url: z.url(), secret: z.string().min(1) });

// 20 KB in all.
const most = 18_000;
const tooFast = 11232;

/** A group's robot of Feishu or Lark: signed in the body, a hundred messages a minute. */
export const feishu = channel({
  manifest,
  account,
  sandbox: (url) => ({ url: `${url}/feishu/open-apis/bot/v2/hook/sandbox-feishu`, secret: 'sandbox-feishu-secret' }),
  connect: ({ account: { url, secret }, fetch, now }) => ({
    send: (told) => {
      const timestamp = String(Math.floor(now().getTime() / 1_000));
      const content = fitted(linesOf(told), most, told.language).split('\n').map((text) => [{ tag: 'text', text }]);
      const post = { [told.language === 'zh' ? 'zh_cn' : 'en_us']: { title: told.headline, content } };
      return tell(fetch, url, { timestamp, sign: sign(timestamp, secret), msg_type: 'post', content: { post } }, ({ code, StatusCode }) => {
        const answer = code ?? StatusCode;
        if (answer === 0) return { accepted: true };
        if (typeof answer !== 'number') return undefined;
        return answer === tooFast ? notTaken(String(answer), { retryAfterMs: 60_000 }) : notTaken(String(answer), { final: true });
      });
    },
  }),
});
