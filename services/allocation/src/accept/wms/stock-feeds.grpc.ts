import { allocation as api } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { pageOf, pageToken, serve, type Served } from '@flotilla/service-kit';
import { isSku } from '../../decide/names.js';
import { MEANINGS, type Meaning } from '../../decide/wms/shelf.decider.js';
import { differencesOf, findReport, listReports, type Report } from '../../query/wms/reports.query.js';
import { csvRows, integerOf, rowError, type CsvRow } from '../csv-rows.js';
import { reconcile, takePage, type Feeding, type ListRow } from './feeds.js';

const SHOWN_ERRORS = 100;

const meaningOf = (text: string): Meaning => {
  const meaning = MEANINGS.find((one) => one === text);
  if (!meaning) throw new Refused('BAD_REQUEST', `meaning is "${text.slice(0, 20)}"; a figure is PHYSICAL or SELLABLE`);
  return meaning;
};

const toFigure = (row: CsvRow, position: number): ListRow => {
  const { sku = '' } = row.values;
  if (!isSku(sku)) throw new Refused('UNKNOWN_SKU', `sku "${sku.slice(0, 40)}" cannot be one`);
  if ((row.values['quantity'] ?? '') === '') throw new Refused('BAD_QUANTITY', 'quantity is empty');
  const [figure, unsellable] = [integerOf(row, 'quantity'), integerOf(row, 'unsellable')];
  if (figure < 0 || unsellable < 0) throw new Refused('BAD_QUANTITY', `quantity of ${sku}, and what is unsellable of it, counts from 0`);
  return { row: row.row, figure: { sku, figure, unsellable, position: integerOf(row, 'position') || position } };
};

const empty = { errors: [], differences: [], nextToken: '' } as const;
const toReport = (report: Report): api.DifferenceReport => ({ ...report, ...empty });

/** What warehouse systems say of their stock, for those that a person or a program speaks for. */
export const stockFeedsGrpc = (feeding: Feeding): Served =>
  serve(api.StockFeeds, {
    push: async ({ warehouse, meaning, sequence, figures }, call) => {
      if (figures.length > 10_000) throw new Refused('TOO_LARGE', 'a push has at most 10,000 figures; send a list to Reconcile');
      const taken = await takePage(
        feeding,
        warehouse,
        {
          meaning: meaningOf(meaning),
          sequence,
          figures: figures.map(({ sku, quantity, unsellable, position, difference, previous }) => ({ sku, figure: quantity, unsellable, position, delta: difference ? { previous } : null })),
        },
        call.meta,
      );
      return { ...taken, gaps: [...taken.gaps], unknownSkus: [...taken.unknownSkus] };
    },
    reconcile: async (chunks, call) => {
      const incoming = chunks[Symbol.asyncIterator]();
      const first = await incoming.next();
      if (first.done) throw new Refused('BAD_CSV', 'nothing was sent; the first chunk names warehouse, meaning and position');
      const { warehouse, meaning, position, dryRun } = first.value;
      const errors: api.RowError[] = [];
      const note = (error: api.RowError): void => {
        if (errors.length < SHOWN_ERRORS) errors.push(error);
      };
      const refuse = (row: number, { reason, message: detail }: Refused): void => note({ row, reason, detail, cell: '' });
      let [unread, read] = [0, 0];
      async function* data(): AsyncGenerator<{ readonly data: Uint8Array }> {
        yield first.value as api.ReconcileChunk;
        for (let next = await incoming.next(); !next.done; next = await incoming.next()) yield next.value;
      }
      async function* rows(): AsyncGenerator<readonly ListRow[]> {
        for await (const batch of csvRows(data(), ['sku', 'quantity'])) {
          const good: ListRow[] = [];
          for (const row of batch) {
            try {
              good.push(toFigure(row, position));
            } catch (error) {
              if (!(error instanceof Refused)) throw error;
              note(rowError(row, error));
              unread += 1;
            }
          }
          read += batch.length;
          yield good;
        }
      }
      const report = await reconcile(feeding, { warehouse, meaning: meaningOf(meaning), position, dryRun, rows: rows(), refuse }, call.meta);
      return { ...report, rows: read, refused: report.refused + unread, errors, differences: [...report.differences], nextToken: '' };
    },
    listReports: async ({ page, warehouse }) => {
      const question = ['wms-reports', warehouse];
      const { limit, after } = pageOf(page, question);
      const found = await listReports(feeding.pool, warehouse, limit, after);
      const last = found.at(-1);
      return { reports: found.map(toReport), nextToken: last && found.length === limit ? pageToken([last.at, last.reportId], question) : '' };
    },
    getReport: async ({ reportId, page }) => {
      const report = await findReport(feeding.pool, reportId);
      if (!report) throw new Refused('NOT_FOUND', `no report "${reportId.slice(0, 40)}"; list them with StockFeeds/ListReports`);
      const question = ['wms-report', reportId];
      const { limit, after } = pageOf(page, question);
      const differences = await differencesOf(feeding.pool, reportId, limit, after?.[0]);
      return { ...toReport(report), differences: [...differences], nextToken: differences.length === limit ? pageToken([differences.at(-1)!.sku], question) : '' };
    },
  });
