/*
 * An offer and what it holds of the supplier's declared stock, as one unit.
 *
 * the offer            stock (a forecast)
 * is made              HoldStock
 * is confirmed         ConfirmHold
 * is shipped, consumed TakeStock, when it is consumed
 * ends                 ReleaseHold; "out of stock" also lowers the forecast to what is promised
 *
 * Of a supplier that takes so many orders a day, an offer has a place of its day from the beginning; one that ends before it was accepted gives it back.
 */
import type { lock as wire, order } from '@flotilla/contracts';
import type { Unit } from '@flotilla/event-store';
import { dayOf } from '@flotilla/values';
import { allocation } from '../../decide/allocation.decider.js';
import { stockId, summed } from '../../decide/names.js';
import { stock, type StockCommand } from '../../decide/stock.decider.js';
import { promisable } from '../../decide/stock.events.js';
import { supplierDay, takenOn } from '../../decide/suppliers/day.decider.js';
import { offer, type Offer, type OfferCommand } from '../../decide/suppliers/offer.decider.js';
import type { OfferEvent } from '../../decide/suppliers/offer.events.js';
import { supplier } from '../../decide/suppliers/supplier.decider.js';
import { warehouse } from '../../decide/warehouse.decider.js';

/** `LockStock`: the order is offered, if the supplier has declared enough and its day has room. `at`: business time. */
export const offerLock = (unit: Unit, ask: Omit<wire.LockStock, 'answered'>, at: string): void => {
  const { warehouse: site, lockId } = ask;
  const isNew = unit.state(offer, lockId).status === 'NONE';
  const lines = isNew ? summed(ask.lines) : [];
  const free = lines.map(({ sku }) => ({ sku, quantity: promisable(unit.state(stock, stockId(site, sku)), ask.priority) }));
  const fence = 1 + Math.max(0, ...lines.map(({ sku }) => unit.version(stock, stockId(site, sku))));
  const responseMs = isNew ? (unit.state(supplier, site)?.responseMinutes ?? 0) * 60_000 : 0;
  const { dailyOrders = 0, timeZone = '' } = (isNew ? unit.state(warehouse, site) : null) ?? {};
  const day = dailyOrders > 0 ? dayOf(at, timeZone) : '';
  const full = day !== '' && takenOn(unit.state(supplierDay, site), day) >= dailyOrders;
  act(unit, lockId, { type: 'LockStock', data: { ask, free, fence, at, responseMs, day, full } });
};

/** What a supplier does on its page, and what a timer sees. */
export const act = (unit: Unit, lockId: string, command: OfferCommand): readonly OfferEvent[] => {
  let state = unit.state(offer, lockId);
  const events = unit.run(offer, lockId, command);
  for (const event of events) {
    const after = offer.evolve(state, event);
    for (const [sku, movement] of movements(state, after, event)) unit.run(stock, stockId(after.head!.warehouse, sku), movement);
    const place = placeOf(state, after);
    if (place) unit.run(supplierDay, after.head!.warehouse, { type: place, data: { supplier: after.head!.warehouse, lockId, day: after.day } });
    state = after;
  }
  // It has none left, it says: nothing more is offered until it declares its stock anew.
  if (events.some((event) => event.type === 'OfferRefused' && event.data.reason === 'OUT_OF_STOCK')) for (const { sku } of state.lines) declareStock(unit, state.head!.warehouse, sku, 0);
  return events;
};

/** What a supplier can send beside what it has accepted. Answers whether that is news. */
export const declareStock = (unit: Unit, site: string, sku: string, free: number): boolean => {
  const { known, held, confirmed, unsellable, onHand, forecastAsOf } = unit.state(stock, stockId(site, sku));
  const level = { onHand: free + held + confirmed + unsellable, unsellable, held, confirmed };
  if (known && level.onHand === onHand) return false;
  return unit.run(stock, stockId(site, sku), { type: 'ForecastStock', data: { warehouse: site, sku, level, from: 'SUPPLIER', asOf: forecastAsOf, at: '' } }).length > 0;
};

const holding = ({ status }: Offer): '' | 'held' | 'confirmed' => (status === 'OFFERED' || status === 'ACCEPTED' ? 'held' : status === 'CONFIRMED' || status === 'SHIPPED' ? 'confirmed' : '');

const placeOf = (before: Offer, after: Offer): 'TakePlace' | 'FreePlace' | undefined => {
  if (after.day === '') return undefined;
  if (before.status === 'NONE' && after.status === 'OFFERED') return 'TakePlace';
  return before.status === 'OFFERED' && (after.status === 'REFUSED' || after.status === 'EXPIRED' || after.status === 'RELEASED') ? 'FreePlace' : undefined;
};

const movements = (before: Offer, after: Offer, event: OfferEvent): readonly (readonly [string, StockCommand])[] => {
  const [from, to] = [holding(before), holding(after)];
  if (from === to || !after.head) return [];
  const { lockId, foId, warehouse } = after.head;
  return after.lines.map(({ sku, quantity }): readonly [string, StockCommand] => {
    const share = { warehouse, sku, lockId, foId, quantity };
    if (from === '') return [sku, { type: 'HoldStock', data: { ...share, priority: after.priority } }];
    if (to === 'confirmed') return [sku, { type: 'ConfirmHold', data: share }];
    if (event.type === 'StockConsumed') return [sku, { type: 'TakeStock', data: { ...share, parcelId: event.data.parcelId } }];
    return [sku, { type: 'ReleaseHold', data: { ...share, from: from === 'confirmed' ? 'confirmed' : 'held', cause: after.status } }];
  });
};

/** order-core has released a parcel of a supplier: the offer whose part it is gets the address. `at`: business time. */
export const askShipping = (unit: Unit, { foId, warehouse: site, parcelId, orders, shipTo, number }: Pick<order.FulfilmentReleased, 'foId' | 'warehouse' | 'parcelId' | 'orders' | 'shipTo' | 'number'>, at: string): void => {
  const { parts, locks } = unit.state(allocation, foId);
  const lockId = parts.find((one) => locks[one]?.warehouse === site);
  if (lockId === undefined) return;
  const shipMs = (unit.state(supplier, site)?.shipHours ?? 0) * 3_600_000;
  unit.run(offer, lockId, { type: 'AskShipping', data: { parcelId, orders, shipTo, number, at, shipMs } });
};

/** The time of an offer may be over: that to answer, or that to send. */
export const lookAtOffer = (unit: Unit, lockId: string, what: 'offer' | 'shipping', at: string): void => {
  const site = unit.state(offer, lockId).head?.warehouse;
  if (site === undefined) return;
  act(unit, lockId, what === 'offer' ? { type: 'LookAtOffer', data: { at } } : { type: 'LookAtShipping', data: { at, contact: unit.state(warehouse, site)?.contact ?? '' } });
};
