import type { ingest } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { add, normalisePostcode, ownOf, toInstant } from '@flotilla/values';
import { parseExact } from '../exact-json.js';
import { Fields } from '../fields.js';
import { noFacts, type Arrived, type ClearAddress, type ClearLine, type ClearOrder, type Facts, type Reading, type Refund, type Said } from '../platform.js';

const currency = 'CNY';

const payments: Readonly<Record<string, ingest.PaymentState>> = {
  TRADE_NO_CREATE_PAY: 'PAYMENT_STATE_UNPAID',
  WAIT_BUYER_PAY: 'PAYMENT_STATE_UNPAID',
  PAY_PENDING: 'PAYMENT_STATE_UNPAID',
  WAIT_PRE_AUTH_CONFIRM: 'PAYMENT_STATE_AUTHORIZED',
  PAID_FORBID_CONSIGN: 'PAYMENT_STATE_PAID',
  WAIT_SELLER_SEND_GOODS: 'PAYMENT_STATE_PAID',
  SELLER_CONSIGNED_PART: 'PAYMENT_STATE_PAID',
  TRADE_CLOSED_BY_TAOBAO: 'PAYMENT_STATE_VOIDED',
};

// It has left: whatever the trade says now, nothing is to be shipped any more, here or by anybody.
const sent = new Set(['WAIT_BUYER_CONFIRM_GOODS', 'TRADE_BUYER_SIGNED', 'TRADE_FINISHED']);
const closed = new Set(['TRADE_CLOSED', 'TRADE_CLOSED_BY_TAOBAO']);
// Of a presale, the deposit alone is paid.
const deposits: Readonly<Record<string, ingest.PaymentState>> = { FRONT_NOPAID_FINAL_NOPAID: 'PAYMENT_STATE_UNPAID', FRONT_PAID_FINAL_NOPAID: 'PAYMENT_STATE_PARTIALLY_PAID' };

/** One trade as taobao.trade.fullinfo.get has it. What cannot be understood is a reading with its reason; nothing is thrown. */
export const readTrade = ({ body }: Arrived): readonly Reading[] => {
  let channelOrderId = '';
  let buyer = '';
  let known: Facts | undefined;
  let kind: Reading['kind'] = 'announce';
  const said = ((): Said => {
    try {
      const trade = unwrapped(parseExact(body));
      if (trade === undefined) throw new Refused('BAD_JSON', 'the body is no JSON object');
      channelOrderId = trade.id('tid') || trade.id('tid_str');
      if (channelOrderId === '') throw new Refused('NO_ORDER_ID', 'tid is missing or not a number');
      const refused = trade.text('refused');
      if (refused !== '') {
        const tid = channelOrderId;
        // No word about the order, and no replay would make it one: it must not park the order that the next pull brings.
        channelOrderId = '';
        throw new Refused('PLATFORM_REFUSED', `the platform lists the trade ${tid} and does not give it: ${refused.slice(0, 200).toWellFormed()}`);
      }
      buyer = `order:${channelOrderId}`;
      buyer = buyerOf(trade, channelOrderId);
      const facts = factsOf(trade);
      known = facts;
      if (!sent.has(trade.text('status'))) return { as: 'order', order: toOrder(trade, facts), facts, ...leftOf(trade) };
      kind = 'update';
      return { as: 'facts', facts };
    } catch (error) {
      if (error instanceof Refused) return { as: 'failure', reason: error.reason, detail: error.message, ...(known === undefined ? {} : { facts: known }) };
      throw error;
    }
  })();
  return [{ channelOrderId, kind, buyer, said }];
};

/** `{"trade_fullinfo_get_response":{"trade":{…}}}`, `{"trade":{…}}` or the trade itself. */
const unwrapped = (parsed: unknown): Fields | undefined => {
  const body = Fields.of(parsed);
  return (body?.object('trade_fullinfo_get_response') ?? body)?.object('trade') ?? body;
};

/** Whose order it is: never by name or phone, which are masked and change from order to order. */
const buyerOf = (trade: Fields, channelOrderId: string): string => {
  const [uid, oaid] = [trade.text('buyer_open_uid'), trade.text('oaid')];
  return uid !== '' ? `customer:${uid}` : oaid !== '' ? `token:${oaid}` : `order:${channelOrderId}`;
};

