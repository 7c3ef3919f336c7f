import { createHash, randomBytes } from 'node:crypto';
import { inBeijing } from '../../clock.js';
import { Digits, type Branch, type Tree } from '../../json.js';
import { decimal, divide, totalsOf, type WorldLine, type WorldOrder } from '../../orders/order.js';

interface Refund {
  id: string;
  status: string;
  /** In cents, of a part of the line's price; null: all of it. */
  fee: number | null;
}

/** A trade as Taobao keeps it. */
export interface Trade {
  world: WorldOrder;
  modifiedAt: number;
  frozen: boolean;
  /** Its payment is no number. */
  spoilt: boolean;
  /** By line: the number under which it was sent, and a refund. */
  sent: Map<string, { number: string; company: string; at: number }>;
  refunds: Map<string, Refund>;
  /** Somebody who asked for trades was given it. */
  served: boolean;
  /** Hours from the payment in which it must be sent; 0: the platform sets none. */
  consignHours: number;
}

const closeReasons = ['未及时付款', '买家不想买了', '买家信息填写错误，重新拍', '恶意买家/同行捣乱', '缺货', '买家拍错了', '同城见面交易'];

/** In TOP's words, with its `sub_code`. */
export class TradeRefusal extends Error {
  constructor(readonly subCode: string, message: string) {
    super(message);
  }
}

/** One shop of Taobao: its trades. */
export class TaobaoShop {
  readonly trades = new Map<string, Trade>();
  /** The seller's authorisation can run out. */
  sessionValid = true;
  /** Whether the seller lets the app renew it. */
  renewable = true;
  /** Of trades that are made from now on. */
  consignHours = 0;
  /** Seconds that a renewed session is good for, by the wall. */
  sessionSeconds = 86_400;
  readonly #appKey: string;
  #session: string;
  #refresh: string;
  #expiresAt = Number.POSITIVE_INFINITY;

