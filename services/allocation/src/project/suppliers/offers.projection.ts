import type { Follower, Recorded, Transaction } from '@flotilla/event-store';
import { sqlMigration } from '@flotilla/service-kit';
import type { FileEvent } from '../../decide/suppliers/file.decider.js';
import type { OfferEvent } from '../../decide/suppliers/offer.events.js';
import type { SupplierEvent } from '../../decide/suppliers/supplier.decider.js';

export const SupplierTables = sqlMigration('SupplierTables', 1764000000001, [
  'CREATE TABLE read.supplier (supplier text PRIMARY KEY, described jsonb NOT NULL)',
  // answered_at: of an offer that was accepted or refused; business time, like offered_at.
  'CREATE TABLE read.supplier_offer (lock_id text PRIMARY KEY, supplier text NOT NULL, fo_id text NOT NULL, state text NOT NULL, offered_at timestamptz NOT NULL, answered_at timestamptz)',
  'CREATE INDEX supplier_offer_by_age ON read.supplier_offer (supplier, offered_at DESC)',
]);

export const SupplierShipping = sqlMigration('SupplierShipping', 1764460000001, [
  // ship_due_at: of a parcel that was released to it; overdue_at: when that time was over and it was not sent, whatever became of it. Business time.
  'ALTER TABLE read.supplier_offer ADD COLUMN ship_due_at timestamptz, ADD COLUMN overdue_at timestamptz',
]);

export const SupplierFileTable = sqlMigration('SupplierFileTable', 1764460000002, [
  'CREATE TABLE read.supplier_file (supplier text NOT NULL, taken_at timestamptz NOT NULL, id text NOT NULL, file jsonb NOT NULL, PRIMARY KEY (supplier, taken_at, id))',
]);

const states: Readonly<Partial<Record<OfferEvent['type'], string>>> = { OfferAccepted: 'ACCEPTED', OfferRefused: 'REFUSED', OfferExpired: 'EXPIRED', OfferWithdrawn: 'WITHDRAWN', SupplierShipped: 'SHIPPED', StockConsumed: 'SHIPPED' };

const projectOffer = async (event: OfferEvent, tx: Transaction): Promise<void> => {
  if (event.type === 'OfferMade') {
    const { lockId, warehouse, foId, at } = event.data;
    await tx.query("INSERT INTO read.supplier_offer VALUES ($1, $2, $3, 'OFFERED', $4) ON CONFLICT DO NOTHING", [lockId, warehouse, foId, at]);
    return;
  }
  if (event.type === 'ShippingAsked') await tx.query('UPDATE read.supplier_offer SET ship_due_at = $2 WHERE lock_id = $1', [event.data.lockId, event.data.dueAt || null]);
  if (event.type === 'SupplierOverdue') await tx.query('UPDATE read.supplier_offer SET overdue_at = coalesce(overdue_at, $2) WHERE lock_id = $1', [event.data.lockId, event.data.dueAt]);
  const state = states[event.type];
  if (state === undefined || !('lockId' in event.data)) return;
  const answered = event.type === 'OfferAccepted' || event.type === 'OfferRefused' ? event.data.at : null;
  await tx.query('UPDATE read.supplier_offer SET state = $2, answered_at = coalesce(answered_at, $3) WHERE lock_id = $1', [event.data.lockId, state, answered]);
};

/** Suppliers, and what became of what they were offered. Some hundred events a minute at most: one statement each. */
export const supplierOffers: Follower = {
  name: 'supplier-offers',
  inside: async (events: readonly Recorded[], tx) => {
    for (const event of events) {
      if (event.stream.startsWith('offer-')) await projectOffer(event as unknown as OfferEvent, tx);
      else if (event.type === 'SupplierFileTaken') {
        const { data } = event as unknown as FileEvent;
        await tx.query('INSERT INTO read.supplier_file VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING', [data.supplier, data.takenAt, event.stream, data]);
      } else if (event.type === 'SupplierDescribed') {
        const { data } = event as unknown as SupplierEvent;
        await tx.query('INSERT INTO read.supplier VALUES ($1, $2) ON CONFLICT (supplier) DO UPDATE SET described = excluded.described', [data.supplier, data]);
      }
    }
  },
};
