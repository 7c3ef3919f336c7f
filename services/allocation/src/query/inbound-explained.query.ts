import type { allocation as api } from '@flotilla/contracts';
import { unreachable } from '@flotilla/decider';
import type { EventStore, Recorded } from '@flotilla/event-store';
import { inbound } from '../decide/inbound.decider.js';
import type { InboundEvent } from '../decide/inbound.events.js';
import { stockId } from '../decide/names.js';
import { freeOf } from '../decide/stock.events.js';
import { stock } from '../decide/stock.decider.js';

const SHOWN_STEPS = 200;

/** The way of an inbound, and of a transfer that has not left what its shelves could give. */
export const explainInbound = async (store: EventStore, id: string): Promise<Omit<api.InboundExplanation, 'inbound'>> => {
  const { state, version } = (await store.folded(inbound, [id])).get(id)!;
  const events = await store.read(`inbound-${id}`, { from: Math.max(1, version - SHOWN_STEPS + 1), limit: SHOWN_STEPS });
  const wanted = state?.phase === 'requested' ? state : null;
  const shelves = await store.folded(stock, (wanted?.lines ?? []).map(({ sku }) => stockId(wanted!.fromWarehouse, sku)));
  return {
    steps: events.map(toStep),
    source: (wanted?.lines ?? []).map(({ sku, requested = 0 }): api.TransferSource => {
      const shelf = shelves.get(stockId(wanted!.fromWarehouse, sku))!.state;
      const { onHand, unsellable, held, confirmed, safety } = shelf;
      return { sku, requested, onHand, unsellable, held, confirmed, free: freeOf(shelf), safety, short: Math.max(0, requested - freeOf(shelf)) };
    }),
  };
};

const toStep = (event: Recorded): api.InboundStep => ({ version: event.version, at: event.recordedAt, actor: event.meta.actor, ...told(event as unknown as InboundEvent) });

const told = ({ type, data }: InboundEvent): Pick<api.InboundStep, 'type' | 'reason' | 'lines'> => {
  const announced = data.lines.map((line) => ({ sku: line.sku, quantity: line.announced }));
  switch (type) {
    case 'TransferRequested':
      return { type: 'REQUESTED', reason: data.reference, lines: data.lines.map(({ sku, requested = 0 }) => ({ sku, quantity: requested })) };
    case 'TransferShipped':
      return { type: 'SHIPPED', reason: data.reason, lines: announced };
    case 'TransferCancelled':
      return { type: 'CANCELLED', reason: data.reason, lines: [] };
    case 'InboundAnnounced':
      return { type: 'ANNOUNCED', reason: data.reference, lines: announced };
    case 'InboundReceived':
      return { type: 'RECEIVED', reason: data.reason ?? '', lines: data.received.map(({ sku, quantity }) => ({ sku, quantity })) };
    case 'InboundClosed':
      return { type: 'CLOSED', reason: data.reason, lines: data.differences.map(({ sku, difference }) => ({ sku, quantity: difference })) };
    default:
      return unreachable(type);
  }
};
