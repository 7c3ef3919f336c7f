import type { Recorded, Transaction } from '@flotilla/event-store';
import type { AllocationEvent } from '../decide/allocation.events.js';
import type { OutcomeEvent } from '../decide/routing/outcome.decider.js';

interface OrderRow {
  readonly fo_id: string;
  readonly value_amount?: number;
  readonly value_currency?: string;
  readonly planned_at?: string;
  readonly router?: string;
  readonly model?: number;
  readonly grounded?: boolean;
}

/** How each order was routed, and what became of its parcels. */
export const projectOutcomes = async (events: readonly Recorded[], tx: Transaction): Promise<void> => {
  const orders = new Map<string, OrderRow>();
  const parcels = new Map<string, Record<string, unknown>>();
  for (const event of events) {
    if (event.stream.startsWith('allocation-')) {
      const { type, data } = event as unknown as AllocationEvent;
      if (type === 'RequestNoted') orders.set(data.foId, { ...orders.get(data.foId), fo_id: data.foId, value_amount: data.value?.amount ?? 0, value_currency: data.value?.currency ?? '' });
      if (type === 'AllocationPlanned') {
        const { foId, router = 'RULES', model = 0, grounded = false } = data;
        orders.set(foId, { ...orders.get(foId), fo_id: foId, planned_at: event.recordedAt, router, model, grounded });
      }
    } else if (event.stream.startsWith('outcome-')) {
      const { type, data } = event as unknown as OutcomeEvent;
      const { parcelId: parcel_id, foId: fo_id } = data;
      const known = parcels.get(parcel_id);
      if (type === 'ParcelArrived') parcels.set(parcel_id, { ...known, parcel_id, fo_id, delivered_at: data.deliveredAt || null });
      else {
        const { warehouse, carrier, service, country, province, grams, litres, freight, shippedAt, dueAt } = data;
        parcels.set(parcel_id, {
          ...known, parcel_id, fo_id, warehouse, carrier, service, country, province, grams, litres,
          freight_amount: freight.currency === '' ? null : freight.amount, freight_currency: freight.currency, shipped_at: shippedAt || null, due_at: dueAt || null,
        });
      }
    }
  }
  if (orders.size > 0) {
    await tx.query(
      `INSERT INTO read.routed_order AS o (fo_id, value_amount, value_currency, planned_at, router, model, grounded)
       SELECT fo_id, coalesce(value_amount, 0), coalesce(value_currency, ''), planned_at, coalesce(router, ''), coalesce(model, 0), coalesce(grounded, false) FROM jsonb_populate_recordset(NULL::read.routed_order, $1)
       ON CONFLICT (fo_id) DO UPDATE SET
         value_amount = CASE WHEN excluded.value_currency = '' THEN o.value_amount ELSE excluded.value_amount END, value_currency = CASE WHEN excluded.value_currency = '' THEN o.value_currency ELSE excluded.value_currency END,
         planned_at = coalesce(excluded.planned_at, o.planned_at), router = CASE WHEN excluded.planned_at IS NULL THEN o.router ELSE excluded.router END,
         model = CASE WHEN excluded.planned_at IS NULL THEN o.model ELSE excluded.model END, grounded = CASE WHEN excluded.planned_at IS NULL THEN o.grounded ELSE excluded.grounded END`,
      [JSON.stringify([...orders.values()])],
    );
  }
  if (parcels.size > 0) {
    await tx.query(
      `INSERT INTO read.shipment_outcome AS p SELECT * FROM jsonb_populate_recordset(NULL::read.shipment_outcome, $1)
       ON CONFLICT (parcel_id) DO UPDATE SET
         warehouse = coalesce(excluded.warehouse, p.warehouse), carrier = coalesce(excluded.carrier, p.carrier), service = coalesce(excluded.service, p.service),
         country = coalesce(excluded.country, p.country), province = coalesce(excluded.province, p.province), grams = coalesce(excluded.grams, p.grams), litres = coalesce(excluded.litres, p.litres),
         freight_amount = coalesce(excluded.freight_amount, p.freight_amount), freight_currency = coalesce(excluded.freight_currency, p.freight_currency),
         shipped_at = coalesce(excluded.shipped_at, p.shipped_at), due_at = coalesce(excluded.due_at, p.due_at), delivered_at = coalesce(excluded.delivered_at, p.delivered_at)`,
      [JSON.stringify([...parcels.values()])],
    );
  }
};
