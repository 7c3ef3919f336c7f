import { topics, type allocation as api } from '@flotilla/contracts';
import type { Recorded } from '@flotilla/event-store';
import { partitionOf, type Published } from '@flotilla/messaging';
import type { AllocationEvent, AllocationQuestion } from '../decide/allocation.events.js';
import type { FreezeEvent } from '../decide/freeze.events.js';
import type { LockEvent, LockReply } from '../decide/lock.events.js';
import type { NodeEvent } from '../decide/node.events.js';
import type { OfferEvent } from '../decide/suppliers/offer.events.js';
import type { SkuEvent } from '../decide/sku.events.js';
import type { FloorEvent } from '../decide/waves/floor.events.js';
import type { WmsLockEvent } from '../decide/wms/lock.events.js';
import { freeOf, nothingBeside, promisable, type StockEvent } from '../decide/stock.events.js';

const SHARDS = 12;

/** Requests of a warehouse are spread, or one hot warehouse would be one partition; those of a fulfilment order stay in order. */
export const requestKey = (warehouse: string, foId: string): string => `${warehouse}/${partitionOf(foId, SHARDS)}`;

const requests = { LockAsked: 'LockStock', ConfirmAsked: 'ConfirmStock', ReleaseAsked: 'ReleaseStock', ConsumeAsked: 'ConsumeStock' } as const;

const request = ({ type, data: { attempt: _attempt, at: _at, atHand = false, ...message } }: AllocationQuestion): Published => ({
  topic: topics.lockRequests,
  key: requestKey(message.warehouse, message.foId),
  type: `flotilla.lock.v1.${requests[type]}`,
  data: { ...message, answered: atHand },
});

// What was stored, or is remembered of it, before these fields were there is said with them.
const reply = ({ type, data }: LockReply): Published => ({
  topic: topics.lockReplies,
  key: data.foId,
  type: `flotilla.lock.v1.${type}`,
  data: { ...data, ...(type === 'StockLockRefused' ? { kept: data.kept ?? [] } : {}), noted: data.noted ?? false },
});

const ofSaga = (event: AllocationEvent): readonly Published[] => {
  switch (event.type) {
    case 'LockAsked':
    case 'ConfirmAsked':
    case 'ReleaseAsked':
    case 'ConsumeAsked':
      return [request(event)];
    case 'OrderAllocated':
    case 'OrderBackordered':
    case 'BackorderEased':
    case 'StockReleased':
    case 'StockDisplaced':
      return [{ topic: topics.allocation, key: event.data.foId, type: `flotilla.allocation.v1.${event.type}`, data: event.data }];
    default:
      return [];
  }
};

const ofLock = (event: LockEvent): readonly Published[] => [reply(event.type === 'LockAnswered' ? event.data.reply : event)];

const ofWmsLock = (event: WmsLockEvent): readonly Published[] => {
  switch (event.type) {
    case 'StockLocked':
    case 'StockLockRefused':
    case 'StockConfirmed':
    case 'StockLockExpired':
    case 'StockReleased':
    case 'StockConsumed':
      return [reply(event)];
    case 'LockAnswered':
      return [reply(event.data.reply)];
    default:
      return [];
  }
};

const ofOffer = (event: OfferEvent): readonly Published[] => {
  switch (event.type) {
    case 'OfferMade': {
      const { lockId, foId, round, warehouse, until } = event.data;
      return [{ topic: topics.lockReplies, key: foId, type: 'flotilla.lock.v1.StockLockPending', data: { lockId, foId, round, warehouse, until } }];
    }
    case 'StockLockPending':
      return [{ topic: topics.lockReplies, key: event.data.foId, type: 'flotilla.lock.v1.StockLockPending', data: event.data }];
    case 'SupplierShipped': {
      const { lockId: _, by: __, ...data } = event.data;
      return [{ topic: topics.allocation, key: data.foId, type: 'flotilla.allocation.v1.SupplierShipped', data }];
    }
    case 'PackingVideoAttached': {
      const { by: _, ...data } = event.data;
      return [{ topic: topics.allocation, key: data.foId, type: 'flotilla.allocation.v1.PackingVideoAttached', data }];
    }
    case 'SupplierOverdue':
    case 'SupplierOverdueEnded':
      return [{ topic: topics.allocation, key: event.data.foId, type: `flotilla.allocation.v1.${event.type}`, data: event.data }];
    case 'StockLocked':
    case 'StockLockRefused':
    case 'StockConfirmed':
    case 'StockLockExpired':
    case 'StockReleased':
    case 'StockConsumed':
      return [reply(event)];
    case 'LockAnswered':
      return [reply(event.data.reply)];
    default:
      return [];
  }
};

