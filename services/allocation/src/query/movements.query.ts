import type { allocation as api } from '@flotilla/contracts';
import { unreachable } from '@flotilla/decider';
import type { EventStore, Recorded } from '@flotilla/event-store';
import { stockId } from '../decide/names.js';
import { stock } from '../decide/stock.decider.js';
import { freeOf, type StockEvent } from '../decide/stock.events.js';

type Told = Pick<api.StockMovement, 'type' | 'cause' | 'by' | 'foId' | 'quantity'>;

// What moved, and why: whoever moved it said so in the event.
const told = ({ type, data }: StockEvent): Told => {
  const none = { by: '', foId: '' };
  switch (type) {
    case 'StockCounted':
      return { ...none, type: 'COUNTED', cause: data.asOf === '' ? 'count' : `count as of ${data.asOf}`, quantity: data.level.onHand - data.was };
    case 'StockAdjusted':
      return { ...none, type: 'ADJUSTED', cause: data.reason, quantity: data.delta };
    case 'StockSetAside':
      return { ...none, type: 'SET_ASIDE', cause: data.reason, quantity: data.quantity };
    case 'StockScrapped':
      return { ...none, type: 'SCRAPPED', cause: data.reason, quantity: -data.quantity };
    case 'SafetySet':
      return { ...none, type: 'SAFETY_SET', cause: `${data.was} before`, quantity: data.beside?.safety ?? 0 };
    case 'StockAnnounced':
      return { ...none, type: 'ANNOUNCED', cause: data.kind === 'TRANSFER' ? `transfer from ${data.fromWarehouse}` : 'purchase', by: data.inbound, quantity: data.quantity };
    case 'StockDispatched':
      return { ...none, type: 'DISPATCHED', cause: `transfer to ${data.toWarehouse}`, by: data.inbound, quantity: -data.quantity };
    case 'StockReceived':
      return { ...none, type: 'RECEIVED', cause: data.unsellable > 0 ? `${data.unsellable} unsellable: ${data.reason}` : 'arrived', by: data.inbound, quantity: data.quantity };
    case 'InboundEnded':
      return { ...none, type: 'INBOUND_DIFFERENCE', cause: data.reason || (data.difference === 0 ? 'all of it arrived' : `${data.announced} announced, ${data.received} arrived`), by: data.inbound, quantity: data.difference };
    case 'StockHeld':
      return { type: 'HELD', cause: `lock of priority ${data.priority}`, by: data.lockId, foId: data.foId, quantity: data.quantity };
    case 'HoldConfirmed':
      return { type: 'CONFIRMED', cause: 'allocated', by: data.lockId, foId: data.foId, quantity: data.quantity };
    case 'HoldReleased':
      return { type: 'RELEASED', cause: data.cause, by: data.lockId, foId: data.foId, quantity: data.quantity };
    case 'StockTaken':
      return { type: 'TAKEN', cause: `parcel ${data.parcelId}`, by: data.lockId, foId: data.foId, quantity: -data.quantity };
    case 'StockForecast':
      return { ...none, type: 'FORECAST', cause: `${data.from} at ${data.asOf}`, quantity: data.level.onHand };
    default:
      return unreachable(type);
  }
};

const toMovement = (event: Recorded): api.StockMovement => {
  const own = event as unknown as StockEvent;
  const { level } = own.data;
  return { version: event.version, at: event.recordedAt, actor: event.meta.actor, ...told(own), ...level, free: freeOf(level) };
};

/** Movements of a shelf, the newest first, below a version; `next` is where the page after begins, 0 = there is none. */
export const listMovements = async (store: EventStore, { warehouse, sku }: Pick<api.StockLevel, 'warehouse' | 'sku'>, limit: number, below: number | undefined): Promise<{ readonly movements: readonly api.StockMovement[]; readonly next: number }> => {
  const id = stockId(warehouse, sku);
  const to = below === undefined ? await headOf(store, id) : below - 1;
  const from = Math.max(1, to - limit + 1);
  const events = to < 1 ? [] : await store.read(`stock-${id}`, { from, limit: to - from + 1 });
  return { movements: events.map(toMovement).toReversed(), next: from > 1 ? from : 0 };
};

const headOf = async (store: EventStore, id: string): Promise<number> => (await store.folded(stock, [id])).get(id)!.version;
