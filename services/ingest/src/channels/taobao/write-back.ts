import { Refused } from '@flotilla/decider';
import type { Fields } from '../fields.js';
import type { Cancellation, ChannelApi, Shipment, WrittenBack } from '../platform.js';
import { companyCodeOf } from './carriers.js';
import { callTop, TopFailed } from './top.js';

// taobao.logistics.offline.send takes so many sub-orders of one trade.
const mostLines = 20;

/**
 * Tells a shipment to Taobao (taobao.logistics.offline.send). The trade's lines are read first: what carries this number already is told and not told
 * again, so that it may be repeated after any loss. The platform takes one number per line, whatever the quantity.
 */
export const writeBack = async (api: ChannelApi, shipment: Shipment): Promise<WrittenBack> => {
  const { channelOrderId: tid, waybill, carrier } = shipment;
  const company = companyCodeOf(carrier);
  if (!/^\d{1,30}$/.test(tid)) return failed('NOT_FOUND', 'the order’s id is none of Taobao’s');
  if (!/^[A-Za-z0-9-]{4,64}$/.test(waybill)) return failed('BAD_REQUEST', 'the number is not 4 to 64 letters and digits, which the platform would refuse');
  try {
    let told = standing(await read(api, tid), shipment);
    if (told.unknown.length > 0) return failed('PLATFORM_REFUSED', 'the trade has not all of these lines');
    for (let at = 0; told.open.length > 0 && at < told.lines; at += mostLines) {
      const part = told.open.slice(0, mostLines);
      try {
        await callTop(api, 'taobao.logistics.offline.send', { tid, out_sid: waybill, company_code: company, ...(part.length === told.lines ? {} : { sub_tid: part.join(','), is_split: '1' }) });
      } catch (error) {
        if (!(error instanceof TopFailed) || error.kind !== 'refused') throw error;
        // Perhaps refused because an earlier attempt, still on its way when we looked, has arrived since.
        told = standing(await read(api, tid), shipment);
        if (told.open.length > 0) return failed('PLATFORM_REFUSED', error.why);
      }
      told = { ...told, open: told.open.filter((oid) => !part.includes(oid)) };
    }
    if (told.otherwise.length > 0) return failed('PLATFORM_REFUSED', 'the platform has closed these lines');
    return { outcome: 'done', fulfilmentId: `${tid}/${waybill}`, open: told.waiting > 0 };
  } catch (error) {
    return unanswered(error);
  }
};

/**
 * Closes a trade (taobao.trade.close), which a seller may only do before it is paid: a paid one ends by its buyer's asking for the money back. The reason is one of TOP's own.
 */
export const cancel = async (api: ChannelApi, { channelOrderId: tid, reason }: Cancellation): Promise<WrittenBack> => {
  if (!/^\d{1,30}$/.test(tid)) return failed('NOT_FOUND', 'the order’s id is none of Taobao’s');
  try {
    for (let tries = 0; ; tries += 1) {
      const status = (await trade(api, tid))?.text('status') ?? '';
      if (status === 'TRADE_CLOSED' || status === 'TRADE_CLOSED_BY_TAOBAO') return { outcome: 'done', fulfilmentId: tid, open: false };
      // Before it is paid, and not while the payment is under way.
      if (status !== 'WAIT_BUYER_PAY' && status !== 'TRADE_NO_CREATE_PAY') return failed('PLATFORM_REFUSED', `the trade is ${status === '' ? 'not shown' : status}: a seller closes only what is not paid; ask the buyer to ask for the money back`);
      if (tries === 2) return { outcome: 'retry', afterMs: 1_000, why: 'the trade was closed and is not shown as closed' };
      try {
        await callTop(api, 'taobao.trade.close', { tid, close_reason: reasonOf(reason) });
      } catch (error) {
        if (!(error instanceof TopFailed) || error.kind !== 'refused') throw error;
        // Within ten seconds of its beginning: it is asked again later.
        if (/CLOSE_TRADE_TOO_FAST/i.test(error.why)) return { outcome: 'retry', afterMs: 10_000, why: error.why };
        // Perhaps because an earlier attempt, still on its way when we looked, has arrived since.
        if (tries === 1) return failed('PLATFORM_REFUSED', error.why);
      }
    }
  } catch (error) {
    return unanswered(error);
  }
};

// Of TOP's list; what a person wrote is not shown to the buyer.
const reasonOf = (reason: string): string => (reason === 'payment_timeout' ? '未及时付款' : /customer|buyer|买家/i.test(reason) ? '买家不想买了' : '缺货');

const unanswered = (error: unknown): WrittenBack => {
  if (error instanceof TopFailed) {
    if (error.kind === 'refused') return failed(/not-?exist|not-?found/i.test(error.why) ? 'NOT_FOUND' : 'PLATFORM_REFUSED', error.why);
    return { outcome: 'retry', afterMs: error.afterMs, why: error.why, ...(error.kind === 'session' ? { session: true } : {}) };
  }
  // A field of the platform's that cannot be read.
  if (error instanceof Refused) return failed('PLATFORM_REFUSED', error.message);
  throw error;
};

const failed = (reason: string, detail: string): WrittenBack => ({ outcome: 'failed', reason, detail: detail.slice(0, 300).toWellFormed() });

const trade = async (api: ChannelApi, tid: string): Promise<Fields | undefined> => (await callTop(api, 'taobao.trade.fullinfo.get', { tid, fields: 'tid,status,orders' })).object('trade');

const read = async (api: ChannelApi, tid: string): Promise<readonly Fields[]> => (await trade(api, tid))?.object('orders')?.list('order') ?? [];

interface Standing {
  /** How many lines the trade has that could be sent or are. */
  readonly lines: number;
  /** Of the shipment: still to be told, closed, and not of this trade. What was sent under another number is neither: the platform has one per line, that of its first parcel. */
  readonly open: readonly string[];
  readonly otherwise: readonly string[];
  readonly unknown: readonly string[];
  /** How many of its other lines wait to be sent. */
  readonly waiting: number;
}

const standing = (lines: readonly Fields[], { lines: shipped }: Shipment): Standing => {
  const byId = new Map(lines.map((line) => [line.id('oid_str') || line.id('oid'), line]));
  const wanted = [...new Set(shipped.map(({ channelLineId }) => channelLineId))];
  const known = wanted.filter((oid) => byId.has(oid));
  const open = known.filter((oid) => byId.get(oid)!.text('status') === 'WAIT_SELLER_SEND_GOODS');
  return {
    lines: lines.filter((line) => line.text('status') !== 'TRADE_CLOSED').length,
    open,
    otherwise: known.filter((oid) => !open.includes(oid) && byId.get(oid)!.text('invoice_no') === ''),
    unknown: wanted.filter((oid) => !byId.has(oid)),
    waiting: [...byId].filter(([oid, line]) => !wanted.includes(oid) && line.text('status') === 'WAIT_SELLER_SEND_GOODS').length,
  };
};
