import type { settlement } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import type { Call, ServiceContext } from '@flotilla/service-kit';
import { ownOf } from '@flotilla/values';
import { referenceId } from '../decide/numbers.js';
import { receivable, type Receivable } from '../decide/receivable.decider.js';
import { reference } from '../decide/reference.decider.js';
import { boundedChannel } from './channel.js';
import { collected, financeRows, type FinanceRow } from './finance-csv.js';

const columns = {
  channel: ['channel', '店铺', '渠道'], order: ['order', 'order number', '订单号', '订单编号'], title: ['title', '发票抬头', '抬头'], taxId: ['tax id', '税号', '纳税人识别号'], number: ['number', '发票号码', '发票号'], state: ['state', '状态', '开票状态'],
};
const states: Readonly<Record<string, string>> = {
  requested: 'REQUESTED', issued: 'ISSUED', red: 'RED', void: 'VOID', 待开: 'REQUESTED', 待开票: 'REQUESTED', 已开: 'ISSUED', 已开票: 'ISSUED', 红冲: 'RED', 已红冲: 'RED', 作废: 'VOID', 已作废: 'VOID',
};
const mostFaults = 100;
const partRows = 200;

interface Wanted {
  readonly row: number;
  readonly referenceId: string;
  readonly title: string;
  readonly taxId: string;
  readonly number: string;
  readonly state: string;
}

const wantedOf = ({ row, at }: FinanceRow, channel: string): Wanted => {
  const refuse = (why: string): never => {
    throw new Refused('BAD_CSV', why, { row: String(row) });
  };
  const of = boundedChannel(at('channel') || channel);
  if (of === '' || at('order') === '') return refuse('channel or order is missing');
  const state = ownOf(states, at('state').toLowerCase()) ?? refuse('state is none of REQUESTED, ISSUED, RED, VOID');
  const [title, taxId, number] = [at('title'), at('taxId').toUpperCase(), at('number')];
  if (title.length > 200 || /\p{C}/u.test(title)) return refuse('title is longer than 200 characters or not text');
  if (taxId !== '' && !/^[0-9A-Z-]{5,30}$/.test(taxId)) return refuse('tax id is not one of 5 to 30 letters and digits');
  if (number !== '' && !/^[0-9A-Za-z/-]{1,40}$/.test(number)) return refuse('number is not one of an invoice');
  if (state !== 'REQUESTED' && number === '') return refuse('an invoice that was issued has a number');
  return { row, referenceId: referenceId(of, at('order')), title, taxId, number, state };
};

/** Seals what is personal, or keeps what was sealed before (`opened`) where it says the same: sealing twice would look like a change. */
const sealed = async (ctx: ServiceContext, { subject, invoice }: Receivable, { title, taxId }: Wanted, opened: readonly string[]): Promise<{ readonly title: string; readonly taxId: string }> => {
  const [before, beforeTax] = opened;
  if ((title !== '' || taxId !== '') && subject === '') throw new Refused('SUBJECT_ERASED', 'the order names nobody whose key could seal the title');
  return {
    title: title === before ? invoice.title : await ctx.seal(subject, 'company', title),
    taxId: taxId === beforeTax ? invoice.taxId : await ctx.seal(subject, 'text', taxId),
  };
};

/** Takes invoice data in: each row for itself, since finance corrects single rows; a row of an order that is not known is reported. */
export const importInvoices = async (ctx: ServiceContext, requests: AsyncIterable<settlement.ImportInvoicesRequest>, call: Call): Promise<settlement.ImportInvoicesResponse> => {
  const iterator = requests[Symbol.asyncIterator]();
  const { done, value: first } = await iterator.next();
  if (done) throw new Refused('BAD_REQUEST', 'there is no file');
  const source = first.source === '' ? 'finance' : first.source;
  if (source !== 'finance' && source !== 'channel') throw new Refused('BAD_REQUEST', 'the source is channel or finance');
  const rows = financeRows(await collected(first.data, iterator), columns, ['order', 'title', 'state']);
  const faults: settlement.RowFault[] = [];
  let [recorded, unchanged, faulty] = [0, 0, 0];
  const fault = (row: number, error: unknown): void => {
    if (!(error instanceof Refused)) throw error;
    faulty += 1;
    if (faults.length < mostFaults) faults.push({ row, reason: error.message.slice(0, 200) });
  };
  const recordedAt = ctx.clock.business().toISOString();
  for (let from = 0; from < rows.length; from += partRows) {
    const part: Wanted[] = [];
    for (const row of rows.slice(from, from + partRows)) {
      try {
        part.push(wantedOf(row, first.channel));
      } catch (error) {
        fault(row.row, error);
      }
    }
    const numbers = await ctx.store.folded(reference, [...new Set(part.map((one) => one.referenceId))]);
    const orders = await ctx.store.folded(receivable, [...new Set([...numbers.values()].flatMap(({ state }) => (state.orderId === '' ? [] : [state.orderId])))]);
    const asked = part.map((one) => {
      const orderId = numbers.get(one.referenceId)?.state.orderId ?? '';
      return { one, orderId, known: orderId === '' ? undefined : orders.get(orderId)?.state };
    });
    // Keys, and then what is recorded, are asked for together; rows of one order are recorded in their order.
    const opened = await ctx.open(asked.flatMap(({ known }) => [known?.invoice.title ?? '', known?.invoice.taxId ?? '']));
    const datas = await Promise.allSettled(
      asked.map(async ({ one, orderId, known }, n): Promise<settlement.InvoiceRecorded> => {
        if (!known) throw new Refused('NOT_FOUND', 'settlement knows no such order');
        return { orderId, ...(await sealed(ctx, known, one, opened.slice(2 * n, 2 * n + 2))), number: one.number, state: one.state, source, recordedAt };
      }),
    );
    const written = await Promise.allSettled(
      datas.map(async (one) => {
        if (one.status === 'rejected') throw one.reason;
        const { orderId } = one.value;
        return (await ctx.store.execute({ streams: [[receivable, orderId]], meta: call.meta, decide: (unit) => unit.run(receivable, orderId, { type: 'RecordInvoice', data: one.value }).length })).answer;
      }),
    );
    for (const [n, one] of written.entries()) {
      if (one.status === 'rejected') fault(part[n]?.row ?? 0, one.reason);
      else if (one.value > 0) recorded += 1;
      else unchanged += 1;
    }
  }
  return { recorded, unchanged, faults, faulty };
};

/** What is known of an order's invoice, opened. */
export const invoiceOf = async (ctx: ServiceContext, orderId: string): Promise<settlement.Invoice> => {
  const { rows } = await ctx.pool.query<{ order_id: string; title: string; tax_id: string; number: string; state: string; source: string }>('SELECT * FROM read.invoice WHERE order_id = $1', [orderId]);
  const [row] = rows;
  if (!row) throw new Refused('NOT_FOUND', `nothing is known of an invoice of order ${orderId}`);
  const [title = '', taxId = ''] = await ctx.open([row.title, row.tax_id]);
  return { orderId: row.order_id, title, taxId, number: row.number, state: row.state, source: row.source };
};
