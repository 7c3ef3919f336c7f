import { createHmac } from 'node:crypto';
import { broken, notTaken, retryAfterOf, type Handed } from '@flotilla/notify';
import { z } from 'zod';
import type { ChannelOptions } from './channel.js';

/** The key of a Standard Webhooks secret: base64 after `whsec_`. */
const keyOf = (secret: string): Buffer => Buffer.from(secret.replace(/^whsec_/, ''), 'base64');

/** Standard Webhooks: `v1,<base64 HMAC-SHA256 of id.timestamp.body>`, the time in seconds. */
export const sign = (secret: string, id: string, timestamp: string, body: string): string => `v1,${createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest('base64')}`;

/** What a webhook is sent with: its id, the time, and a signature for each secret that is in force. */
export const signedHeaders = (secrets: readonly string[], id: string, now: Date, body: string): Readonly<Record<string, string>> => {
  const timestamp = String(Math.floor(now.getTime() / 1_000));
  return { 'content-type': 'application/json', 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': secrets.map((secret) => sign(secret, id, timestamp, body)).join(' ') };
};

/** Where a signed webhook goes. */
export const receiver = z.strictObject({
  url: z.url(),
  secret: z.string().regex(/^whsec_[A-Za-z0-9+/]+=*$/, 'whsec_ and base64').refine((secret) => keyOf(secret).length >= 24, 'whsec_ and at least 24 bytes in base64'),
});

/** The secret of the sandbox's receivers. */
export const sandboxSecret = `whsec_${Buffer.from('a secret of the sandbox world').toString('base64')}`;

// Bad for this address for ever: gone, or it understands nothing of what we say. All else may pass.
const final = new Set([400, 401, 403, 404, 405, 410, 413, 415, 422]);

/** Posts an outgoing webhook after Standard Webhooks. The id stays when it is sent again, so that a receiver takes it once. */
export const post = async ({ account: { url, secret }, fetch, now }: Pick<ChannelOptions<z.infer<typeof receiver>>, 'account' | 'fetch' | 'now'>, id: string, said: object): Promise<Handed> => {
  const body = JSON.stringify(said);
  try {
    const response = await fetch(url, { method: 'POST', body, redirect: 'error', headers: signedHeaders([secret], id, now(), body) });
    await response.body?.cancel();
    if (response.ok) return { accepted: true };
    const retryAfterMs = retryAfterOf(response.headers);
    const detail = `HTTP ${response.status}`;
    if (response.status < 500) return notTaken(detail, { final: final.has(response.status), ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
    return { accepted: false, certain: false, final: false, detail, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  } catch (error) {
    return broken(error);
  }
};
