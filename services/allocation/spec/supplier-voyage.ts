import type { common } from '@flotilla/contracts';
import { lockIdOf } from '@flotilla/values';
import { act, declareStock, offerLock } from '../src/coordinate/suppliers/participant.js';
import { supplier } from '../src/decide/suppliers/supplier.decider.js';
import { publish } from '../src/publish/publish.js';
import { MemoryStore } from './memory-store.js';

const at = '2026-11-21T09:00:01.000Z';
const shippedAt = '2026-11-21T02:00:00.000Z';
const warehouse = 'SUP-YW';

/** An offer to a supplier from the question to the waybill; what was said on the way. `parcel`: what order-core releases. `late`: it is overdue before it is sent. */
export const supplierVoyage = (foId: string, parcel: { readonly parcelId: string; readonly orders: readonly common.OrderShare[]; readonly waybill: string }, late = false): { find(type: string): unknown } => {
  const store = new MemoryStore(() => at);
  const lockId = lockIdOf(foId, 1, warehouse);
  const head = { lockId, foId, round: 1, warehouse };
  const by = `supplier:${warehouse}`;
  store.execute((unit) => unit.run(supplier, warehouse, { type: 'DescribeSupplier', data: { supplier: warehouse, name: '义乌', email: 'a@b.test', language: 'zh', responseMinutes: 240, delivery: 'PORTAL', apiUrl: '', apiSecret: '', shipHours: 48 } }));
  store.execute((unit) => declareStock(unit, warehouse, 'MUG-1', 5));
  store.execute((unit) => offerLock(unit, { ...head, lines: [{ sku: 'MUG-1', quantity: 2 }], priority: 0 }, at));
  store.execute((unit) => act(unit, lockId, { type: 'AcceptOffer', data: { by, at } }));
  const fence = (store.events(`offer-${lockId}`).find(({ type }) => type === 'StockLocked')!.data as { readonly fence: number }).fence;
  store.execute((unit) => act(unit, lockId, { type: 'ConfirmStock', data: { ask: { ...head, fence } } }));
  const shipTo = { country: 'CN', province: '', city: '', district: '', postcode: '', street: '', company: '', name: '', phone: '', phoneIndex: '', token: '' };
  store.execute((unit) => act(unit, lockId, { type: 'AskShipping', data: { parcelId: parcel.parcelId, orders: parcel.orders, shipTo, number: '', at, shipMs: 48 * 3_600_000 } }));
  if (late) store.execute((unit) => act(unit, lockId, { type: 'LookAtShipping', data: { at: '2026-11-23T09:00:01.000Z', contact: 'Chen Wei' } }));
  store.execute((unit) => act(unit, lockId, { type: 'ShipOffer', data: { by, at: shippedAt, carrier: 'sf', waybill: parcel.waybill, evidenceSha256: '' } }));
  store.execute((unit) => act(unit, lockId, { type: 'AttachVideo', data: { by, at, sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08', bytes: 4_194_304, mediaType: 'video/mp4' } }));
  const said = store.log.flatMap(publish);
  return { find: (type) => said.findLast((one) => one.type === type)?.data };
};
