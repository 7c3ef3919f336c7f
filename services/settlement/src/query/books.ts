import type { settlement } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { endOfLog, type Transaction } from '@flotilla/event-store';
import type { ServiceContext } from '@flotilla/service-kit';
import { decimalText, toInstant } from '@flotilla/values';
import { shown } from '../accept/match.js';
import { subjects } from '../decide/accounts.js';
import { xlsx, type Cell } from './xlsx.js';

const pageRows = 1_000;
const longestDays = 400;
const day = 86_400_000;

interface PostingRow {
  readonly posted_at: Date;
  readonly at: string;
  readonly voucher_id: string;
  readonly n: number;
  readonly cause: string;
  readonly order_id: string;
  readonly account: string;
  readonly amount: string;
  readonly currency: string;
  readonly channel: string;
  readonly number: string;
  readonly invoice_number: string;
  readonly invoice_state: string;
  readonly title: string;
  readonly tax_id: string;
  readonly notes: string;
}

const causes: Readonly<Record<string, string>> = {
  SHIPPED: '发货确认收入 Shipped', PAYOUT: '平台结算 Payout', REFUND: '退款 Refund', FEE: '平台费用 Fee', PROMOTION: '促销折扣 Promotion', DIFFERENCE: '对账差异 Difference', BOOKED: '人工入账 Booked by hand',
};

const reasons: Readonly<Record<string, string>> = {
  AMOUNT_DEVIATION: '金额偏差超过±0.5% Amount deviates', UNKNOWN_ORDER: '未找到订单 Unknown order', CURRENCY: '缺少汇率 No exchange rate', DUPLICATE: '重复行 Duplicate', TYPE_UNKNOWN: '类型不明 Unknown type', AMBIGUOUS: '多个订单可匹配 Several orders fit',
  FEE_CHANGED: '费率变动 fee changed', FREIGHT: '运费 freight', FX: '汇率 exchange rate', PARTIAL_REFUND: '部分退款 partial refund', PROMOTION: '促销 promotion', MISSING_LINE: '缺行 missing line', OVERPAID: '多付 overpaid',
};

const states: Readonly<Record<string, string>> = { FLAGGED: '待处理 open', ACCEPTED: '已接受 accepted', DISMISSED: '已忽略 dismissed', MATCHED: '后续已匹配 matched later', FAULT: '无法读取 unreadable', TOTAL: '合计不符 total disagrees' };

const amount = (minor: number, currency: string): Cell => ({ amount: decimalText(minor, currency) });

const noteOf = (cause: string, likely: string): string => [reasons[cause] ?? cause, likely === '' ? '' : `(${reasons[likely] ?? likely})`].filter((part) => part !== '').join(' ');

async function* vouchers(ctx: Pick<ServiceContext, 'open'>, db: Transaction, from: string, until: string): AsyncIterable<readonly (readonly Cell[])[]> {
  yield [['日期 Date', '凭证号 Voucher', '摘要 Cause', '店铺 Channel', '订单号 Order', '科目 Account', '科目名称', 'Subject', '借方 Debit', '贷方 Credit', '币种 Currency', '发票号码 Invoice', '发票状态 Invoice state', '发票抬头 Title', '税号 Tax id', '异常备注 Note']];
  for (let after: PostingRow | undefined; ; ) {
    const { rows } = await db.query<PostingRow>(
      `SELECT p.*, p.posted_at::text AS at, coalesce(r.channel, '') AS channel, coalesce(r.number, '') AS number, coalesce(i.number, p.invoice_number) AS invoice_number, coalesce(i.state, '') AS invoice_state,
              coalesce(i.title, '') AS title, coalesce(i.tax_id, '') AS tax_id,
              coalesce((SELECT string_agg(DISTINCT l.cause || '/' || l.likely || '/' || l.state, ';' ORDER BY l.cause || '/' || l.likely || '/' || l.state) FROM read.line l WHERE l.order_id = p.order_id AND p.order_id <> '' AND l.cause <> ''), '') AS notes
         FROM read.posting p LEFT JOIN read.receivable r USING (order_id) LEFT JOIN read.invoice i USING (order_id)
        WHERE p.posted_at >= $1 AND p.posted_at < $2 AND ($3::timestamptz IS NULL OR (p.posted_at, p.voucher_id, p.n) > ($3, $4::uuid, $5::integer))
        ORDER BY p.posted_at, p.voucher_id, p.n LIMIT ${pageRows}`,
      [from, until, after?.at ?? null, after?.voucher_id ?? null, after?.n ?? null],
    );
    if (rows.length === 0) return;
    after = rows.at(-1);
    const opened = await ctx.open(rows.flatMap(({ title, tax_id: taxId }) => [title, taxId]));
    yield rows.map((row, n): readonly Cell[] => {
      const minor = Number(row.amount);
      const notes = row.notes === '' ? '' : row.notes.split(';').map((note) => note.split('/')).map(([cause = '', likely = '', state = '']) => `${noteOf(cause, likely)}: ${states[state] ?? state}`).join('; ');
      return [
        row.posted_at.toISOString(), row.voucher_id, causes[row.cause] ?? row.cause, row.channel, row.number, row.account, subjects[row.account]?.zh ?? '', subjects[row.account]?.en ?? '',
        minor > 0 ? amount(minor, row.currency) : null, minor < 0 ? amount(-minor, row.currency) : null, row.currency, row.invoice_number, row.invoice_state, opened[2 * n] ?? '', opened[2 * n + 1] ?? '', notes,
      ];
    });
  }
}

