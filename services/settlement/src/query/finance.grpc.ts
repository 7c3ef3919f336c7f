import { settlement } from '@flotilla/contracts';
import { pageOf, pageToken, serve, type Served, type ServiceContext } from '@flotilla/service-kit';
import { importRates } from '../accept/fx.js';
import { importInvoices, invoiceOf } from '../accept/invoices.js';
import { shown } from '../accept/match.js';
import { exportBooks } from './books.js';

const listRates = async ({ pool }: ServiceContext, { page }: settlement.ListFxRatesRequest): Promise<settlement.ListFxRatesResponse> => {
  const { limit, after } = pageOf(page, 'fx-rates');
  const { rows } = await pool.query<settlement.FxRateSet>(
    `SELECT from_currency AS "from", to_currency AS "to", date::text AS date, rate, source, set_by AS "by" FROM read.fx_rate
      WHERE $1::text IS NULL OR (from_currency, to_currency, date) > ($1, $2::text, $3::date) ORDER BY from_currency, to_currency, date LIMIT $4`,
    [after?.[0] ?? null, after?.[1] ?? null, after?.[2] ?? null, limit + 1],
  );
  const rates = rows.slice(0, limit);
  const last = rates.at(-1);
  return { rates, nextToken: rows.length > limit && last ? pageToken([last.from, last.to, last.date], 'fx-rates') : '' };
};

export const financeGrpc = (ctx: ServiceContext): readonly Served[] => [
  serve(settlement.FxRates, {
    import: async (requests, call) => {
      const { position, ...answer } = await importRates(ctx, requests, call);
      await shown(ctx, position, ['finance']);
      return answer;
    },
    list: (request) => listRates(ctx, request),
  }),
  serve(settlement.Invoices, {
    import: (requests, call) => importInvoices(ctx, requests, call),
    get: ({ orderId }) => invoiceOf(ctx, orderId),
  }),
  serve(settlement.Books, {
    export: (request) => exportBooks(ctx, request),
  }),
];
