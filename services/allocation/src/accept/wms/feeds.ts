import { randomUUID } from 'node:crypto';
import { Refused } from '@flotilla/decider';
import type { EventStore, Meta } from '@flotilla/event-store';
import type { Pool } from 'pg';
import { streamsOfLock, tellStock } from '../../coordinate/wms/participant.js';
import { ledgerOf } from '../../decide/ledger.js';
import { isWarehouse, stockId } from '../../decide/names.js';
import { sku as article } from '../../decide/sku.decider.js';
import { stock } from '../../decide/stock.decider.js';
import { freeOf } from '../../decide/stock.events.js';
import { warehouse as sites } from '../../decide/warehouse.decider.js';
import { compare } from '../../decide/wms/compare.js';
import { wmsFeed } from '../../decide/wms/feed.decider.js';
import { wmsReport, type DifferenceRow, type ReportHead, type ReportSums } from '../../decide/wms/report.decider.js';
import { wmsShelf, type Meaning, type WmsShelfCommand } from '../../decide/wms/shelf.decider.js';
import { withVictims } from '../../query/victims.js';
import type { FeedPage, Figure } from '../../perform/wms/wms.js';

export interface Feeding {
  readonly store: EventStore;
  readonly pool: Pick<Pool, 'query'>;
  readonly now: () => Date;
}

/** What became of a push. */
export interface Taken {
  readonly applied: number;
  readonly older: number;
  readonly displaced: number;
  readonly gaps: readonly string[];
  readonly unknownSkus: readonly string[];
  readonly missingPush: boolean;
}

// Figures that are decided at once: they go out in the store's groups.
const AT_ONCE = 100;
const SHOWN = 100;

/** Refused unless the warehouse is known and its ledger is a warehouse system. */
export const checkWms = async ({ store }: Pick<Feeding, 'store'>, warehouse: string): Promise<void> => {
  const site = isWarehouse(warehouse) ? ((await store.folded(sites, [warehouse])).get(warehouse)?.state ?? null) : null;
  if (!site) throw new Refused('UNKNOWN_WAREHOUSE', `no warehouse "${warehouse.slice(0, 40)}"; import it with Warehouses/Import`);
  if (ledgerOf(site) !== 'WMS') throw new Refused('LEDGER_ELSEWHERE', `the ledger of ${warehouse} is ${ledgerOf(site)}: no warehouse system tells its stock; count it with Stock/Import`);
};

const known = async ({ store }: Feeding, figures: readonly { readonly sku: string }[]): Promise<ReadonlySet<string>> => {
  const skus = [...new Set(figures.map(({ sku }) => sku))];
  const found = await store.folded(article, skus);
  return new Set(skus.filter((sku) => found.get(sku)?.state));
};

const parts = <T>(all: readonly T[]): readonly (readonly T[])[] => Array.from({ length: Math.ceil(all.length / AT_ONCE) }, (_, index) => all.slice(index * AT_ONCE, (index + 1) * AT_ONCE));

const toCommand = (warehouse: string, meaning: Meaning, { sku, figure, unsellable, position, delta }: Figure): Exclude<WmsShelfCommand, { type: 'NoteMoves' }> =>
  delta
    ? { type: 'TellDifference', data: { warehouse, sku, delta: figure, previous: delta.previous, position } }
    : { type: 'TellStock', data: { warehouse, sku, meaning, figure, unsellable, position } };

const tell = async (f: Feeding, meta: Meta, warehouse: string, meaning: Meaning, figure: Figure) =>
  withVictims(f, streamsOfLock, async (victims, streams) => {
    const id = stockId(warehouse, figure.sku);
    const { answer } = await f.store.execute({
      streams: [[wmsShelf, id], [stock, id], ...streams],
      meta,
      decide: (unit) => {
        const before = unit.state(wmsShelf, id).position;
        const done = tellStock(unit, toCommand(warehouse, meaning, figure), victims);
        return { ...done, gap: !done.told && figure.delta !== null && figure.position > before };
      },
    });
    return answer;
  });

/** Takes in what a warehouse system pushes. Each figure stands for itself; one that is refused refuses the push, which may be sent again. */
export const takePage = async (f: Feeding, warehouse: string, { meaning, sequence, figures }: FeedPage, meta: Meta): Promise<Taken> => {
  await checkWms(f, warehouse);
  const catalogue = await known(f, figures);
  const unknownSkus = figures.filter(({ sku }) => !catalogue.has(sku)).map(({ sku }) => sku);
  const sums = { applied: 0, older: 0, displaced: 0 };
  const gaps: string[] = [];
  for (const part of parts(figures.filter(({ sku }) => catalogue.has(sku)))) {
    const outcomes = await Promise.all(part.map((figure) => tell(f, meta, warehouse, meaning, figure)));
    for (const [index, { told, displaced, gap }] of outcomes.entries()) {
      sums.applied += Number(told);
      sums.older += Number(!told && !gap);
      sums.displaced += displaced;
      if (gap) gaps.push(part[index]!.sku);
    }
  }
  // Last: a push that broke off before is not missed when it comes again.
  const { answer: missingPush } =
    sequence > 0
      ? await f.store.execute({ streams: [[wmsFeed, warehouse]], meta, decide: (unit) => unit.run(wmsFeed, warehouse, { type: 'TakePush', data: { warehouse, sequence } }).some(({ type }) => type === 'GapNoticed') })
      : { answer: false };
  return { ...sums, gaps, unknownSkus, missingPush };
};