const toOrder = (trade: Fields, facts: Facts): ClearOrder => {
  const lines = ordersOf(trade).map((line) => toLine(line, closed.has(trade.text('status'))));
  if (lines.length === 0) throw new Refused('NO_LINES', 'orders.order is missing or empty');
  const shipTo = toAddress(trade);
  const { modifiedAt } = facts;
  const flag = ownOf(flags, trade.text('seller_flag'));
  const memo = trade.text('seller_memo');
  return {
    number: trade.id('tid') || trade.id('tid_str'),
    placedAt: chinese(trade, 'created') || modifiedAt,
    modifiedAt,
    payment: paymentOf(trade),
    buyer: { email: '', phone: shipTo.phone, locale: 'zh-CN' },
    shipTo,
    lines,
    currency,
    subtotal: add(...lines.map((line) => line.unitPrice * line.quantity)),
    discount: add(...lines.map((line) => line.discount)),
    shipping: trade.amount('post_fee', currency) ?? 0,
    tax: 0,
    total: required(trade, 'payment'),
    ...(paymentOf(trade) === 'PAYMENT_STATE_PAID' && trade.text('pay_time') !== '' ? { amountPaid: required(trade, 'payment') } : {}),
    remark: trade.text('buyer_message'),
    tags: flag === undefined ? [] : [flag],
    shippingMethod: trade.text('shipping_type'),
    test: false,
    attributes: memo === '' ? [] : [{ name: 'seller_memo', value: memo }],
  };
};

const flags: Readonly<Record<string, string>> = { 1: '红旗', 2: '黄旗', 3: '绿旗', 4: '蓝旗', 5: '紫旗' };

const paymentOf = (trade: Fields): ingest.PaymentState => {
  const deposit = ownOf(deposits, trade.text('step_trade_status'));
  if (deposit !== undefined) return deposit;
  const status = trade.text('status');
  const paid = trade.text('pay_time') !== '';
  // Cash on delivery is to be sent before anything is paid.
  if (!paid && (status === 'WAIT_SELLER_SEND_GOODS' || status === 'SELLER_CONSIGNED_PART')) return 'PAYMENT_STATE_AUTHORIZED';
  return ownOf(payments, status) ?? (paid ? 'PAYMENT_STATE_PAID' : 'PAYMENT_STATE_UNPAID');
};

const factsOf = (trade: Fields): Facts => {
  const modifiedAt = chinese(trade, 'modified') || chinese(trade, 'created');
  if (modifiedAt === '') throw new Refused('BAD_INSTANT', 'modified is missing');
  const status = trade.text('status');
  const paidAt = chinese(trade, 'pay_time');
  const whole = ownOf(deposits, trade.text('step_trade_status')) === undefined;
  return {
    ...noFacts(modifiedAt),
    paid: paidAt === '' || !whole ? null : { paidAt, amount: required(trade, 'payment'), currency, told: true },
    cancelled: closed.has(status) ? { cancelledAt: chinese(trade, 'end_time') || modifiedAt, reason: status === 'TRADE_CLOSED' ? 'refunded' : 'unpaid' } : null,
    refunds: refundsOf(trade, modifiedAt),
    frozen: frozenBy(trade, status),
    ...shipByOf(trade, status, whole ? paidAt : ''),
  };
};

const longestHours = 24 * 365;

// `consign_interval`: hours from the payment. A trade without one has no time of its own, and neither has one whose goods the platform holds back.
const shipByOf = (trade: Fields, status: string, paidAt: string): Pick<Facts, 'shipBy'> => {
  if (sent.has(status) || closed.has(status)) return { shipBy: null };
  const hours = Number(trade.id('consign_interval'));
  if (paidAt === '' || !(hours > 0 && hours <= longestHours) || (status !== 'WAIT_SELLER_SEND_GOODS' && status !== 'SELLER_CONSIGNED_PART')) return {};
  return { shipBy: { from: paidAt, until: new Date(Date.parse(paidAt) + hours * 3_600_000).toISOString() } };
};

// A status that nobody knows yet may mean anything: the goods stay until it is another, or somebody lets them go.
const frozenBy = (trade: Fields, status: string): NonNullable<Facts['frozen']> => {
  if (trade.flag('is_sh_ship') === true) return { frozen: true, reason: 'is_sh_ship' };
  if (status === 'PAID_FORBID_CONSIGN') return { frozen: true, reason: status };
  const known = ownOf(payments, status) !== undefined || sent.has(status) || closed.has(status);
  return known ? { frozen: false, reason: '' } : { frozen: true, reason: `status ${/^\w{1,60}$/.test(status) ? status : 'unknown'}` };
};

const ordersOf = (trade: Fields): readonly Fields[] => trade.object('orders')?.list('order') ?? [];

// Sent before anybody here knew of it, by hand or by another system.
const leftOf = (trade: Fields): { readonly left?: readonly string[] } => {
  const left = ordersOf(trade).filter((line) => sent.has(line.text('status'))).map(lineIdOf);
  return left.length === 0 ? {} : { left };
};

const toLine = (line: Fields, tradeIsClosed: boolean): ClearLine => {
  const channelLineId = lineIdOf(line);
  const units = line.quantity('num');
  if (units === undefined) throw new Refused('BAD_QUANTITY', `${line.at('num')} is missing`);
  // A line that was closed unpaid has no refund, and nobody gets it; of a trade that is closed as a whole it is said that it is cancelled.
  const quantity = !tradeIsClosed && line.text('status') === 'TRADE_CLOSED_BY_TAOBAO' ? 0 : units;
  const unitPrice = required(line, 'price');
  const worth = unitPrice * quantity;
  // divide_order_fee has the line's part of every discount; where it is not there yet (unpaid), total_fee knows those of the line.
  const paid = line.amount('divide_order_fee', currency) ?? line.amount('total_fee', currency) ?? worth;
  const properties = line.text('sku_properties_name');
  // An item without variants has no id of one.
  const itemId = line.id('sku_id') || line.id('num_iid');
  return {
    channelLineId,
    channelSku: line.firstText('outer_sku_id', 'outer_iid'),
    ...(itemId === '' ? {} : { itemId }),
    title: properties === '' ? line.text('title') : `${line.text('title')} - ${properties}`,
    quantity,
    unitPrice,
    discount: Math.max(0, worth - paid),
    requiresShipping: true,
    grams: 0,
    attributes: [],
  };
};