async function* summary(db: Transaction, from: string, until: string): AsyncIterable<readonly (readonly Cell[])[]> {
  yield [['科目 Account', '科目名称', 'Subject', '币种 Currency', '借方 Debit', '贷方 Credit', '余额 Balance']];
  const { rows } = await db.query<{ account: string; currency: string; debit: string; credit: string }>(
    `SELECT account, currency, sum(greatest(amount, 0)) AS debit, sum(greatest(-amount, 0)) AS credit FROM read.posting WHERE posted_at >= $1 AND posted_at < $2 GROUP BY account, currency ORDER BY currency COLLATE "C", account COLLATE "C"`,
    [from, until],
  );
  yield rows.map(({ account, currency, debit, credit }): readonly Cell[] => [account, subjects[account]?.zh ?? '', subjects[account]?.en ?? '', currency, amount(Number(debit), currency), amount(Number(credit), currency), amount(Number(debit) - Number(credit), currency)]);
}

interface ExceptionRow {
  readonly received_at: string;
  readonly statement_id: string;
  readonly channel: string;
  readonly batch_no: string;
  readonly row: number;
  readonly reference: string;
  readonly cause: string;
  readonly likely: string;
  readonly amount: string;
  readonly expected_amount: string;
  readonly currency: string;
  readonly expected_currency: string;
  readonly state: string;
  readonly resolved_by: string;
  readonly resolution: string;
}

async function* exceptions(db: Transaction, from: string, until: string): AsyncIterable<readonly (readonly Cell[])[]> {
  yield [['店铺 Channel', '批次 Batch', '行 Row', '订单号 Order', '原因 Cause', '金额 Amount', '应收 Expected', '币种 Currency', '状态 State', '处理人 By', '说明 Note']];
  const all = `(SELECT s.received_at, s.statement_id, s.channel, s.batch_no, l.row, l.n, l.reference, l.cause, l.likely, l.amount, l.expected_amount, l.currency, l.expected_currency, l.state, l.resolved_by, l.resolution
                  FROM read.statement s JOIN read.line l USING (statement_id) WHERE l.cause <> '' AND s.received_at >= $1 AND s.received_at < $2
                UNION ALL
                SELECT s.received_at, s.statement_id, s.channel, s.batch_no, f.row, 1000000000 + f.row, '', '', '', 0, 0, '', '', 'FAULT', '', f.reason
                  FROM read.statement s JOIN read.fault f USING (statement_id) WHERE s.received_at >= $1 AND s.received_at < $2
                UNION ALL
                SELECT s.received_at, s.statement_id, s.channel, s.batch_no, 0, 2000000000 + c.n::integer, '', c.one->>'what', '', (c.one->>'found')::bigint, (c.one->>'said')::bigint, c.one->>'currency', c.one->>'currency', 'TOTAL', '', ''
                  FROM read.statement s, json_array_elements(s.checks) WITH ORDINALITY AS c(one, n)
                 WHERE c.one->>'said' <> c.one->>'found' AND s.received_at >= $1 AND s.received_at < $2)`;
  for (let after: (ExceptionRow & { readonly n: number }) | undefined; ; ) {
    const { rows } = await db.query<ExceptionRow & { readonly n: number }>(
      `SELECT received_at::text AS received_at, e.statement_id, channel, batch_no, row, n, reference, cause, likely, amount, expected_amount, currency, expected_currency, state, resolved_by, resolution FROM ${all} e
        WHERE $3::timestamptz IS NULL OR (e.received_at, e.statement_id, e.n) > ($3, $4::uuid, $5::integer) ORDER BY e.received_at, e.statement_id, e.n LIMIT ${pageRows}`,
      [from, until, after?.received_at ?? null, after?.statement_id ?? null, after?.n ?? null],
    );
    if (rows.length === 0) return;
    after = rows.at(-1);
    const money = (minor: string, currency: string): Cell => (currency === '' ? (Number(minor) === 0 ? null : { amount: minor }) : amount(Number(minor), currency));
    yield rows.map((row): readonly Cell[] => [
      row.channel, row.batch_no, row.row === 0 ? null : { amount: String(row.row) }, row.reference, noteOf(row.cause, row.likely), money(row.amount, row.currency), money(row.expected_amount, row.expected_currency), row.currency, states[row.state] ?? row.state,
      row.resolved_by, row.resolution,
    ]);
  }
}

