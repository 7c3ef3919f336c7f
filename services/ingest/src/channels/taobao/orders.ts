import { Fields } from '../fields.js';
import type { Arrived, OrdersPort, OrdersPulled } from '../platform.js';
import { callTop, topTime, TopFailed } from './top.js';
import type { ChannelApi } from '../platform.js';

/** What a pulled trade is recorded under. */
export const pulledTrade = 'taobao.trade.fullinfo.get';

// Each has its details asked for on its own, and all of a page are one append.
const pageSize = 40;
const together = 4;

/** `oaid` is given only together with the five fields of the receiver and `created`. */
const wanted = [
  'tid', 'tid_str', 'status', 'type', 'created', 'modified', 'pay_time', 'end_time', 'payment', 'post_fee', 'discount_fee', 'buyer_open_uid', 'buyer_message', 'seller_memo', 'seller_flag', 'step_trade_status', 'is_sh_ship', 'consign_interval', 'shipping_type',
  'receiver_name', 'receiver_state', 'receiver_city', 'receiver_district', 'receiver_town', 'receiver_address', 'receiver_zip', 'receiver_mobile', 'receiver_phone', 'oaid', 'orders',
].join(',');

/**
 * Trades by when they were modified (taobao.trades.sold.increment.get), from the last page to the first: a trade that is modified meanwhile
 * leaves the window, and what follows moves up into pages that are still to be read. Each is then asked for whole.
 */
export const orders: OrdersPort = {
  longestWindowMs: 24 * 3_600_000,
  pull: async (api, { from, to, next }): Promise<OrdersPulled> => {
    try {
      const page = next === '' ? await lastPage(api, from, to) : Number(next);
      if (page === 0) return { outcome: 'page', orders: [], next: '' };
      const listed = (await list(api, from, to, { page_no: String(page), use_has_next: 'true' })).object('trades')?.list('trade') ?? [];
      const found: Arrived[] = [];
      for (let at = 0; at < listed.length; at += together) found.push(...(await Promise.all(listed.slice(at, at + together).map((trade) => details(api, trade)))));
      return { outcome: 'page', orders: found, next: page === 1 ? '' : String(page - 1) };
    } catch (error) {
      if (!(error instanceof TopFailed)) throw error;
      return error.kind === 'limited' || error.kind === 'trouble' ? { outcome: 'retry', afterMs: error.afterMs, why: error.why } : { outcome: 'blocked', why: error.why, session: error.kind === 'session' };
    }
  },
};

const list = (api: ChannelApi, from: string, to: string, more: Readonly<Record<string, string>>): Promise<Fields> =>
  callTop(api, 'taobao.trades.sold.increment.get', { fields: 'tid,tid_str,modified,status', start_modified: topTime(new Date(from)), end_modified: topTime(new Date(to)), page_size: String(pageSize), ...more });

const lastPage = async (api: ChannelApi, from: string, to: string): Promise<number> => {
  const total = Number((await list(api, from, to, { page_no: '1', use_has_next: 'false' })).text('total_results'));
  if (!Number.isSafeInteger(total) || total < 0) throw new TopFailed('trouble', 'total_results is no number');
  return Math.ceil(total / pageSize);
};

/**
 * With its refunds as they are, since a line says neither how much of it is paid back nor more than that there is one. An app that may not ask for them
 * gets the trades all the same; their refunds stay asked for.
 */
const withRefunds = async (api: ChannelApi, trade: unknown): Promise<object> => {
  const ids = (Fields.of(trade)?.object('orders')?.list('order') ?? []).map((line) => line.id('refund_id')).filter((id) => id !== '');
  const details: unknown[] = [];
  for (const id of new Set(ids)) {
    try {
      details.push((await callTop(api, 'taobao.refund.get', { refund_id: id, fields: 'refund_id,refund_fee,status,oid,tid' })).raw('refund'));
    } catch (error) {
      if (!(error instanceof TopFailed) || error.kind === 'limited' || error.kind === 'trouble' || error.kind === 'session') throw error;
    }
  }
  return details.length === 0 ? (trade as object) : { ...(trade as object), refund_details: details };
};

// A trade whose details are refused must not hold up those beside it: it is kept as it was listed, and told.
const details = async (api: ChannelApi, listed: Fields): Promise<Arrived> => {
  const tid = listed.id('tid_str') || listed.id('tid');
  try {
    const trade = (await callTop(api, pulledTrade, { tid, fields: wanted })).raw('trade');
    if (Fields.of(trade) === undefined) throw new TopFailed('trouble', 'the answer has no trade');
    return { topic: pulledTrade, body: Buffer.from(JSON.stringify(await withRefunds(api, trade))) };
  } catch (error) {
    if (!(error instanceof TopFailed) || error.kind !== 'refused') throw error;
    return { topic: pulledTrade, body: Buffer.from(JSON.stringify({ tid, modified: listed.text('modified'), refused: error.why })) };
  }
};