  /** `token`: `<app key>:<session>[:<refresh token>]`. */
  constructor(readonly channel: string, readonly secret: string, token: string, private readonly now: () => number) {
    [this.#appKey = '', this.#session = '', this.#refresh = ''] = token.split(':');
  }

  knows(appKey: string): boolean {
    return appKey !== '' && appKey === this.#appKey;
  }

  authorises(session: string): boolean {
    return this.sessionValid && Date.now() < this.#expiresAt && session === this.#session;
  }

  /** `taobao.top.auth.token.refresh`: the old refresh token is spent; throws TradeRefusal. */
  renew(refresh: string): Branch {
    if (!this.renewable || refresh === '' || refresh !== this.#refresh) throw new TradeRefusal('isv.invalid-refresh-token', 'refresh token无效或已过期');
    [this.#session, this.#refresh, this.sessionValid] = [`s${randomBytes(12).toString('hex')}`, `r${randomBytes(12).toString('hex')}`, true];
    this.#expiresAt = Date.now() + this.sessionSeconds * 1_000;
    const lives = Object.fromEntries(['expires_in', 're_expires_in', 'r1_expires_in', 'r2_expires_in', 'w1_expires_in'].map((name) => [name, this.sessionSeconds]));
    return { access_token: this.#session, refresh_token: this.#refresh, token_type: 'Bearer', ...lives, w2_expires_in: 0, taobao_user_nick: encodeURIComponent('沙箱茶铺') };
  }

  place(world: WorldOrder): Trade {
    const trade: Trade = { world, modifiedAt: Math.floor(this.now() / 1_000) * 1_000, frozen: false, spoilt: false, sent: new Map(), refunds: new Map(), served: false, consignHours: this.consignHours };
    this.trades.set(world.id, trade);
    return trade;
  }

  /** Every change is at least a second younger than the one before, since trades are dated by whole seconds. */
  touch(trade: Trade): number {
    trade.modifiedAt = Math.max(trade.modifiedAt + 1_000, Math.floor(this.now() / 1_000) * 1_000);
    return trade.modifiedAt;
  }

  /** `taobao.logistics.offline.send` by the platform's rules; throws TradeRefusal. */
  send(tid: string, sub: readonly string[], number: string, company: string): void {
    const trade = this.trades.get(tid);
    if (trade === undefined) throw new TradeRefusal('isv.trade-not-exist', '交易不存在');
    if (!/^[A-Za-z0-9-]{4,64}$/.test(number)) throw new TradeRefusal('isv.logistics-offline-service-error:B60', '运单号不符合规则');
    if (!/^[A-Z0-9_]{2,20}$/.test(company)) throw new TradeRefusal('isv.logistics-offline-service-error:B01', '物流公司不存在');
    if (trade.frozen) throw new TradeRefusal('isv.logistics-offline-service-error:P38', '该订单暂不允许发货');
    const lines = sub.length === 0 ? trade.world.lines.map(({ id }) => id) : sub;
    for (const id of lines) {
      const line = trade.world.lines.find((one) => one.id === id);
      if (line === undefined) throw new TradeRefusal('isv.sub-trade-not-exist', '子订单不存在');
      if (lineStatus(trade, line) !== 'WAIT_SELLER_SEND_GOODS') throw new TradeRefusal('isv.logistics-offline-service-error:B04', '订单已发货或状态不允许发货');
    }
    const at = this.touch(trade);
    for (const id of lines) trade.sent.set(id, { number, company, at });
  }

  /** `taobao.trade.close` by the seller, who may only before it is paid and not at once; throws TradeRefusal. */
  close(tid: string, reason: string): Trade {
    const trade = this.trades.get(tid);
    if (trade === undefined) throw new TradeRefusal('isv.trade-not-exist', '交易不存在');
    if (!closeReasons.includes(reason)) throw new TradeRefusal('isv.invalid-parameter:close_reason', '关闭理由不正确');
    if (this.now() - trade.world.createdAt < 10_000) throw new TradeRefusal('isv.trade-close-error:CLOSE_TRADE_TOO_FAST', '订单创建10秒内不能关闭');
    if (trade.world.paidAt !== null || trade.world.cancelledAt !== null) throw new TradeRefusal('isv.trade-close-error:TRADE_STATUS_ERROR', '当前交易状态不允许关闭');
    trade.world.cancelledAt = this.touch(trade);
    return trade;
  }
}

export const lineStatus = (trade: Trade, { id }: WorldLine): string => {
  const { world } = trade;
  const refund = trade.refunds.get(id);
  // A line that gets back a part of its price stays as it is.
  if (refund?.status === 'SUCCESS' && refund.fee === null) return 'TRADE_CLOSED';
  if (world.cancelledAt !== null) return world.paidAt === null ? 'TRADE_CLOSED_BY_TAOBAO' : 'TRADE_CLOSED';
  if (world.paidAt === null) return 'WAIT_BUYER_PAY';
  return trade.sent.has(id) ? 'WAIT_BUYER_CONFIRM_GOODS' : 'WAIT_SELLER_SEND_GOODS';
};

export const tradeStatus = (trade: Trade): string => {
  const all = trade.world.lines.map((line) => lineStatus(trade, line));
  const open = all.filter((status) => status !== 'TRADE_CLOSED');
  if (open.length === 0) return 'TRADE_CLOSED';
  if (trade.frozen) return 'PAID_FORBID_CONSIGN';
  return open.every((status) => status === open[0]) ? open[0]! : 'SELLER_CONSIGNED_PART';
};

/** Names, phones and streets as the platform shows them to sellers. */
const masked = (text: string): string => (text === '' ? '' : `${Array.from(text)[0]}**`);

/** Stands for the person at this address; the same one gets the same. */
export const oaidOf = (world: WorldOrder): string => createHash('sha256').update(`${world.shipTo?.name}|${world.shipTo?.phone}|${world.shipTo?.street}`).digest('base64').slice(0, 32);

/** A trade with the fields that were asked for. `oaid` needs all five of the receiver, and `created`. */
export function tradeTree(trade: Trade, fields: readonly string[]): Branch {
  const { world } = trade;
  const money = (amount: number): string => decimal(amount, 'CNY');
  const totals = totalsOf(world);
  const freight = world.shippingLines.reduce((sum, line) => sum + line.price - line.discount, 0);
  const shares = divide(totals.total - freight, world.lines.map((line) => line.price * line.quantity - line.discount));
  const phone = world.shipTo?.phone ?? '';
  const all: Branch = {
    tid: new Digits(world.id), tid_str: world.id, status: tradeStatus(trade), type: 'fixed', created: inBeijing(world.createdAt), modified: inBeijing(trade.modifiedAt), pay_time: world.paidAt === null ? '' : inBeijing(world.paidAt),
    end_time: world.cancelledAt === null ? '' : inBeijing(world.cancelledAt), payment: trade.spoilt ? '十元' : money(totals.total), post_fee: money(freight), discount_fee: '0.00', buyer_open_uid: `AAH${world.customerId}`, buyer_message: world.note ?? '', seller_memo: '',
    seller_flag: 0, is_sh_ship: false, ...(trade.consignHours === 0 ? {} : { consign_interval: trade.consignHours }), shipping_type: 'express', receiver_name: masked(world.shipTo?.name ?? ''), receiver_state: world.shipTo?.province ?? '', receiver_city: world.shipTo?.city ?? '', receiver_district: world.shipTo?.district ?? '',
    receiver_town: '', receiver_address: `${masked(world.shipTo?.street ?? '')}*号`, receiver_zip: world.shipTo?.postcode ?? '', receiver_mobile: phone === '' ? '' : `*******${phone.slice(-4)}`, receiver_phone: '', oaid: oaidOf(world),
    orders: { order: one(world.lines.map((line, at): Branch => lineTree(trade, line, money(shares[at] ?? 0)))) },
  };
  const whole = ['receiver_name', 'receiver_address', 'receiver_mobile', 'receiver_state', 'receiver_city', 'created'].every((name) => fields.includes(name));
  // What is empty is left out.
  return Object.fromEntries(Object.entries(all).filter(([name, value]) => fields.includes(name) && value !== '' && (name !== 'oaid' || whole)));
}

const lineTree = (trade: Trade, line: WorldLine, divided: string): Branch => {
  const sent = trade.sent.get(line.id);
  const refund = trade.refunds.get(line.id);
  return {
    oid: new Digits(line.id), oid_str: line.id, num: line.quantity, num_iid: new Digits(line.productId), outer_iid: line.sku, outer_sku_id: line.sku, title: line.title, ...(line.variant === null ? {} : { sku_properties_name: `规格:${line.variant}` }),
    price: decimal(line.price, 'CNY'), total_fee: decimal(line.price * line.quantity - line.discount, 'CNY'), discount_fee: decimal(line.discount, 'CNY'), divide_order_fee: divided, payment: divided, status: lineStatus(trade, line),
    refund_status: refund?.status ?? 'NO_REFUND', ...(refund === undefined ? {} : { refund_id: new Digits(refund.id) }), ...(sent === undefined ? {} : { invoice_no: sent.number, logistics_company: sent.company, consign_time: inBeijing(sent.at) }),
  };
};

/** `taobao.refund.get`; throws TradeRefusal. */
export function refundTree(shop: TaobaoShop, refundId: string): Branch {
  for (const trade of shop.trades.values()) {
    const [oid, refund] = [...trade.refunds].find(([, { id }]) => id === refundId) ?? [];
    if (oid === undefined || refund === undefined) continue;
    const line = [(tradeTree(trade, ['orders'])['orders'] as { order: Branch | Branch[] }).order].flat().find((found) => found['oid_str'] === oid);
    return { refund_id: new Digits(refund.id), tid: new Digits(trade.world.id), oid: new Digits(oid), status: refund.status, refund_fee: refund.fee === null ? (line?.['divide_order_fee'] ?? '0.00') : decimal(refund.fee, 'CNY') };
  }
  throw new TradeRefusal('isv.refund-not-exist', '退款不存在');
}

/** TOP writes a list of one as the one. */
export const one = (list: readonly Branch[]): Tree => (list.length === 1 ? list[0]! : list);
