import { parseMessage, type common, type MessageName, type Messages } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import type { Handler, Incoming } from '@flotilla/messaging';
import { runSaga, type Now } from '../coordinate/nodes.js';
import { allocation, type AllocationCommand } from '../decide/allocation.decider.js';
import type { Circumstances } from '../decide/allocation.owed.js';
import type { AllocationState } from '../decide/allocation.state.js';
import type { LockReply } from '../decide/lock.events.js';
import type { Snapshot } from '../decide/route.js';

const foOf = ({ data }: Incoming): string | undefined => {
  const { foId } = (data ?? {}) as { readonly foId?: unknown };
  return typeof foId === 'string' && foId !== '' ? foId : undefined;
};

const about = <Name extends MessageName>(name: Name, now: Now, toCommand: (data: Messages[Name], now: Circumstances) => AllocationCommand | undefined): Readonly<Record<string, Handler>> => ({
  [name]: {
    streams: (message) => {
      const foId = foOf(message);
      return foId === undefined ? [] : [[allocation, foId]];
    },
    handle: (message, unit, prepared) => {
      const foId = foOf(message);
      if (foId === undefined) throw new Refused('CONTRACT_VIOLATED', `a ${name} without fo_id`);
      const { business, leaseMs, ...at } = now();
      const command = toCommand(parseMessage(name, message.data), { ...at, snapshot: (prepared as Snapshot | null | undefined) ?? null });
      if (command) runSaga(unit, foId, command, { business, leaseMs });
    },
  },
});

const isNoted = ({ data }: Incoming): boolean => (data as { readonly noted?: unknown } | null)?.noted === true;

const reply = (type: LockReply['type'], now: Now): Readonly<Record<string, Handler>> => {
  const name = `flotilla.lock.v1.${type}` as const;
  const handlers = about(name, now, (data, at) => ({ type: 'TakeReply', data: { reply: { type, data } as LockReply, now: at } }));
  return { [name]: { ...handlers[name]!, wants: (message) => !isNoted(message) } };
};

/** The saga's three sources: order-core's instructions, the parcel that left, the participants' answers. */
export const sagaHandlers = (now: Now): Readonly<Record<string, Handler>> => ({
  ...about('flotilla.order.v1.AllocationRequested', now, (request, at) => ({ type: 'RequestAllocation', data: { request, now: at } })),
  ...about('flotilla.order.v1.FulfilmentCancelled', now, ({ foId, reason, shipped }, at) => ({ type: 'CancelAllocation', data: { foId, reason, shipped, now: at } })),
  ...about('flotilla.carrier.v1.ParcelShipped', now, ({ foId, parcelId, warehouse }, at) => ({ type: 'ShipAllocation', data: { foId, parcelId, warehouse, now: at } })),
  // Whoever names none of ours took other stock than ours.
  ...about('flotilla.carrier.v1.ParcelShippedExternally', now, ({ foId, parcelId, warehouse }, at) => (warehouse === '' ? undefined : { type: 'ShipAllocation', data: { foId, parcelId, warehouse, now: at } })),
  ...about('flotilla.lock.v1.StockLockPending', now, (pending, at) => ({ type: 'TakePending', data: { pending, now: at } })),
  ...reply('StockLocked', now),
  ...reply('StockLockRefused', now),
  ...reply('StockConfirmed', now),
  ...reply('StockLockExpired', now),
  ...reply('StockReleased', now),
  ...reply('StockConsumed', now),
});

interface Sources {
  readonly folded: (foIds: readonly string[]) => Promise<readonly AllocationState[]>;
  readonly snapshot: (skus: readonly string[]) => Promise<Snapshot>;
}

// Replies that may end the last lock of an earlier plan, after which the next one is made.
const ending = new Set(['flotilla.lock.v1.StockLockExpired', 'flotilla.lock.v1.StockReleased']);

// Not checked yet: a message that is none is refused when it is handled.
const linesOf = (data: unknown): readonly common.SkuQuantity[] => {
  const { lines } = (data ?? {}) as { readonly lines?: unknown };
  return Array.isArray(lines) ? lines.filter((line): line is common.SkuQuantity => typeof (line as common.SkuQuantity | null)?.sku === 'string') : [];
};

/** One snapshot for all messages of a chunk that may lead to a plan. Where it turns out to be lacking, a timer plans. */
export const prepareSnapshot =
  ({ folded, snapshot }: Sources) =>
  async (messages: readonly Incoming[]): Promise<readonly (Snapshot | null)[]> => {
    const requests = messages.filter(({ type }) => type === 'flotilla.order.v1.AllocationRequested').flatMap(({ data }) => linesOf(data));
    const ended = new Set(messages.filter(({ type }) => ending.has(type)).flatMap((message) => foOf(message) ?? []));
    const planning = ended.size === 0 ? [] : (await folded([...ended])).filter(({ phase }) => phase === 'ENDING' || phase === 'CONFIRMING');
    const lines = [...requests, ...planning.flatMap(({ request }) => request?.lines ?? [])];
    if (lines.length === 0) return messages.map(() => null);
    const figures = await snapshot([...new Set(lines.map(({ sku }) => sku))]);
    return messages.map(() => figures);
  };
