import type { allocation as api } from '@flotilla/contracts';
import type { Pool } from 'pg';
import type { Snapshot } from '../../decide/route.js';
import { capabilityOf, type History } from '../../decide/suppliers/capability.js';
import type { SupplierTerms } from '../../decide/suppliers/supplier.decider.js';

interface At {
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
             percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM answered_at - offered_at)) AS median_s
        FROM (SELECT * FROM read.supplier_offer o WHERE o.supplier = s.supplier AND o.offered_at > $1::timestamptz - interval '90 days' ORDER BY offered_at DESC LIMIT 500) AS newest
    ) f ON true
   WHERE s.supplier = ANY($2) OR ($2 IS NULL AND s.supplier > $3)
   ORDER BY s.supplier LIMIT $4`;

const rowsOf = async ({ pool, at }: At, only: readonly string[] | null, after: string, limit: number): Promise<readonly Row[]> => (await pool.query<Row>(STATEMENT, [at, only, after, limit])).rows;

const historyOf = ({ accepted, refused, expired, answered, answered_ms }: Row): History => ({ ended: Number(accepted) + Number(refused) + Number(expired), accepted: Number(accepted), answered: Number(answered), answeredMs: Number(answered_ms ?? 0) });

const toSupplier = (row: Row): api.Supplier => {
  const history = historyOf(row);
  const { acceptance, speed } = capabilityOf(history, row.described.responseMinutes * 60_000);
  return {
    ...row.described,
    figures: {
      open: Number(row.open), toShip: Number(row.to_ship), accepted: Number(row.accepted), refused: Number(row.refused), expired: Number(row.expired),
      acceptanceRate: history.ended === 0 ? 0 : history.accepted / history.ended, medianResponseSeconds: Math.round(row.median_s ?? 0), predictedAcceptance: acceptance, predictedSpeed: speed,
    },
  };
};

/** Suppliers with their figures, by id. */
export const suppliersOf = async (at: At, what: { readonly only: string } | { readonly limit: number; readonly after: string }): Promise<readonly api.Supplier[]> =>
  ('only' in what ? await rowsOf(at, [what.only], '', 1) : await rowsOf(at, null, what.after, what.limit)).map(toSupplier);

/** The figures with what may be expected of suppliers. Nothing is asked where there are none. */
export const withSuppliers = async (at: At, snapshot: Snapshot): Promise<Snapshot> => {
  const ids = snapshot.warehouses.filter(({ external }) => external === true).map(({ warehouse }) => warehouse);
  if (ids.length === 0) return snapshot;
  const rows = new Map((await rowsOf(at, ids, '', ids.length)).map((row) => [row.supplier, row]));
  return {
    ...snapshot,
    warehouses: snapshot.warehouses.map((site) => {
      const row = rows.get(site.warehouse);
      if (site.external !== true) return site;
      // Nobody has said how it is to be asked.
      if (!row) return { ...site, out: site.out || 'SUPPLIER: not described; import it with Suppliers/Import' };
      const room = typeof site.capacityLeft === 'number' && site.dailyOrders ? site.capacityLeft / site.dailyOrders : 1;
      return { ...site, capability: capabilityOf(historyOf(row), row.described.responseMinutes * 60_000, room) };
    }),
  };
};
