import type { allocation as api } from '@flotilla/contracts';
import type { EventStore } from '@flotilla/event-store';
import type { Pool } from 'pg';
import { offers, type Lanes } from '../decide/routing/lanes.js';
import { LANES, lanes } from '../decide/routing/lanes.decider.js';
import type { Sample } from '../decide/routing/learn.js';
import { inCurrency } from '../decide/routing/quote.js';
import { RULES, rules, type RulesState } from '../decide/routing/rules.decider.js';
import { warehouse } from '../decide/warehouse.decider.js';

/** Rules and lanes as they are now. */
export const routingNow = async (store: EventStore): Promise<{ readonly rules: RulesState; readonly lanes: Lanes }> => {
  const [set, table] = await Promise.all([store.folded(rules, [RULES]), store.folded(lanes, [LANES])]);
  return { rules: set.get(RULES)!.state, lanes: table.get(LANES)!.state };
};

interface SampleRow {
  readonly warehouse: string;
  readonly carrier: string;
  readonly service: string;
  readonly country: string;
  readonly province: string;
  readonly grams: string;
  readonly litres: number;
  readonly value: string;
  readonly freight_amount: string | null;
  readonly freight_currency: string;
  readonly shipped_at: Date;
  readonly days: number | null;
}

// Learning from them happens in one go and holds everything else up for less than a second, once a week.
const MOST_SAMPLES = 20_000;

/** The newest shipments of half a year, with what the lanes of today would have said. */
export const samples = async (store: EventStore, pool: Pool, until: string): Promise<readonly Sample[]> => {
  const { rules: { active }, lanes: table } = await routingNow(store);
  const set = active.rules;
  const { rows } = await pool.query<SampleRow>(
    `SELECT s.warehouse, s.carrier, s.service, s.country, s.province, s.grams, s.litres, s.freight_amount, s.freight_currency, s.shipped_at,
            CASE WHEN r.value_currency = $3 THEN r.value_amount ELSE 0 END AS value, extract(epoch FROM s.delivered_at - s.shipped_at)::float8 / 86400 AS days
       FROM read.shipment_outcome s LEFT JOIN read.routed_order r USING (fo_id)
      WHERE s.shipped_at BETWEEN $1::timestamptz - interval '180 days' AND $1::timestamptz
      ORDER BY s.shipped_at DESC LIMIT $2`,
    [until, MOST_SAMPLES, set.currency],
  );
  const sites = await store.folded(warehouse, [...new Set(rows.map((row) => row.warehouse))]);
  return rows.map((row): Sample => {
    const { warehouse: id, carrier, service, country, province } = row;
    const [grams, shippedAt] = [Number(row.grams), row.shipped_at.toISOString()];
    const site = sites.get(id)?.state;
    const offer = site ? offers(table, site, { country, province, city: '', district: '' }, { service, grams, date: shippedAt.slice(0, 10) }).find((one) => one.carrier === carrier) : undefined;
    return {
      warehouse: id, carrier, service, country, province, grams, litres: row.litres, value: Number(row.value ?? 0), shippedAt,
      cost: row.freight_amount === null ? null : inCurrency(set, Number(row.freight_amount), row.freight_currency),
      days: row.days === null || row.days < 0 ? null : row.days,
      laneCost: offer ? inCurrency(set, offer.price, offer.currency) : null,
      laneDays: offer?.days ?? null,
    };
  });
};

interface ArmRow {
  readonly router: string;
  readonly orders: string;
  readonly grounded: string;
  readonly parcels: string;
  readonly cost: number | null;
  readonly cost_deviation: number | null;
  readonly delivered: string;
  readonly due: string;
  readonly late: string;
  readonly days: number | null;
  readonly days_deviation: number | null;
}

const Z = 1.96;
const nothing: api.Estimate = { mean: 0, low: 0, high: 0, n: 0 };

