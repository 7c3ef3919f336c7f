import { z } from 'zod';
import type { Connecting, WmsAdapter, WmsAnswer, WmsAskAnswer, WmsConnection } from '../wms.js';
import { readCalled, readLock, readPush, readStock, toLock } from './cloudwms.messages.js';
import { isSigned, signCall } from './cloudwms.signature.js';
import { manifest } from './manifest.js';

const settings = z.strictObject({
  adapter: z.literal(manifest.name),
  url: z.url(),
  key: z.string().min(1),
  secret: z.string().min(8),
});

const PAGES = 10_000;

const connect = ({ url, key, secret }: z.infer<typeof settings>, { warehouse, fetch, now }: Connecting): WmsConnection => {
  const base = new URL(`${url.replace(/\/$/, '')}/${encodeURIComponent(warehouse)}/v1`);
  const send = async (method: 'GET' | 'PUT' | 'POST', path: string, message: object | undefined, signal: AbortSignal): Promise<{ status: number; body: string }> => {
    const at = new URL(base.href + path);
    const body = message ? JSON.stringify(message) : '';
    const timestamp = String(now().getTime());
    const response = await fetch(at.href, {
      method,
      ...(message ? { body } : {}),
      headers: { 'content-type': 'application/json', 'x-wms-key': key, 'x-wms-timestamp': timestamp, 'x-wms-signature': signCall(secret, method, at.pathname + at.search, timestamp, body) },
      redirect: 'error',
      signal,
    });
    return { status: response.status, body: await response.text() };
  };
  const told = async <A extends WmsAskAnswer>(answer: Promise<{ status: number; body: string }>, read: (status: number, body: string) => A): Promise<A | WmsAnswer> => {
    try {
      const { status, body } = await answer;
      return read(status, body);
    } catch (error) {
      const { name, message, cause } = error as Error & { cause?: { code?: string } };
      return { kind: 'unclear', detail: `${name}: ${cause?.code ?? message}` };
    }
  };
  const lockPath = (lockId: string, verb = ''): string => `/locks/${encodeURIComponent(lockId)}${verb}`;
  return {
    longestPauseMs: manifest.longestPauseMs,
    port: {
      lock: (order, signal) => told(send('PUT', lockPath(order.lockId), toLock(order), signal), readCalled),
      confirm: (lockId, fence, signal) => told(send('POST', lockPath(lockId, '/confirm'), { fence }, signal), readCalled),
      release: (lockId, reason, signal) => told(send('POST', lockPath(lockId, '/release'), { reason }, signal), readCalled),
      consume: (lockId, fence, parcelId, signal) => told(send('POST', lockPath(lockId, '/consume'), { fence, parcelId }, signal), readCalled),
      ask: (lockId, signal) => told(send('GET', lockPath(lockId), undefined, signal), (status, body) => readLock(status, body, true)),
      stock: async function* (signal) {
        let after: number | null = 0;
        for (let pages = 0; after !== null && pages < PAGES; pages += 1) {
          const { status, body } = await send('GET', `/stock?after=${after}&limit=500`, undefined, signal);
          if (status !== 200) throw new Error(`the stock of ${warehouse} cannot be had: HTTP ${status}`);
          const { page, next } = readStock(body);
          yield page;
          after = next;
        }
      },
    },
    push: (headers, body) => (isSigned(secret, headers, body, now()) ? readPush(body.toString('utf8')) : undefined),
  };
};

/** A cloud warehouse over HTTP: locks by id, signed calls, stock by push and by page. */
export const cloudwms: WmsAdapter = { manifest, settings, connect: connect as WmsAdapter['connect'] };
