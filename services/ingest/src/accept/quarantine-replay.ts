import { Refused } from '@flotilla/decider';
import { Conflict, type Meta, type Recorded, type Request } from '@flotilla/event-store';
import { subjectOf } from '@flotilla/values';
import { noteShipBy, streamsOf, type Accepted } from '../coordinate/receiving.js';
import { withSkus } from '../coordinate/skus.js';
import { channelOrder, type Reread } from '../decide/channel-order.decider.js';
import type { ChannelOrderEvent, Delivery } from '../decide/channel-order.events.js';
import type { Ingest } from '../ingest.parts.js';
import { entryId } from '../project/quarantine-list.js';
import { findEntry } from '../query/quarantine.query.js';
import { recording } from './deliveries.js';
import { openRaw, sealRaw } from './raw.js';

const tries = 5;

export interface ReplayOf {
  readonly id: string;
  /** Empty: as it is. */
  readonly corrected: Uint8Array;
  readonly meta: Meta;
  readonly request?: Request | undefined;
}

export interface ReplayEnd {
  readonly orderId: string;
  readonly state: 'PLACED' | 'PARKED';
  readonly reason: string;
}

/** Handles an entry of the quarantine again, and all that waits behind it, in order. */
export const replayEntry = async (parts: Ingest, wanted: ReplayOf): Promise<ReplayEnd> => {
  const entry = await findEntry(parts.ctx.pool, wanted.id);
  if (entry === undefined) throw new Refused('NOT_FOUND', `nothing in quarantine is called "${wanted.id.slice(0, 60)}"; list it with Quarantine/List`);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await replay(parts, entry, wanted);
    } catch (error) {
      // Another delivery of the order came in meanwhile: it has to go along.
      const raced = error instanceof Conflict || (error instanceof Refused && error.reason === 'CONFLICT');
      if (!raced || attempt === tries) throw error;
    }
  }
};

// What comes by a way of its own is read the same whatever the channel's platform.
const readers: Readonly<Partial<Record<Delivery['source'], string>>> = { TOPIC: 'connector', FILE: 'csv' };

const replay = async (parts: Ingest, entry: { readonly orderId: string; readonly deliveryId: string }, wanted: ReplayOf): Promise<ReplayEnd> => {
  const { ctx } = parts;
  const { orderId } = entry;
  const { state } = (await ctx.store.folded(channelOrder, [orderId])).get(orderId)!;
  const waiting = [entry.deliveryId, ...(state.parked === entry.deliveryId ? state.queue : [])];
  const deliveries = await readDeliveries(parts, orderId);
  // Its mapping may have been corrected a moment ago, by way of another process.
  parts.channels.forget(deliveries.get(entry.deliveryId)?.channel ?? '');
  const at = ctx.clock.business().toISOString();
  const by = wanted.meta.actor;
  const rereads: { readonly reread: Reread; readonly accepted: Accepted }[] = [];
  let corrected: readonly string[] = [];
  for (const deliveryId of waiting) {
    const delivery = deliveries.get(deliveryId);
    if (delivery === undefined) throw new Refused('NOT_FOUND', 'the delivery is not in the log of its order');
    const fixed = deliveryId === entry.deliveryId && wanted.corrected.length > 0 ? wanted.corrected : undefined;
    const connected = await parts.channels.get(delivery.channel);
    const platform = parts.platforms.get(readers[delivery.source] ?? connected?.platform ?? '');
    const found = await parts.deliveries.reread({ ...delivery, connected, platform, body: fixed ?? (await openDelivery(parts, delivery)) }, delivery);
    if (fixed !== undefined) corrected = await resealed(parts, delivery, fixed);
    if (deliveryId === entry.deliveryId && (found.orderId !== orderId || found.accepted.length > 1)) {
      // It says now whose delivery it is, or holds several: they are recorded there, and leave here.
      if (found.accepted.length === 1 && found.reread.outcome.as === 'failure') rereads.push({ reread: found.reread, accepted: found.accepted[0] });
      else if (delivery.channelOrderId !== '') throw new Refused('BAD_REQUEST', 'the corrected payload is of another order; correct what is wrong and keep the order’s id');
      else {
        const record = recording(found.accepted, wanted.meta);
        const { answer } = await ctx.store.execute(
          {
            streams: [[channelOrder, orderId], ...record.streams],
            meta: wanted.meta,
            decide: (unit) => {
              unit.run(channelOrder, orderId, { type: 'MoveDelivery', data: { orderId, deliveryId, movedTo: found.orderId, corrected, by, at } });
              const ends = record.decide(unit);
              return ends.find(({ state }) => state === 'PARKED') ?? ends[0]!;
            },
          },
          wanted.request,
        );
        return { orderId: found.orderId, state: answer.state, reason: answer.reason };
      }
    } else rereads.push({ reread: found.reread, accepted: found.accepted[0] });
  }
  const { answer } = await ctx.store.execute(
    {
      // With what the SKU map is asked for: a unit takes a hundred streams at most that it does not name.
      streams: [[channelOrder, orderId], ...rereads.flatMap(({ accepted }) => streamsOf(accepted))],
      meta: wanted.meta,
      decide: (unit) => {
        // One that names another order now is not taken, and its deadline is not either.
        for (const { accepted } of rereads) if (accepted.delivery.orderId === orderId) noteShipBy(unit, accepted, at);
        const events = unit.run(channelOrder, orderId, { type: 'ReplayQuarantine', data: { orderId, rereads: rereads.map(({ reread, accepted }) => ({ ...reread, outcome: withSkus(unit, reread.outcome, accepted.asksMap) })), corrected, by, at } });
        const failed = events.find((event) => event.type === 'QuarantineReplayFailed' || (event.type === 'QueuedDeliveryQuarantined' && event.data.parks));
        const reason = failed !== undefined && 'reason' in failed.data ? failed.data.reason : '';
        return { state: unit.state(channelOrder, orderId).parked !== null || reason !== '' ? ('PARKED' as const) : ('PLACED' as const), reason };
      },
    },
    wanted.request,
  );
  return { orderId, ...answer };
};

