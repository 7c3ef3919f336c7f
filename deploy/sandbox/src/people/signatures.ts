import { createHmac, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';

// Written from the providers' words, not from the fleet's code: two that agree by accident would prove nothing.

const mac = (algorithm: string, key: string | Buffer, text: string): string => createHmac(algorithm, key).update(text).digest('base64');

export const sameText = (a: string, b: string): boolean => {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
};

export const dingtalkSign = (timestamp: string, secret: string): string => mac('sha256', secret, `${timestamp}\n${secret}`);

export const feishuSign = (timestamp: string, secret: string): string => mac('sha256', `${timestamp}\n${secret}`, '');

/** Of all that receive webhooks here. Not a secret: this world exists on one machine. */
export const receiverSecret = `whsec_${Buffer.from('a secret of the sandbox world').toString('base64')}`;

const webhookWindowMs = 300_000;

/** Standard Webhooks, with a `whsec_` secret. */
export const webhookSign = (secret: string, id: string, timestamp: string, body: string): string => `v1,${mac('sha256', Buffer.from(secret.slice('whsec_'.length), 'base64'), `${id}.${timestamp}.${body}`)}`;

/** Whether a webhook is signed with the secret, and not older than five minutes. */
export const signedWebhook = (secret: string, { headers, body }: FastifyRequest): boolean => {
  const header = (name: string): string => String(headers[name] ?? '');
  const [id, timestamp, text] = [header('webhook-id'), header('webhook-timestamp'), Buffer.isBuffer(body) ? body.toString('utf8') : ''];
  return Math.abs(Date.now() - Number(timestamp) * 1_000) <= webhookWindowMs && header('webhook-signature').split(' ').some((one) => sameText(one, webhookSign(secret, id, timestamp, text)));
};

const percent = (text: string): string => {
  let encoded = '';
  for (const byte of Buffer.from(text)) encoded += /[A-Za-z0-9\-_.~]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  return encoded;
};

/** The SMS gateway's, over all fields but the signature. */
export const smsSign = (fields: ReadonlyMap<string, string>, secret: string): string => {
  const query = [...fields].filter(([name]) => name !== 'Signature').toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => `${percent(name)}=${percent(value)}`);
  return mac('sha1', `${secret}&`, `POST&%2F&${percent(query.join('&'))}`);
};