const ofFloor = ({ type, data }: FloorEvent): readonly Published[] => {
  const said = (name: FloorEvent['type'], { foId }: { readonly foId: string }, message: object): readonly Published[] => [{ topic: topics.allocation, key: foId, type: `flotilla.allocation.v1.${name}`, data: message }];
  switch (type) {
    case 'PickingStarted':
    case 'PickingStopped':
      return said(type, data, data);
    case 'PickShort': {
      const { foId, warehouse, missing } = data;
      return said(type, data, { foId, warehouse, missing });
    }
    case 'ParcelPacked': {
      const { foId, parcelId, warehouse, wave, grams, packedAt } = data;
      return said(type, data, { foId, parcelId, warehouse, wave, grams, packedAt });
    }
    case 'PackingPhotoAttached': {
      const { by: _, ...photo } = data;
      return said(type, data, photo);
    }
    default:
      return [];
  }
};

const ofStock = (event: StockEvent): readonly Published[] => {
  // It stands on the topic already: its own ledger said so.
  if (event.type === 'StockForecast' && event.data.from === 'PARTICIPANT') return [];
  const { warehouse, sku, level, beside: { safety, safetyFrom, inTransit } = nothingBeside } = event.data;
  const data: api.StockChanged = { warehouse, sku, ...level, free: freeOf(level), safety, safetyFromPriority: safetyFrom, available: promisable({ ...level, safety, safetyFrom, inTransit }), inTransit };
  return [{ topic: topics.stock, key: sku, type: 'flotilla.allocation.v1.StockChanged', data }];
};

const ofSku = ({ data: { sku, nameZh, nameEn, grams, barcodes } }: SkuEvent): readonly Published[] => {
  const data: api.SkuChanged = { sku, nameZh, nameEn, grams, barcodes };
  return [{ topic: topics.catalogue, key: sku, type: 'flotilla.allocation.v1.SkuChanged', data }];
};

const ofNode = ({ type, data }: NodeEvent): readonly Published[] =>
  type === 'NodeTripped' || type === 'NodeRestored' ? [{ topic: topics.catalogue, key: data.warehouse, type: `flotilla.allocation.v1.${type}`, data }] : [];

const ofFreeze = ({ type, data }: FreezeEvent): readonly Published[] => [{ topic: topics.catalogue, key: data.sku, type: `flotilla.allocation.v1.${type}`, data }];

/** Who must know of an event of ours: participants, the saga, order-core, listeners of stock and catalogue — or nobody. */
export const publish = (event: Recorded): readonly Published[] => {
  const { stream } = event;
  const own = event as unknown;
  if (stream.startsWith('allocation-')) return ofSaga(own as AllocationEvent);
  if (stream.startsWith('lock-')) return ofLock(own as LockEvent);
  if (stream.startsWith('wmslock-')) return ofWmsLock(own as WmsLockEvent);
  if (stream.startsWith('offer-')) return ofOffer(own as OfferEvent);
  if (stream.startsWith('stock-')) return ofStock(own as StockEvent);
  if (stream.startsWith('sku-')) return ofSku(own as SkuEvent);
  if (stream.startsWith('node-')) return ofNode(own as NodeEvent);
  if (stream.startsWith('floor-')) return ofFloor(own as FloorEvent);
  if (stream.startsWith('freeze-')) return ofFreeze(own as FreezeEvent);
  return [];
};
