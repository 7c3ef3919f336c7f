import type { Recorded } from '@flotilla/event-store';
import { mask, subjectOf } from '@flotilla/values';
import type { ChannelOrderEvent, Delivery } from '../decide/channel-order.events.js';
import type { Ingest } from '../ingest.parts.js';
import { openRaw } from './raw.js';

/** An order as its channel sent it last, opened; `bytes` undefined where the person was erased. */
export interface RecentOrder {
  readonly orderId: string;
  readonly receivedAt: string;
  readonly state: string;
  readonly bytes: Uint8Array | undefined;
}

const mostEvents = 500;

/** The newest orders of a channel, whatever became of them, the newest first. */
export const recentOrders = async ({ ctx, keys }: Pick<Ingest, 'ctx' | 'keys'>, channel: string, most: number): Promise<readonly RecentOrder[]> => {
  const { rows } = await ctx.pool.query<{ order_id: string; state: string }>("SELECT order_id, state FROM read.channel_order WHERE channel = $1 AND state IN ('PLACED', 'PARKED') ORDER BY first_position DESC LIMIT $2", [channel, most]);
  const deliveries = await Promise.all(
    rows.map(async ({ order_id, state }) => {
      const events = (await ctx.store.read(`channelOrder-${order_id}`, { from: 1, limit: mostEvents })) as readonly Recorded<ChannelOrderEvent>[];
      const last = events.findLast(({ type }) => type === 'DeliveryRecorded' || type === 'DeliveryQuarantined' || type === 'DeliveryQueued')?.data as Delivery | undefined;
      return last === undefined ? [] : [{ orderId: order_id, state, receivedAt: last.receivedAt, raw: last.raw }];
    }),
  );
  const found = deliveries.flat();
  const opened = await keys.find(found.flatMap(({ raw }) => raw.map(subjectOf)));
  return found.map(({ raw, ...one }) => ({ ...one, bytes: openRaw((subject) => opened.get(subject), raw) }));
};

// Times, amounts and small numbers are nobody's name, street or phone; all else may be.
const plain = /^(?:\d{4}-\d\d-\d\d[T ].{0,20}|-?\d{1,6}(?:\.\d{1,4})?|true|false)$/;
const masked = (text: string): string => (text === '' || plain.test(text) ? text : mask(text).slice(0, 60));

/** A body in its shape, with every text masked that may say who somebody is: foreign names of fields promise nothing. */
export const maskedShape = (value: unknown, depth = 0): unknown => {
  if (typeof value === 'string') return masked(value);
  if (typeof value === 'number') return plain.test(String(value)) ? value : masked(String(value));
  if (typeof value !== 'object' || value === null) return value;
  if (depth > 12) return '…';
  if (Array.isArray(value)) return value.slice(0, 20).map((one) => maskedShape(one, depth + 1));
  return Object.fromEntries(Object.entries(value).slice(0, 200).map(([name, one]) => [name, maskedShape(one, depth + 1)]));
};