/** A list as it is read, in batches. A row that cannot be taken is refused by itself. */
export interface ListRow {
  readonly row: number;
  readonly figure: Omit<Figure, 'delta'>;
}

export interface Reconciled extends ReportHead, ReportSums {
  readonly differences: readonly DifferenceRow[];
}

/**
 * A full list against the forecast: each row is compared with what moved after its position added, applied unless it is a dry run, and noted
 * where it differs. `refuse` hears of rows that are for no SKU of the catalogue.
 */
export const reconcile = async (
  f: Feeding,
  list: { readonly warehouse: string; readonly meaning: Meaning; readonly position: number; readonly dryRun: boolean; readonly rows: AsyncIterable<readonly ListRow[]>; readonly refuse: (row: number, why: Refused) => void },
  meta: Meta,
): Promise<Reconciled> => {
  const { warehouse, meaning, dryRun, rows, refuse } = list;
  await checkWms(f, warehouse);
  const head: ReportHead = { reportId: randomUUID(), warehouse, meaning, position: list.position, dryRun, at: f.now().toISOString() };
  const sums = { rows: 0, equal: 0, differing: 0, older: 0, displaced: 0, refused: 0 };
  const shown: DifferenceRow[] = [];
  const named = new Set<string>();

  const take = async (figures: readonly Figure[]): Promise<void> => {
    for (const part of parts(figures)) {
      const ids = part.map(({ sku }) => stockId(warehouse, sku));
      const [shelves, levels] = await Promise.all([f.store.folded(wmsShelf, ids), f.store.folded(stock, ids)]);
      const compared = part.map((figure, index) => {
        const level = levels.get(ids[index]!)!.state;
        return compare({ warehouse, meaning, ...figure }, shelves.get(ids[index]!)!.state, level, freeOf(level));
      });
      const applied = dryRun ? [] : await Promise.all(part.map((figure) => tell(f, meta, warehouse, meaning, figure)));
      const differing = compared.flatMap((one, index): readonly DifferenceRow[] => {
        sums.displaced += applied[index]?.displaced ?? 0;
        if (one && one.difference !== 0) return [{ ...one, applied: applied[index]?.told ?? false, displaced: applied[index]?.displaced ?? 0 }];
        sums[one ? 'equal' : 'older'] += 1;
        return [];
      });
      sums.differing += differing.length;
      shown.push(...differing.slice(0, SHOWN - shown.length));
      const { reportId } = head;
      if (differing.length > 0) await f.store.execute({ streams: [[wmsReport, reportId]], meta, decide: (unit) => void unit.run(wmsReport, reportId, { type: 'NoteDifferences', data: { reportId, rows: differing } }) });
    }
  };

  let latest = list.position;
  for await (const batch of rows) {
    sums.rows += batch.length;
    const catalogue = await known(f, batch.map(({ figure }) => figure));
    const good = batch.filter(({ row, figure: { sku } }) => {
      const why = named.has(sku) ? new Refused('BAD_REQUEST', `${sku} stands in the list twice`) : catalogue.has(sku) ? undefined : new Refused('UNKNOWN_SKU', `"${sku.slice(0, 40)}" is not in the catalogue`);
      named.add(sku);
      if (why) refuse(row, why);
      sums.refused += Number(why !== undefined);
      return !why;
    });
    latest = Math.max(latest, ...good.map(({ figure }) => figure.position));
    await take(good.map(({ figure }) => ({ ...figure, delta: null })));
  }
  for await (const rest of others(f, warehouse)) {
    const gone = rest.filter((sku) => !named.has(sku));
    await take(gone.map((sku) => ({ sku, figure: 0, unsellable: 0, position: latest, delta: null })));
  }
  const ended = { ...head, ...sums, position: latest };
  await f.store.execute({ streams: [[wmsReport, head.reportId]], meta, decide: (unit) => void unit.run(wmsReport, head.reportId, { type: 'EndReport', data: ended }) });
  return { ...ended, differences: shown };
};

// SKUs of which this warehouse has anything, as far as is known here.
async function* others({ pool }: Feeding, warehouse: string): AsyncGenerator<readonly string[]> {
  for (let after = ''; ; ) {
    const { rows } = await pool.query<{ sku: string }>('SELECT sku FROM read.stock WHERE warehouse = $1 AND sku > $2 AND on_hand > 0 ORDER BY sku LIMIT 1000', [warehouse, after]);
    if (rows.length === 0) return;
    yield rows.map(({ sku }) => sku);
    after = rows.at(-1)!.sku;
  }
}
