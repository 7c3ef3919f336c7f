import { setTimeout as sleep } from 'node:timers/promises';
import type { ingest } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import type { ConnectedChannel } from '../accept/connected-channels.js';
import { largestAnswer } from '../channels/bounded.js';
import type { ChannelApi, Platform } from '../channels/platform.js';
import type { Ingest } from '../ingest.parts.js';

const patienceMs = 15_000;

type Check = Omit<ingest.ChannelCheck, 'ms'>;

const webhook = ({ webhooks, webhooksOf }: Platform, { secret, mapping }: ConnectedChannel): readonly Check[] => {
  if (!webhooks && !webhooksOf) return [];
  if (!webhooks && !webhooksOf?.(mapping)) return [{ name: 'WEBHOOK', ok: false, detail: 'its mapping does not say where the signature of a webhook stands' }];
  return [secret.length > 0 ? { name: 'WEBHOOK', ok: true, detail: '' } : { name: 'WEBHOOK', ok: false, detail: 'there is no secret to check signatures with' }];
};

const orders = async ({ orders: port }: Platform, api: ChannelApi, now: Date): Promise<readonly Check[]> => {
  if (!port) return [];
  if (api.url === '') return [{ name: 'ORDERS', ok: false, detail: 'there is no address to ask; give api_url' }];
  const answer = await port.pull(api, { from: new Date(now.getTime() - 60_000).toISOString(), to: now.toISOString(), next: '' });
  return [answer.outcome === 'page' ? { name: 'ORDERS', ok: true, detail: `${answer.orders.length}` } : { name: 'ORDERS', ok: false, detail: answer.why }];
};

const products = async ({ stock }: Platform, api: ChannelApi): Promise<readonly Check[]> => {
  if (!stock || api.url === '') return [];
  const answer = await stock.list(api, { from: '', location: '' });
  return [answer.outcome === 'page' ? { name: 'PRODUCTS', ok: true, detail: `${answer.items.length}` } : { name: 'PRODUCTS', ok: false, detail: answer.why }];
};

const timed = async (ask: () => Promise<readonly Check[]>, name: string): Promise<readonly ingest.ChannelCheck[]> => {
  const start = performance.now();
  const checks = await ask().catch((error: unknown): readonly Check[] => [{ name, ok: false, detail: error instanceof Refused || error instanceof Error ? error.message : 'no answer' }]);
  const ms = Math.round(performance.now() - start);
  return checks.map((check) => ({ ...check, detail: check.detail.slice(0, 300), ms }));
};

/** Asks a platform as it would be asked, and keeps nothing of it. Secrets stay in here: what failed is told in the platform's words, which do not repeat them. */
export const testChannel = async ({ ctx, platforms }: Pick<Ingest, 'ctx' | 'platforms'>, shop: ConnectedChannel, gone: AbortSignal): Promise<ingest.ChannelTest> => {
  const platform = platforms.get(shop.platform);
  if (!platform) throw new Refused('BAD_REQUEST', `nothing is known of ${shop.platform}`);
  const signal = AbortSignal.any([gone, AbortSignal.timeout(patienceMs)]);
  // A breaker of its own: keys that are wrong must not stop those that are in use.
  const outside = ctx.outside('channel test', { concurrency: 4, maxBytes: largestAnswer });
  const api: ChannelApi = {
    url: shop.apiUrl, token: shop.token, secret: shop.secret,
    fetch: (url, init) => outside.fetch(url, { ...init, signal: init.signal ? AbortSignal.any([init.signal, signal]) : signal }),
    wait: (ms) => sleep(ms, undefined, { signal }),
  };
  const now = ctx.clock.business();
  const asked = (await Promise.all([timed(() => orders(platform, api, now), 'ORDERS'), timed(() => products(platform, api), 'PRODUCTS')])).flat();
  const checks = [...webhook(platform, shop).map((check) => ({ ...check, ms: 0 })), ...asked];
  const passive: Readonly<Record<string, string>> = { csv: 'FILES', connector: 'TOPIC' };
  if (checks.length === 0) checks.push({ name: passive[platform.name] ?? 'TOPIC', ok: true, detail: '', ms: 0 });
  return { ok: checks.every(({ ok }) => ok), checks };
};
