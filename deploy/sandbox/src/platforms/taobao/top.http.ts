import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { inBeijing } from '../../clock.js';
import { topSignOf } from '../../carriers/cainiao/top.http.js';
import { answer, type Answer } from '../../faults/answer.js';
import type { Faults } from '../../faults/faults.js';
import { Digits, writeJson, type Tree } from '../../json.js';
import type { Ledger } from '../../ledger/ledger.js';
import { Bucket } from '../shopify/bucket.js';
import { one, refundTree, TradeRefusal, tradeTree, type TaobaoShop } from './shop.js';

export interface TopOptions {
  shops: ReadonlyMap<string, TaobaoShop>;
  faults: Faults;
  ledger: Ledger;
  /** A number has reached the platform. */
  shipped: (trackingNumber: string) => void;
}

const DAY = 24 * 3_600_000;
const PER_SECOND = 40;
const requestId = (): string => randomBytes(6).toString('hex');
const send = (body: Tree): Answer => ({ status: 200, body: writeJson(body) });
const error = (code: number, msg: string, sub?: readonly [string, string]): Answer => send({ error_response: { code, msg, ...(sub ? { sub_code: sub[0], sub_msg: sub[1] } : {}), request_id: requestId() } });
const limited = (): Answer => ({ ...error(7, 'App Call Limited', ['accesscontrol.limited-by-api-access-count', 'This ban will last for 1 more seconds']), noted: 'limited' });

/** `POST /taobao/{channel}/router/rest`: TOP with a seller's trades behind it. */
export function tradesGateway(app: FastifyInstance, options: TopOptions): void {
  const buckets = new Map<string, Bucket>();
  app.post('/taobao/:channel/router/rest', async (request, reply) => {
    const { channel = '' } = request.params as { channel?: string };
    const form = new URLSearchParams(Buffer.isBuffer(request.body) ? request.body.toString() : '');
    const field = (name: string): string => form.get(name) ?? '';
    const method = field('method');
    const shop = options.shops.get(channel);
    const orderId = field('tid');
    const noted = (status: string): void => void options.ledger.note({ world: 'taobao', direction: 'in', kind: method === '' ? 'unknown' : method, channel, orderId, status });
    const call = (): Answer => {
      if (shop === undefined || !shop.knows(field('app_key'))) return error(29, 'Invalid app Key');
      if (!['md5', 'hmac'].includes(field('sign_method')) || field('sign') !== topSignOf(form, shop.secret)) return error(25, 'Invalid signature');
      if (method !== 'taobao.top.auth.token.refresh' && !shop.authorises(field('session'))) return error(27, 'Invalid session', ['invalid-sessionkey', '会话已过期']);
      if (!(Math.abs(Date.now() - Date.parse(`${field('timestamp').replace(' ', 'T')}+08:00`)) < 600_000)) return error(31, 'Invalid timestamp');
      const bucket = buckets.get(channel) ?? new Bucket(PER_SECOND, PER_SECOND);
      buckets.set(channel, bucket);
      if (!bucket.take().taken) return limited();
      try {
        switch (method) {
          case 'taobao.trades.sold.increment.get':
            return send({ trades_sold_increment_get_response: { ...increment(shop, field), request_id: requestId() } });
          case 'taobao.trade.fullinfo.get': {
            const trade = shop.trades.get(orderId);
            if (trade === undefined) throw new TradeRefusal('isv.trade-not-exist', '交易不存在');
            if (!trade.served) options.ledger.note({ world: 'taobao', direction: 'out', kind: 'pulled', channel, orderId, deliveryId: 'pulled', status: 'accepted', announcement: true, way: 'PULL' });
            trade.served = true;
            return send({ trade_fullinfo_get_response: { trade: tradeTree(trade, field('fields').split(',')), request_id: requestId() } });
          }
          case 'taobao.refund.get':
            return send({ refund_get_response: { refund: refundTree(shop, field('refund_id')), request_id: requestId() } });
          case 'taobao.top.auth.token.refresh':
            // Its result is JSON within JSON.
            return send({ top_auth_token_refresh_response: { token_result: writeJson(shop.renew(field('refresh_token'))), request_id: requestId() } });
          case 'taobao.logistics.offline.send':
            shop.send(orderId, field('sub_tid').split(',').filter((oid) => oid !== ''), field('out_sid'), field('company_code'));
            options.shipped(field('out_sid'));
            return send({ logistics_offline_send_response: { shipping: { is_success: true }, request_id: requestId() } });
          case 'taobao.trade.close': {
            const { world, modifiedAt } = shop.close(orderId, field('close_reason'));
            return send({ trade_close_response: { trade: { tid: new Digits(world.id), modified: inBeijing(modifiedAt) }, request_id: requestId() } });
          }
          default:
            return error(22, 'Invalid method');
        }
      } catch (failure) {
        if (failure instanceof TradeRefusal) return error(15, 'Remote service error', [failure.subCode, failure.message]);
        throw failure;
      }
    };
    return answer({ faults: options.faults, target: 'taobao', operation: method, orderId, reply, limited, noted }, call);
  });
}

/** Newest first, as TOP pages: page 1 has what was modified last. */
function increment(shop: TaobaoShop, field: (name: string) => string): { [name: string]: Tree } {
  const at = (name: string): number => Date.parse(`${field(name).replace(' ', 'T')}+08:00`);
  const [from, to, size, page] = [at('start_modified'), at('end_modified'), Number(field('page_size') || 40), Number(field('page_no') || 1)];
  if (!(from <= to) || to - from > DAY) throw new TradeRefusal('isv.invalid-parameter:start_modified', '起止时间须在一天之内');
  if (!(size >= 1 && size <= 100) || !(page >= 1)) throw new TradeRefusal('isv.invalid-parameter:page_size', '每页最多100条');
  const found = [...shop.trades.values()].filter(({ modifiedAt }) => modifiedAt >= from && modifiedAt <= to).sort((a, b) => b.modifiedAt - a.modifiedAt);
  const trades = found.slice((page - 1) * size, page * size).map((trade) => tradeTree(trade, field('fields').split(',')));
  return {
    ...(trades.length === 0 ? {} : { trades: { trade: one(trades) } }),
    ...(field('use_has_next') === 'true' ? { has_next: found.length > page * size } : { total_results: found.length }),
  };
}
