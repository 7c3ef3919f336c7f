import type { allocation as api } from '@flotilla/contracts';
import type { EventStore } from '@flotilla/event-store';
import { dayOf } from '@flotilla/values';
import type { Pool } from 'pg';
import type { Snapshot } from '../../decide/route.js';
import { capabilityOf, type History } from '../../decide/suppliers/capability.js';
import { supplierDay, takenOn } from '../../decide/suppliers/day.decider.js';
import { termsOf, type SupplierTerms } from '../../decide/suppliers/supplier.decider.js';
import { warehouse } from '../../decide/warehouse.decider.js';

interface At {
  readonly store: EventStore;
  readonly pool: Pool;
  /** Business time. */
  readonly at: string;
}

interface Row {
  readonly supplier: string;
  readonly described: SupplierTerms;
  readonly open: string;
  readonly to_ship: string;
  readonly accepted: string;
  readonly refused: string;
  readonly expired: string;
  readonly answered: string;
  readonly answered_ms: string | null;
  readonly median_s: number | null;
  readonly due: string;
  readonly late: string;
  readonly overdue: string;
}

// Accepted counts whatever became of it afterwards: it had an answer, and that was not a refusal.
const STATEMENT = `
  SELECT s.supplier, s.described, f.*
    FROM read.supplier s
    LEFT JOIN LATERAL (
      SELECT count(*) FILTER (WHERE state = 'OFFERED') AS open,
             count(*) FILTER (WHERE state = 'ACCEPTED') AS to_ship,
             count(*) FILTER (WHERE answered_at IS NOT NULL AND state <> 'REFUSED') AS accepted,
             count(*) FILTER (WHERE state = 'REFUSED') AS refused,
             count(*) FILTER (WHERE state = 'EXPIRED') AS expired,
             count(answered_at) AS answered,
             sum(extract(epoch FROM answered_at - offered_at) * 1000) AS answered_ms,
             count(*) FILTER (WHERE ship_due_at IS NOT NULL AND (state = 'SHIPPED' OR overdue_at IS NOT NULL)) AS due,
             count(overdue_at) AS late,
             count(*) FILTER (WHERE state = 'ACCEPTED' AND overdue_at IS NOT NULL) AS overdue,
             percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM answered_at - offered_at)) AS median_s
        FROM (SELECT * FROM read.supplier_offer o WHERE o.supplier = s.supplier AND o.offered_at > $1::timestamptz - interval '90 days' ORDER BY offered_at DESC LIMIT 500) AS newest
    ) f ON true
   WHERE s.supplier = ANY($2) OR ($2 IS NULL AND s.supplier > $3)
   ORDER BY s.supplier LIMIT $4`;

const rowsOf = async ({ pool, at }: At, only: readonly string[] | null, after: string, limit: number): Promise<readonly Row[]> => (await pool.query<Row>(STATEMENT, [at, only, after, limit])).rows;

const historyOf = ({ accepted, refused, expired, answered, answered_ms, due, late }: Row): History => ({ ended: Number(accepted) + Number(refused) + Number(expired), accepted: Number(accepted), answered: Number(answered), answeredMs: Number(answered_ms ?? 0), due: Number(due), late: Number(late) });

/** What of its day a supplier has taken. Folded: an offer that was made a moment ago is in it. */
const daysOf = async ({ store, at }: At, sites: readonly { readonly warehouse: string; readonly dailyOrders?: number; readonly timeZone?: string }[]): Promise<ReadonlyMap<string, number>> => {
  const limited = sites.filter(({ dailyOrders = 0 }) => dailyOrders > 0);
  const days = await store.folded(supplierDay, limited.map((site) => site.warehouse));
  return new Map(limited.map(({ warehouse: site, timeZone = '' }) => [site, takenOn(days.get(site)!.state, dayOf(at, timeZone))]));
};

/** Suppliers with their figures, by id. */
export const suppliersOf = async (at: At, what: { readonly only: string } | { readonly limit: number; readonly after: string }): Promise<readonly api.Supplier[]> => {
  const rows = 'only' in what ? await rowsOf(at, [what.only], '', 1) : await rowsOf(at, null, what.after, what.limit);
  const sites = await at.store.folded(warehouse, rows.map(({ supplier }) => supplier));
  const days = await daysOf(at, [...sites.values()].flatMap(({ state }) => state ?? []));
  return rows.map((row): api.Supplier => {
    const terms = termsOf(row.described);
    const history = historyOf(row);
    const { acceptance, speed, punctuality } = capabilityOf(history, terms.responseMinutes * 60_000);
    const { tier = 0, dailyOrders = 0 } = sites.get(row.supplier)!.state ?? {};
    return {
      ...terms, tier, dailyOrders, ordersToday: days.get(row.supplier) ?? 0,
      figures: {
        open: Number(row.open), toShip: Number(row.to_ship), accepted: Number(row.accepted), refused: Number(row.refused), expired: Number(row.expired), overdue: Number(row.overdue), late: Number(row.late),
        acceptanceRate: history.ended === 0 ? 0 : history.accepted / history.ended, medianResponseSeconds: Math.round(row.median_s ?? 0), predictedAcceptance: acceptance, predictedSpeed: speed, predictedPunctuality: punctuality,
      },
    };
  });
};

/** The figures with what may be expected of suppliers, and what of their day is left. Nothing is asked where there are none. */
export const withSuppliers = async (at: At, snapshot: Snapshot): Promise<Snapshot> => {
  const sites = snapshot.warehouses.filter(({ external }) => external === true);
  if (sites.length === 0) return snapshot;
  const ids = sites.map((site) => site.warehouse);
  const [found, days] = await Promise.all([rowsOf(at, ids, '', ids.length), daysOf(at, sites)]);
  const rows = new Map(found.map((row) => [row.supplier, row]));
  return {
    ...snapshot,
    warehouses: snapshot.warehouses.map((site) => {
      const row = rows.get(site.warehouse);
      if (site.external !== true) return site;
      // Nobody has said how it is to be asked.
      if (!row) return { ...site, out: site.out || 'SUPPLIER: not described; import it with Suppliers/Import' };
      const { dailyOrders = 0 } = site;
      const capacityLeft = dailyOrders > 0 ? Math.max(0, dailyOrders - (days.get(site.warehouse) ?? 0)) : null;
      return { ...site, capacityLeft, capability: capabilityOf(historyOf(row), row.described.responseMinutes * 60_000, capacityLeft === null ? 1 : capacityLeft / dailyOrders) };
    }),
  };
};
