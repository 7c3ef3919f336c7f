import { Refused } from '@flotilla/decider';
import type { Fields } from '../fields.js';
import type { ChannelApi, Shipment, WrittenBack } from '../platform.js';
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
    return { outcome: 'done', fulfilmentId: `${tid}/${waybill}` };
  } catch (error) {
    if (error instanceof TopFailed) return error.kind === 'refused' ? failed(/not-?exist|not-?found/i.test(error.why) ? 'NOT_FOUND' : 'PLATFORM_REFUSED', error.why) : { outcome: 'retry', afterMs: error.afterMs, why: error.why };
    // A field of the platform's that cannot be read.
    if (error instanceof Refused) return failed('PLATFORM_REFUSED', error.message);
    throw error;
  }
};

const failed = (reason: string, detail: string): WrittenBack => ({ outcome: 'failed', reason, detail: detail.slice(0, 300).toWellFormed() });

const read = async (api: ChannelApi, tid: string): Promise<readonly Fields[]> =>
  (await callTop(api, 'taobao.trade.fullinfo.get', { tid, fields: 'tid,status,orders' })).object('trade')?.object('orders')?.list('order') ?? [];

interface Standing {
  /** How many lines the trade has that could be sent or are. */
  readonly lines: number;
  /** Of the shipment: still to be told, closed, and not of this trade. What was sent under another number is neither: the platform has one per line, that of its first parcel. */
  readonly open: readonly string[];
  readonly otherwise: readonly string[];
  readonly unknown: readonly string[];
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
  };
};
