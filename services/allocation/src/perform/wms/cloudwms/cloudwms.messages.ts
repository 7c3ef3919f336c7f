import { Refused } from '@flotilla/decider';
import { jsonOf, storable } from '@flotilla/values';
import { z } from 'zod';
import { isSku } from '../../../decide/names.js';
import type { FeedPage, LockOrder, WmsAnswer, WmsAskAnswer } from '../wms.js';

const whole = z.number().int().safe();
// As it can be kept, whoever wrote it.
const word = z.string().transform((text) => storable(text, 100));
const quantities = z.array(z.looseObject({ sku: word, quantity: whole })).max(1_000);
const lockBody = z.looseObject({
  lock: z.looseObject({ state: z.enum(['LOCKED', 'CONFIRMED', 'CONSUMED', 'RELEASED', 'EXPIRED', 'REFUSED']), fence: whole, position: whole, reason: word.default(''), free: quantities.default([]) }),
});
const item = z.union([
  z.looseObject({ sku: z.string(), quantity: whole, unsellable: whole.default(0), position: whole }),
  z.looseObject({ sku: z.string(), delta: whole, unsellable: whole.default(0), position: whole, previous: whole }),
]);
const feed = z.looseObject({ meaning: z.enum(['PHYSICAL', 'SELLABLE']), sequence: whole.default(0), items: z.array(item).max(10_000) });
const stockPage = feed.extend({ next: whole.nullable().default(null) });

/** Body of `PUT /locks/{id}`. */
export const toLock = ({ foId, lines, keepUntil }: LockOrder): object => ({ reference: foId, lines: lines.map(({ sku, quantity }) => ({ sku, quantity })), keepUntil });

/**
 * Reads what the system answered about a lock. Only a lock is an answer: any other status or body says nothing about what was done.
 * `asked`: it was a question, to which 404 says that there is no such lock.
 */
export const readLock = (status: number, body: string, asked: boolean): WmsAskAnswer => {
  if (status === 404 && asked && /LOCK_NOT_FOUND/.test(body)) return { kind: 'not-known' };
  if (status !== 200 && status !== 409) return { kind: 'unclear', detail: storable(`HTTP ${status}: ${body}`, 140) };
  const read = lockBody.safeParse(jsonOf(body));
  if (!read.success) return { kind: 'unclear', detail: storable(`HTTP ${status} without a lock: ${body}`, 160) };
  const { state: there, fence, position, reason, free } = read.data.lock;
  return { kind: 'is', said: { there, fence, position, reason, free: free.map(({ sku, quantity }) => ({ sku, quantity })) } };
};

/** To a call, "no such lock" is no answer: the call may be on its way. */
export const readCalled = (status: number, body: string): WmsAnswer => {
  const answer = readLock(status, body, false);
  return answer.kind === 'not-known' ? { kind: 'unclear', detail: 'no such lock' } : answer;
};

/** A page of the system's stock, and where the next one begins; null = it was the last. */
export const readStock = (body: string): { readonly page: FeedPage; readonly next: number | null } => {
  const { next, ...page } = checked(stockPage, body);
  return { page: toPage(page), next };
};

/** A push. Refused for what is none. */
export const readPush = (body: string): FeedPage => toPage(checked(feed, body));

const toPage = ({ meaning, sequence, items }: z.infer<typeof feed>): FeedPage => ({
  meaning,
  sequence,
  figures: items.map((one) => {
    const { sku, unsellable, position } = one;
    if (!isSku(sku)) throw new Refused('UNKNOWN_SKU', `"${sku.slice(0, 40)}" cannot be a SKU`);
    return 'delta' in one
      ? { sku, figure: one.delta as number, unsellable, position, delta: { previous: one.previous as number } }
      : { sku, figure: one.quantity as number, unsellable, position, delta: null };
  }),
});

const checked = <Shape extends z.ZodType>(shape: Shape, body: string): z.infer<Shape> => {
  const value = jsonOf(body);
  if (value === undefined) throw new Refused('BAD_JSON', 'the body is not JSON');
  const read = shape.safeParse(value);
  if (!read.success) throw new Refused('CONTRACT_VIOLATED', z.prettifyError(read.error).slice(0, 300));
  return read.data;
};

