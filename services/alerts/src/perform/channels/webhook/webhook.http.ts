import { broken, notTaken, retryAfterOf, type Handed } from '@flotilla/notify';
import { z } from 'zod';
import { channel } from '../channel.js';
import { manifest } from './manifest.js';
import { keyOf, sign } from './sign.js';

const account = z.strictObject({
  url: z.url(),
  secret: z.string().regex(/^whsec_[A-Za-z0-9+/]+=*$/, 'whsec_ and base64').refine((secret) => keyOf(secret).length >= 24, 'whsec_ and at least 24 bytes in base64'),
});

// Bad for this address for ever: gone, or it understands nothing of what we say. All else may pass.
const final = new Set([400, 401, 403, 404, 405, 410, 413, 415, 422]);

/** An outgoing webhook after Standard Webhooks. The id stays when it is sent again, so that a receiver takes it once. */
export const webhook = channel({
  manifest,
  account,
  sandbox: (url) => ({ url: `${url}/webhook/alerts`, secret: `whsec_${Buffer.from('a secret of the sandbox world').toString('base64')}` }),
  connect: ({ account: { url, secret }, fetch, now }) => ({
    send: async ({ messageId: id, severity, headline, sections, more, at }): Promise<Handed> => {
      const timestamp = String(Math.floor(now().getTime() / 1_000));
      const body = JSON.stringify({ type: 'alerts.incidents', timestamp: at, data: { messageId: id, severity, headline, sections, more } });
      try {
        const response = await fetch(url, { method: 'POST', body, redirect: 'error', headers: { 'content-type': 'application/json', 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': sign(secret, id, timestamp, body) } });
        await response.body?.cancel();
        if (response.ok) return { accepted: true };
        const retryAfterMs = retryAfterOf(response.headers);
        const detail = `HTTP ${response.status}`;
        if (response.status < 500) return notTaken(detail, { final: final.has(response.status), ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
        return { accepted: false, certain: false, final: false, detail, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
      } catch (error) {
        return broken(error);
      }
    },
  }),
});
