import type { Follower } from '@flotilla/event-store';
import { madeAgain, sqlMigration } from '@flotilla/service-kit';
import type { ReceivableEvent } from '../decide/receivable.events.js';
import type { VoucherEvent } from '../decide/voucher.decider.js';

export const ledgerTables = sqlMigration('Ledger', 1763700000002, [
  'CREATE TABLE read.account (account text, currency text, balance numeric(24) NOT NULL, PRIMARY KEY (account, currency))',
  'CREATE TABLE read.voucher (voucher_id uuid PRIMARY KEY, cause text NOT NULL, order_id text NOT NULL, posted_at timestamptz NOT NULL)',
  'CREATE INDEX voucher_of_order ON read.voucher (order_id)',
  `CREATE TABLE read.receivable (order_id text PRIMARY KEY, channel text NOT NULL, number text NOT NULL, total bigint NOT NULL, currency text NOT NULL, settled_at timestamptz)`,
  'CREATE INDEX receivable_number ON read.receivable (channel, number)',
]);

export const owingTables = sqlMigration('Owing', 1764400000002, [
  'ALTER TABLE read.receivable ADD placed_at timestamptz, ADD charged bigint NOT NULL DEFAULT 0',
  'CREATE INDEX receivable_owing ON read.receivable (channel, currency, placed_at) WHERE settled_at IS NULL',
]);

/** What was charged before was not counted: the rows are made again from the log. */
export const ReceivablesAgain = sqlMigration('ReceivablesAgain', 1764460000002, madeAgain('receivables', 'receivable'));

/** Balances per account and currency: sums of what was posted, added in the transaction of the checkpoint, so each once. */
export const ledger: Follower = {
  name: 'ledger',
  inside: async (events, tx) => {
    const vouchers = events.flatMap((event) => (event.stream.startsWith('voucher-') ? [(event as unknown as VoucherEvent).data] : []));
    if (vouchers.length === 0) return;
    const balances = new Map<string, { account: string; currency: string; balance: number }>();
    for (const { account, amount } of vouchers.flatMap(({ postings }) => postings)) {
      const key = `${account} ${amount.currency}`;
      const entry = balances.get(key) ?? { account, currency: amount.currency, balance: 0 };
      entry.balance += amount.amount;
      balances.set(key, entry);
    }
    await tx.query(
      `INSERT INTO read.account AS a (account, currency, balance) SELECT account, currency, balance FROM jsonb_to_recordset($1::jsonb) AS b(account text, currency text, balance numeric)
       ON CONFLICT (account, currency) DO UPDATE SET balance = a.balance + excluded.balance`,
      [JSON.stringify([...balances.values()])],
    );
    await tx.query(
      `INSERT INTO read.voucher (voucher_id, cause, order_id, posted_at)
       SELECT "voucherId", cause, "orderId", "postedAt" FROM jsonb_to_recordset($1::jsonb) AS v("voucherId" uuid, cause text, "orderId" text, "postedAt" timestamptz) ON CONFLICT DO NOTHING`,
      [JSON.stringify(vouchers)],
    );
  },
};

/** What orders should bring, and which of them are settled. */
export const receivables: Follower = {
  name: 'receivables',
  inside: async (events, tx) => {
    const opened: object[] = [];
    const amended = new Map<string, object>();
    const charged = new Map<string, number>();
    const settled: object[] = [];
    for (const event of events) {
      if (!event.stream.startsWith('receivable-')) continue;
      const { type, data } = event as unknown as ReceivableEvent;
      if (type === 'ReceivableOpened') opened.push({ orderId: data.orderId, channel: data.channel, number: data.number, total: data.total.amount, currency: data.total.currency, placedAt: data.placedAt });
      if (type === 'ReceivableAmended') amended.set(data.orderId, { orderId: data.orderId, total: data.total.amount });
      if (type === 'LineTaken' && data.verdict.outcome === 'MATCHED' && (data.line.kind === 'CHARGE' || (data.deducted && data.line.amount.amount < 0))) {
        charged.set(data.orderId, (charged.get(data.orderId) ?? 0) + (data.counted ?? data.line.amount).amount);
      }
      if (type === 'OrderSettled') settled.push({ orderId: data.orderId, at: data.settledAt });
    }
    if (opened.length > 0) {
      await tx.query(
        `INSERT INTO read.receivable (order_id, channel, number, total, currency, placed_at)
         SELECT "orderId", channel, number, total, currency, "placedAt" FROM jsonb_to_recordset($1::jsonb) AS o("orderId" text, channel text, number text, total bigint, currency text, "placedAt" timestamptz) ON CONFLICT DO NOTHING`,
        [JSON.stringify(opened)],
      );
    }
    if (amended.size > 0) {
      await tx.query(`UPDATE read.receivable r SET total = a.total FROM jsonb_to_recordset($1::jsonb) AS a("orderId" text, total bigint) WHERE r.order_id = a."orderId"`, [JSON.stringify([...amended.values()])]);
    }
    if (charged.size > 0) {
      await tx.query(`UPDATE read.receivable r SET charged = r.charged + c.charged FROM jsonb_to_recordset($1::jsonb) AS c("orderId" text, charged bigint) WHERE r.order_id = c."orderId"`, [
        JSON.stringify([...charged].map(([orderId, amount]) => ({ orderId, charged: amount }))),
      ]);
    }
    if (settled.length > 0) {
      await tx.query(`UPDATE read.receivable r SET settled_at = s.at FROM jsonb_to_recordset($1::jsonb) AS s("orderId" text, at timestamptz) WHERE r.order_id = s."orderId"`, [JSON.stringify(settled)]);
    }
  },
};
