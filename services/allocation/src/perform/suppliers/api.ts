import { createHmac } from 'node:crypto';
import { jsonOf, storable } from '@flotilla/values';
import { z } from 'zod';
import type { Handed } from './handed.js';

/** What a supplier's system answers to an offer; LATER = a person will, on the page. */
const answerOf = z.object({ answer: z.enum(['ACCEPTED', 'REFUSED', 'LATER']), reason: z.string().max(40).default('OTHER').transform((text) => storable(text)) });
export type Answer = z.infer<typeof answerOf>;

/** As Standard Webhooks sign: over id, time and the bytes. */
export const signatureOf = (secret: string, id: string, seconds: number, body: string): string => `v1,${createHmac('sha256', secret).update(`${id}.${seconds}.${body}`).digest('base64')}`;

/** Posts a message. The id is the same when it is sent again, so that a system that has it already knows. */
export const post = async (
  fetch: (url: string, init: RequestInit) => Promise<Response>,
  { url, secret, id, now, body, signal }: { readonly url: string; readonly secret: string; readonly id: string; readonly now: Date; readonly body: string; readonly signal: AbortSignal },
): Promise<Handed & { readonly answer?: Answer }> => {
  const seconds = Math.floor(now.getTime() / 1_000);
  try {
    const response = await fetch(url, { method: 'POST', body, redirect: 'error', signal, headers: { 'content-type': 'application/json', 'webhook-id': id, 'webhook-timestamp': String(seconds), 'webhook-signature': signatureOf(secret, id, seconds, body) } });
    const text = await response.text();
    if (!response.ok) return { sent: false, again: response.status >= 500 || response.status === 429, detail: `HTTP ${response.status}` };
    const read = answerOf.safeParse(jsonOf(text));
    return { sent: true, answer: read.success ? read.data : { answer: 'LATER', reason: 'OTHER' } };
  } catch (error) {
    return { sent: false, again: true, detail: (error as Error).name };
  }
};
