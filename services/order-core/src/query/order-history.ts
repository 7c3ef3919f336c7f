import { Refused } from '@flotilla/decider';
import type { order as contract } from '@flotilla/contracts';
import type { EventStore, Recorded } from '@flotilla/event-store';
import { eventsOf } from './order-view.js';

/** Everything that happened to an order, each event with its chain hash and with the foreign event that it applied. */
export const historyOf = async (store: EventStore, orderId: string): Promise<contract.OrderHistory> => {
  const events = orderId === '' ? [] : await eventsOf(store, orderId);
  if (events.length === 0) throw new Refused('NOT_FOUND', `there is no order ${orderId}; list them with Orders/List`);
  return { events: events.map(toHistoryEvent) };
};

const toHistoryEvent = ({ stream, version, id, type, recordedAt, data, meta, hash }: Recorded): contract.HistoryEvent => ({
  stream,
  version,
  eventId: id,
  type,
  recordedAt,
  actor: meta.actor,
  data: JSON.stringify(data),
  hash,
  traceId: meta.traceparent?.split('-')[1] ?? '',
  sourceStream: meta.source?.stream ?? '',
  sourceVersion: meta.source?.version ?? 0,
  sourceEventId: meta.source?.id ?? '',
  sourceHash: meta.source?.hash ?? '',
});