// The service's sessions are guarded against standing still; who reads a year may be slower than that. A timeout of transactions that runs already is not
// changed by a new value: it ends with 0 and begins anew.
const snapshot = `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL transaction_timeout = 0; SET LOCAL transaction_timeout = '10min'; SET LOCAL statement_timeout = '1min'; SET LOCAL idle_in_transaction_session_timeout = '1min'`;
/** Each has a connection as long as it is read, and no longer than this: who stopped reading must not keep others out. */
const mostAtOnce = 2;
const longestMs = 600_000;

class TooLate extends Refused {
  constructor() {
    super('UNAVAILABLE', 'the books were not read in time; ask again and read them as they come');
  }
}

let open = 0;

/**
 * The books of a period for accounting: vouchers with subjects, invoices and notes, their sums, and the exceptions of its statements.
 * Made of read models that stand where the log stood when it was asked for, all as of one instant: of the same events always the same bytes
 * (until a person's data is erased: then their invoice's title is not there any more). Refused OVERLOADED while two others are read; UNAVAILABLE for whoever has not read it within ten minutes.
 */
export async function* exportBooks(ctx: Pick<ServiceContext, 'pool' | 'open'>, request: settlement.ExportBooksRequest, withinMs = longestMs): AsyncIterable<settlement.ExportChunk> {
  const [from, until] = [toInstant(request.from, 'Z'), toInstant(request.until, 'Z')];
  if (from >= until || Date.parse(until) - Date.parse(from) > longestDays * day) throw new Refused('BAD_REQUEST', `the period ends after it begins, within ${longestDays} days`);
  if (open >= mostAtOnce) throw new Refused('OVERLOADED', `${mostAtOnce} exports are under way; ask again when one of them is read`);
  open += 1;
  let db: Transaction & { release(broken?: Error | boolean): void } | undefined;
  let held = true;
  const letGo = (broken?: Error): void => {
    if (!held) return;
    held = false;
    open -= 1;
    db?.release(broken);
  };
  // Who has stopped reading cannot be told before it reads on.
  const late = setTimeout(() => letGo(new TooLate()), withinMs).unref();
  try {
    await shown(ctx, await endOfLog(ctx.pool), ['statements', 'receivables', 'finance']);
    const client = await ctx.pool.connect();
    if (!held) {
      client.release();
      throw new TooLate();
    }
    db = client;
    await db.query(snapshot);
    const sheets = [
      { name: '凭证 Vouchers', widths: [24, 38, 26, 16, 22, 9, 24, 24, 14, 14, 9, 24, 12, 28, 22, 60], pages: vouchers(ctx, db, from, until) },
      { name: '汇总 Summary', widths: [9, 24, 24, 9, 16, 16, 16], pages: summary(db, from, until) },
      { name: '异常 Exceptions', widths: [16, 28, 8, 22, 44, 14, 14, 9, 22, 20, 60], pages: exceptions(db, from, until) },
    ];
    for await (const data of xlsx(sheets)) {
      if (!held) break;
      yield { data };
    }
    if (!held) throw new TooLate();
  } catch (error) {
    throw held ? error : new TooLate();
  } finally {
    clearTimeout(late);
    if (held && db) await db.query('ROLLBACK').then(() => letGo(), (broken: Error) => letGo(broken));
    else letGo();
  }
}