const lineIdOf = (line: Fields): string => {
  const id = line.id('oid') || line.id('oid_str');
  if (id === '') throw new Refused('CONTRACT_VIOLATED', `${line.at('oid')} is missing or not a number`);
  return id;
};

const refundStates: Readonly<Record<string, Refund['state']>> = {
  WAIT_SELLER_AGREE: 'requested',
  WAIT_BUYER_RETURN_GOODS: 'requested',
  WAIT_SELLER_CONFIRM_GOODS: 'requested',
  SELLER_REFUSE_BUYER: 'withdrawn',
  CLOSED: 'withdrawn',
  SUCCESS: 'settled',
};

/** The trade names its refunds, and `refund_details` (taobao.refund.get) says how much is paid back. */
const refundsOf = (trade: Fields, modifiedAt: string): readonly Refund[] => {
  const fees = new Map(trade.list('refund_details').map((refund) => [refund.id('refund_id'), refund.amount('refund_fee', currency)]));
  return ordersOf(trade).flatMap((line) => toRefunds(line, fees.get(line.id('refund_id')), modifiedAt));
};

/**
 * A line shows its newest refund alone. What is asked for is therefore known by the line: one that was taken back and asked for again between two pulls is
 * the same request still, and none is left open. What was paid back has an id of its own, and ends the request.
 */
const toRefunds = (line: Fields, fee: number | undefined, modifiedAt: string): readonly Refund[] => {
  const told = ownOf(refundStates, line.text('refund_status'));
  if (told === undefined) return [];
  const channelLineId = lineIdOf(line);
  // How much it was is money: until that is known, it is only asked for.
  const state = told === 'settled' && fee === undefined ? 'requested' : told;
  const asked = { refundId: `line-${channelLineId}`, modifiedAt, amount: fee ?? line.amount('divide_order_fee', currency) ?? line.amount('payment', currency) ?? 0, currency, lines: [] };
  if (state !== 'settled') return [{ ...asked, state }];
  // What had left came back, if at all; and a line that stays open got back a part of its price, and no unit less.
  const unsent = line.text('consign_time') === '' && line.text('status') === 'TRADE_CLOSED';
  const units = unsent ? [{ channelLineId, sku: line.firstText('outer_sku_id', 'outer_iid'), quantity: line.quantity('num') ?? 0 }] : [];
  return [{ ...asked, state: 'withdrawn' }, { ...asked, state, refundId: line.id('refund_id'), lines: units }];
};

// Masked text stays as it is; the person stands behind the token, which is also what orders are merged by.
const toAddress = (trade: Fields): ClearAddress => {
  const oaid = trade.text('oaid');
  const name = trade.text('receiver_name');
  const phone = trade.firstText('receiver_mobile', 'receiver_phone');
  const [city, district, town] = [trade.text('receiver_city'), trade.text('receiver_district'), trade.text('receiver_town')];
  const address = trade.text('receiver_address');
  if (oaid !== '' && !/^[\x21-\x7e]{1,400}$/.test(oaid)) throw new Refused('CONTRACT_VIOLATED', 'oaid is not 1 to 400 characters of ASCII');
  // Nobody could find this person, and no e-waybill would be limited to the platform's own.
  if (oaid === '' && [name, phone, address].some((text) => text.includes('*'))) throw new Refused('BAD_ADDRESS', 'the recipient is masked and oaid is missing; the app must ask for it');
  return {
    country: 'CN',
    province: trade.text('receiver_state'),
    city,
    district,
    postcode: normalisePostcode(trade.text('receiver_zip')),
    street: town === '' || town === district || address.includes(town) ? address : `${town}${address}`,
    company: '',
    name,
    phone,
    ...(oaid === '' ? {} : { token: `taobao:${oaid}` }),
  };
};

/** TOP's times are China's, without an offset; "" where missing. */
const chinese = (of: Fields, name: string): string => {
  const text = of.text(name);
  if (text === '') return '';
  try {
    return toInstant(text, '+08:00');
  } catch {
    throw new Refused('BAD_INSTANT', `${of.at(name)} is not a time such as 2026-11-21 18:00:00`);
  }
};

const required = (of: Fields, name: string): number => {
  const amount = of.amount(name, currency);
  if (amount === undefined) throw new Refused('BAD_AMOUNT', `${of.at(name)} is missing`);
  return amount;
};
