import type { Recorded } from '@flotilla/event-store';
import type { AllocationEvent } from '../decide/allocation.events.js';
import { less, toPlan, type AllocationState } from '../decide/allocation.state.js';
import { units } from '../decide/names.js';
import { planRoute, type PlanPart, type Snapshot } from '../decide/route.js';
import type { FreezeEvent } from '../decide/freeze.events.js';
import type { SkuEvent } from '../decide/sku.events.js';
import type { StockEvent } from '../decide/stock.events.js';

/** What an event means to the queue of backorders. */
export interface QueueNews {
  /** Fulfilment orders that entered; they may have left again since, their folded state says. */
  readonly entered: readonly string[];
  readonly left: readonly string[];
  /** Fulfilment orders that may leave to others what they were about to lock: their SKUs are looked at. */
  readonly gone: readonly string[];
  /** SKUs of which there may be more, or that have just become known. */
  readonly skus: readonly string[];
  /** A warehouse is new or has moved: everything may be served. */
  readonly everything: boolean;
}

// Movements after which no order can have more than before them.
const lessening: ReadonlySet<StockEvent['type']> = new Set(['StockHeld', 'HoldConfirmed', 'StockTaken', 'StockAnnounced', 'InboundEnded', 'StockScrapped']);

const none: QueueNews = { entered: [], left: [], gone: [], skus: [], everything: false };

/** Reads the log for the queue. An order that enters is looked at too: the stock may have grown after its plan was made. */
export const queueNews = (event: Recorded): QueueNews => {
  if (event.stream.startsWith('allocation-')) {
    const { type, data } = event as unknown as AllocationEvent;
    switch (type) {
      case 'OrderBackordered':
      case 'BackorderKept':
        return { ...none, entered: [data.foId] };
      case 'AllocationPlanned':
        return { ...none, left: [data.foId] };
      case 'CancelNoted':
        return { ...none, left: [data.foId], gone: [data.foId] };
      case 'RequestNoted':
        return { ...none, left: [data.foId], skus: data.round > 1 ? data.lines.map(({ sku }) => sku) : [] };
      // It may have got its stock from elsewhere than where it was expected to.
      case 'OrderAllocated':
        return { ...none, skus: data.items.map(({ sku }) => sku) };
      default:
        return none;
    }
  }
  if (event.stream.startsWith('stock-')) {
    const { type, data } = event as unknown as StockEvent;
    return lessening.has(type) ? none : { ...none, skus: [data.sku] };
  }
  if (event.stream.startsWith('sku-')) return { ...none, skus: [(event as unknown as SkuEvent).data.sku] };
  // A node takes orders again, or for the first time; a SKU may be promised again. A place of a supplier's day is for any of its goods.
  if (event.stream.startsWith('warehouse-') || ['PlaceFreed', 'NodeDayBegan', 'NodeHalfOpened', 'NodeRestored', 'NodeResumed', 'ProbeDropped'].includes(event.type)) return { ...none, everything: true };
  return event.type === 'SkuUnfrozen' ? { ...none, skus: [(event as unknown as FreezeEvent).data.sku] } : none;
};

/** A fulfilment order that stock can be found for, for some of it at least, and the figures it is to plan with: those that the ones before it leave. */
export interface Served {
  readonly foId: string;
  readonly snapshot: Snapshot;
}

/**
 * The first waiting orders (given in the order of the queue) that there is a plan for, each with what the ones before it leave; and those
 * that lack less than they were told, which are told so. A word takes nothing from the plans of others, but what one was told of is not told to the
 * next (`untold`): whoever ships in parts comes for it, and of all of them one would get it.
 */
export const servable = (waiting: readonly AllocationState[], snapshot: Snapshot, notYetTold = snapshot): { readonly served: readonly Served[]; readonly left: Snapshot; readonly untold: Snapshot } => {
  let left = snapshot;
  let untold = notYetTold;
  const served: Served[] = [];
  for (const saga of waiting) {
    const { foId, phase, request } = saga;
    if (phase !== 'BACKORDERED' || !request) continue;
    const wanted = toPlan(saga);
    const { plans: [best], missing } = planRoute(wanted, left);
    if (best) {
      served.push({ foId, snapshot: left });
      left = best.parts.reduce(taken, left);
      untold = best.parts.reduce(taken, untold);
    } else if (units(missing) < units(saga.told)) {
      const rest = planRoute(wanted, untold);
      if (rest.lackedAt === undefined || units(rest.missing) >= units(saga.told)) continue;
      served.push({ foId, snapshot: untold });
      untold = taken(untold, { warehouse: rest.lackedAt, lines: less(wanted.lines, rest.missing) });
    }
  }
  return { served, left, untold };
};

const taken = (left: Snapshot, { warehouse, lines }: PlanPart): Snapshot => {
  const before = left.free[warehouse] ?? {};
  const after = Object.fromEntries(lines.map(({ sku, quantity }) => [sku, (before[sku] ?? 0) - quantity]));
  return { ...left, free: { ...left.free, [warehouse]: { ...before, ...after } } };
};