/** Every delivery of an order as it was recorded; the whole stream is read, since a busy order has some dozens of them. */
const readDeliveries = async ({ ctx }: Ingest, orderId: string): Promise<ReadonlyMap<string, Delivery>> => {
  const found = new Map<string, Delivery>();
  for (let from = 1; ; ) {
    const events = (await ctx.store.read(`channelOrder-${orderId}`, { from, limit: 500 })) as readonly Recorded<ChannelOrderEvent>[];
    for (const { type, data } of events) if (type === 'DeliveryQuarantined' || type === 'DeliveryQueued') found.set((data as Delivery).deliveryId, deliveryOf(data as Delivery));
    if (events.length < 500) return found;
    from = events.at(-1)!.version + 1;
  }
};

// Not what became of it then.
const deliveryOf = ({ orderId, channel, channelOrderId, deliveryId, kind, source, topic, sentAt, receivedAt, raw }: Delivery): Delivery => ({ orderId, channel, channelOrderId, deliveryId, kind, source, topic, sentAt, receivedAt, raw });

/** The input of an entry as it came, and what stands behind it. */
export const openEntry = async (parts: Ingest, id: string): Promise<{ readonly bytes: Uint8Array; readonly waiting: readonly string[] }> => {
  const entry = await findEntry(parts.ctx.pool, id);
  const delivery = entry && (await readDeliveries(parts, entry.orderId)).get(entry.deliveryId);
  if (entry === undefined || delivery === undefined) throw new Refused('NOT_FOUND', `nothing in quarantine is called "${id.slice(0, 60)}"; list it with Quarantine/List`);
  const { state } = (await parts.ctx.store.folded(channelOrder, [entry.orderId])).get(entry.orderId)!;
  return { bytes: await openDelivery(parts, delivery), waiting: state.parked === entry.deliveryId ? state.queue.map((deliveryId) => entryId(entry.orderId, deliveryId)) : [] };
};

const openDelivery = async ({ keys }: Ingest, { raw }: Delivery): Promise<Uint8Array> => {
  const found = await keys.find(raw.map(subjectOf));
  const bytes = openRaw((subject) => found.get(subject), raw);
  if (bytes === undefined) throw new Refused('SUBJECT_ERASED', 'the person’s data was erased, and this payload with it');
  return bytes;
};

const resealed = async ({ keys }: Ingest, { raw }: Delivery, bytes: Uint8Array): Promise<readonly string[]> => {
  // Of an erased person nothing was kept.
  if (raw[0] === undefined) throw new Refused('SUBJECT_ERASED', 'the person’s data was erased; nothing can be added to it');
  const subject = subjectOf(raw[0]);
  const key = (await keys.ensure([subject])).get(subject)!;
  return sealRaw(key, subject, bytes);
};
