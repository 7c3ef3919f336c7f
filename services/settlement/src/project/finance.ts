import type { Follower } from '@flotilla/event-store';
import { sqlMigration } from '@flotilla/service-kit';
import type { FxEvent } from '../decide/fx.decider.js';
import type { ReceivableEvent } from '../decide/receivable.events.js';
import type { VoucherEvent } from '../decide/voucher.decider.js';

export const financeTables = sqlMigration('Finance', 1764400000003, [
  'CREATE TABLE read.fx_rate (from_currency text, to_currency text, date date, rate text NOT NULL, source text NOT NULL, set_by text NOT NULL, PRIMARY KEY (from_currency, to_currency, date))',
  'CREATE TABLE read.invoice (order_id text PRIMARY KEY, title text NOT NULL, tax_id text NOT NULL, number text NOT NULL, state text NOT NULL, source text NOT NULL)',
  // Every posting of every voucher: what is exported for accounting, in an order that is the same whenever it is built.
  `CREATE TABLE read.posting (
     posted_at timestamptz, voucher_id uuid, n integer, cause text NOT NULL, order_id text NOT NULL, account text NOT NULL, amount bigint NOT NULL, currency text NOT NULL, invoice_number text NOT NULL,
     PRIMARY KEY (posted_at, voucher_id, n))`,
  `CREATE INDEX line_noted_of_order ON read.line (order_id) WHERE cause <> ''`,
  'CREATE INDEX statement_received ON read.statement (received_at, statement_id)',
]);

/** Rates, invoices and postings, as finance asks for them. */
export const finance: Follower = {
  name: 'finance',
  inside: async (events, tx) => {
    const rates = new Map<string, object>();
    const invoices = new Map<string, object>();
    const postings: object[] = [];
    for (const event of events) {
      const { type, data } = event as unknown as FxEvent | ReceivableEvent | VoucherEvent;
      if (type === 'FxRateSet') rates.set(`${data.from} ${data.to} ${data.date}`, data);
      if (type === 'InvoiceRecorded') invoices.set(data.orderId, data);
      if (type === 'VoucherPosted') {
        const { voucherId, cause, orderId, postedAt, invoice } = data;
        for (const [n, { account, amount }] of data.postings.entries()) {
          // Vouchers of before invoices were carried have none.
          postings.push({ voucherId, n, cause, orderId, postedAt, account, amount: amount.amount, currency: amount.currency, invoiceNumber: (invoice as typeof invoice | undefined)?.number ?? '' });
        }
      }
    }
    if (rates.size > 0) {
      await tx.query(
        `INSERT INTO read.fx_rate SELECT "from", "to", date, rate, source, by FROM jsonb_to_recordset($1::jsonb) AS r("from" text, "to" text, date date, rate text, source text, by text)
         ON CONFLICT (from_currency, to_currency, date) DO UPDATE SET rate = excluded.rate, source = excluded.source, set_by = excluded.set_by`,
        [JSON.stringify([...rates.values()])],
      );
    }
    if (invoices.size > 0) {
      await tx.query(
        `INSERT INTO read.invoice SELECT "orderId", title, "taxId", number, state, source FROM jsonb_to_recordset($1::jsonb) AS i("orderId" text, title text, "taxId" text, number text, state text, source text)
         ON CONFLICT (order_id) DO UPDATE SET title = excluded.title, tax_id = excluded.tax_id, number = excluded.number, state = excluded.state, source = excluded.source`,
        [JSON.stringify([...invoices.values()])],
      );
    }
    if (postings.length > 0) {
      await tx.query(
        `INSERT INTO read.posting (posted_at, voucher_id, n, cause, order_id, account, amount, currency, invoice_number)
         SELECT "postedAt", "voucherId", n, cause, "orderId", account, amount, currency, "invoiceNumber"
           FROM jsonb_to_recordset($1::jsonb) AS p("postedAt" timestamptz, "voucherId" uuid, n integer, cause text, "orderId" text, account text, amount bigint, currency text, "invoiceNumber" text) ON CONFLICT DO NOTHING`,
        [JSON.stringify(postings)],
      );
    }
  },
};