const meanOf = (mean: number | null, deviation: number | null, n: number): api.Estimate => {
  if (mean === null || n === 0) return nothing;
  const half = n > 1 ? (Z * (deviation ?? 0)) / Math.sqrt(n) : 0;
  return { mean, low: mean - half, high: mean + half, n };
};

// Wilson's interval: right for few and for shares near 0, where the ordinary one says 0 ± 0.
const shareOf = (of: number, n: number): api.Estimate => {
  if (n === 0) return nothing;
  const share = of / n;
  const middle = (share + Z ** 2 / (2 * n)) / (1 + Z ** 2 / n);
  const half = (Z / (1 + Z ** 2 / n)) * Math.sqrt((share * (1 - share)) / n + Z ** 2 / (4 * n ** 2));
  return { mean: share, low: of === 0 ? 0 : Math.max(0, middle - half), high: of === n ? 1 : Math.min(1, middle + half), n };
};

const difference = (a: api.Estimate, b: api.Estimate): api.Estimate => {
  if (a.n === 0 || b.n === 0) return nothing;
  const half = Math.hypot((a.high - a.low) / 2, (b.high - b.low) / 2);
  return { mean: a.mean - b.mean, low: a.mean - b.mean - half, high: a.mean - b.mean + half, n: Math.min(a.n, b.n) };
};

const surely = ({ low, high, n }: api.Estimate): string => (n < 30 ? 'too few to say' : high < 0 ? 'less' : low > 0 ? 'more' : 'no sure difference');

/** Both arms over the orders planned while they were compared, as they were assigned: an order without ground stays in its arm. */
export const compareRouters = async (pool: Pool, from: string, to: string, currency: string): Promise<api.CompareRoutersResponse> => {
  const { rows } = await pool.query<ArmRow>(
    `SELECT r.router, count(DISTINCT r.fo_id) AS orders, count(DISTINCT r.fo_id) FILTER (WHERE r.grounded) AS grounded,
            count(s.freight_amount) FILTER (WHERE s.freight_currency = $3) AS parcels, (avg(s.freight_amount) FILTER (WHERE s.freight_currency = $3))::float8 AS cost,
            (stddev_samp(s.freight_amount) FILTER (WHERE s.freight_currency = $3))::float8 AS cost_deviation,
            count(s.delivered_at) AS delivered, count(s.due_at) FILTER (WHERE s.delivered_at IS NOT NULL) AS due, count(*) FILTER (WHERE s.delivered_at > s.due_at) AS late,
            avg(extract(epoch FROM s.delivered_at - s.shipped_at) / 86400)::float8 AS days, stddev_samp(extract(epoch FROM s.delivered_at - s.shipped_at) / 86400)::float8 AS days_deviation
       FROM read.routed_order r LEFT JOIN read.shipment_outcome s USING (fo_id)
      WHERE r.model > 0 AND r.planned_at BETWEEN $1 AND $2 GROUP BY r.router`,
    [from, to, currency],
  );
  const arm = (router: string): api.RouterArm => {
    const row = rows.find((one) => one.router === router);
    if (!row) return { router, orders: 0, grounded: 0, parcels: 0, cost: nothing, delivered: 0, late: nothing, days: nothing };
    return {
      router,
      orders: Number(row.orders),
      grounded: Number(row.grounded),
      parcels: Number(row.parcels),
      cost: meanOf(row.cost, row.cost_deviation, Number(row.parcels)),
      delivered: Number(row.delivered),
      late: shareOf(Number(row.late), Number(row.due)),
      days: meanOf(row.days, row.days_deviation, Number(row.delivered)),
    };
  };
  const [ruled, learned] = [arm('RULES'), arm('LEARNED')];
  const costDifference = difference(learned.cost, ruled.cost);
  const lateDifference = difference(learned.late, ruled.late);
  return { arms: [ruled, learned], costDifference, lateDifference, currency, verdict: `cost of LEARNED against RULES: ${surely(costDifference)}; late deliveries: ${surely(lateDifference)}` };
};
