import { createHmac } from 'node:crypto';
import { inBeijing, sleep } from '../../clock.js';
import type { Ledger } from '../../ledger/ledger.js';
import { decimal, totalsOf, type WorldOrder } from '../../orders/order.js';

const PATIENCE_MS = 5_000;
const AGAIN_MS = 300;

/** A shop of a platform that nobody has an adapter for: what its fields and signatures mean stands in its channel's mapping. */
export interface LiveShop {
  readonly channel: string;
  readonly secret: string;
}

/** An order as a live-streaming shop writes it: its own names, in Chinese, and times of Beijing without an offset. */
export function liveBody(order: WorldOrder, change: { quantity?: number } = {}): string {
  const totals = totalsOf(order);
  const money = (amount: number): string => decimal(amount, order.currency);
  const { shipTo } = order;
  return JSON.stringify({
    事件: '下单',
    订单: [{
      单号: order.id, 下单时间: inBeijing(order.createdAt), 更新时间: inBeijing(order.updatedAt), 付款: { 状态: order.paidAt === null ? 'WAIT' : 'SUCCESS', 实付: money(totals.total), 运费: money(totals.shipping), 优惠: money(totals.discount) },
      收货: { 收货人: shipTo?.name ?? '', 手机: shipTo?.phone ?? order.phone ?? '', 地区: [shipTo?.province ?? '', shipTo?.city ?? '', shipTo?.district ?? ''], 地址: shipTo?.street ?? '', 邮编: shipTo?.postcode ?? '' },
      直播: { 直播间: Number(order.id.replace(/\D/g, '').slice(-2)) + 1, 主播: '小鹿', 观众: `观众${order.id}` }, 留言: order.note ?? '',
      商品: order.lines.map((line) => ({ 行号: line.id, 编码: line.sku, 名称: line.title, 数量: change.quantity ?? line.quantity, 单价: money(line.price) })),
    }],
  });
}

/** Sends its orders until they are accepted, each delivery under one id. */
export class LiveHooks {
  readonly #stopped = new AbortController();

  constructor(private readonly options: { ingestUrl: string; ledger: Ledger }) {}

  stop(): void {
    this.#stopped.abort();
  }

  async send(shop: LiveShop, orderId: string, deliveryId: string, body: string): Promise<void> {
    const { signal } = this.#stopped;
    for (; !signal.aborted; await sleep(AGAIN_MS, signal)) {
      const at = String(Date.now());
      let status = 0;
      try {
        const response = await fetch(`${this.options.ingestUrl}/v1/channels/${encodeURIComponent(shop.channel)}/webhooks`, {
          method: 'POST',
          body,
          headers: { 'content-type': 'application/json', 'x-live-delivery': deliveryId, 'x-live-time': at, 'x-live-signature': `v1=${createHmac('sha256', shop.secret).update(`${at}.${body}`).digest('hex')}` },
          signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
        });
        await response.arrayBuffer();
        status = response.status;
      } catch {
        status = 0;
      }
      const accepted = status >= 200 && status < 300;
      this.options.ledger.note({ world: 'generic', direction: 'out', kind: 'webhook order', channel: shop.channel, orderId, deliveryId, status: accepted ? 'accepted' : status === 0 ? 'no answer' : `refused ${status}`, announcement: true, way: 'WEBHOOK' });
      if (accepted) return;
    }
  }
}
