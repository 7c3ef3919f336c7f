import type { carrier, order } from '@flotilla/contracts';
import type { Handler, Incoming } from '@flotilla/messaging';
import { allocation, type AllocationCommand } from '../decide/allocation.decider.js';
import type { Circumstances } from '../decide/allocation.owed.js';
import type { Policy } from '../decide/allocation.events.js';
import type { AllocationState } from '../decide/allocation.state.js';
import type { LockReply } from '../decide/lock.events.js';
import type { Snapshot } from '../decide/route.js';

/** Machine time and the policy in force. */
export type Now = () => Omit<Circumstances, 'snapshot'>;

const foOf = ({ data }: Incoming): string => (data as { foId: string }).foId;

const about = (now: Now, toCommand: (message: Incoming, now: Circumstances) => AllocationCommand): Handler => ({
  streams: (message) => [[allocation, foOf(message)]],
  handle: (message, unit, prepared) => {
    unit.run(allocation, foOf(message), toCommand(message, { ...now(), snapshot: (prepared as Snapshot | null | undefined) ?? null }));
  },
});

const replies = ['StockLocked', 'StockLockRefused', 'StockConfirmed', 'StockLockExpired', 'StockReleased', 'StockConsumed'] as const;

/** The saga's three sources: order-core's instructions, the parcel that left, the participants' answers. */
export const sagaHandlers = (now: Now): Readonly<Record<string, Handler>> => ({
  'flotilla.order.v1.AllocationRequested': about(now, ({ data }, at) => ({ type: 'RequestAllocation', data: { request: data as order.AllocationRequested, now: at } })),
  'flotilla.order.v1.FulfilmentCancelled': about(now, ({ data }, at) => {
    const { foId, reason } = data as order.FulfilmentCancelled;
    return { type: 'CancelAllocation', data: { foId, reason, now: at } };
  }),
  'flotilla.carrier.v1.ParcelShipped': about(now, ({ data }, at) => {
    const { foId, parcelId } = data as carrier.ParcelShipped;
    return { type: 'ShipAllocation', data: { foId, parcelId, now: at } };
  }),
  ...Object.fromEntries(
    replies.map((type) => [`flotilla.lock.v1.${type}`, about(now, ({ data }, at) => ({ type: 'TakeReply', data: { reply: { type, data } as LockReply, now: at } }))]),
  ),
});

interface Sources {
  readonly folded: (foIds: readonly string[]) => Promise<readonly AllocationState[]>;
  readonly snapshot: (skus: readonly string[]) => Promise<Snapshot>;
}

// Replies that may end the last lock of an earlier plan, after which the next one is made.
const ending = new Set(['flotilla.lock.v1.StockLockExpired', 'flotilla.lock.v1.StockReleased']);

/** One snapshot for all messages of a chunk that may lead to a plan. Where it turns out to be lacking, a timer plans. */
export const prepareSnapshot =
  ({ folded, snapshot }: Sources) =>
  async (messages: readonly Incoming[]): Promise<readonly (Snapshot | null)[]> => {
    const requests = messages.filter(({ type }) => type === 'flotilla.order.v1.AllocationRequested').map(({ data }) => data as order.AllocationRequested);
    const ended = new Set(messages.filter(({ type }) => ending.has(type)).map(foOf));
    const planning = ended.size === 0 ? [] : (await folded([...ended])).filter(({ phase }) => phase === 'ENDING' || phase === 'CONFIRMING');
    const lines = [...requests, ...planning.flatMap(({ request }) => request ?? [])].flatMap((request) => request.lines);
    if (lines.length === 0) return messages.map(() => null);
    const figures = await snapshot([...new Set(lines.map(({ sku }) => sku))]);
    return messages.map(() => figures);
  };
