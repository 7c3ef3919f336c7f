import { createHash, createHmac } from 'node:crypto';
import { sleep } from '../../clock.js';
import { SENDING, type Faults } from '../../faults/faults.js';
import { writeJson, type Tree } from '../../json.js';
import type { Ledger } from '../../ledger/ledger.js';
import { orderTree, type WooOrder, type WooShop } from './shop.js';

const PATIENCE_MS = 5_000;
const UNSURE_MS = 500;
const UNSURE_TRIES = 240;

/** `X-WC-Webhook-Signature` of a body. @example wooSign('secret', rawBody) */
export const wooSign = (secret: string, body: string): string => createHmac('sha256', secret).update(body).digest('base64');

/**
 * Sends each webhook once, as the platform does: what is lost is lost, and after more than five failures in a row nothing more is sent. Only where the connection broke
 * and nobody can tell whether it had arrived is it sent again, so that the ledger knows what was sent.
 */
export class WooWebhooks {
  readonly #stopped = new AbortController();

  constructor(private readonly options: { ingestUrl: string; ledger: Ledger; faults: Faults }) {}

  stop(): void {
    this.#stopped.abort();
  }

  /** What a webhook says when somebody saves it: unsigned, and no JSON. Answers the status. */
  async greet(shop: WooShop): Promise<number> {
    const response = await fetch(this.#address(shop), { method: 'POST', body: 'webhook_id=17', headers: { 'content-type': 'application/x-www-form-urlencoded', 'user-agent': 'WooCommerce/9.4.0 Hookshot (WordPress/6.7)' }, signal: AbortSignal.timeout(PATIENCE_MS) });
    await response.arrayBuffer();
    return response.status;
  }

  /** Answers the status of the last attempt; 0: none, or its answer was lost. */
  async send(shop: WooShop, order: WooOrder, topic: 'order.created' | 'order.updated' | 'order.deleted' | 'order.restored', forged = false): Promise<number> {
    const body = writeJson(topic === 'order.deleted' ? ({ id: order.id } satisfies Tree) : orderTree(order), { pretty: false, escapedSlashes: true });
    if (shop.disabled) return 0;
    const fault = this.options.faults.strike('webhooks', topic, SENDING, String(order.id));
    if (fault?.kind === 'slow' || fault?.kind === 'reorder') await sleep(fault.ms ?? 1_000, this.#stopped.signal);
    if (fault?.kind === 'duplicate') await this.#attempt(shop, order, topic, body, forged);
    const status = fault?.kind === 'drop' ? 0 : await this.#attempt(shop, order, topic, body, forged);
    const lost = fault?.kind === 'timeout-after-effect' || fault?.kind === 'reset';
    shop.failures = status >= 200 && status < 300 && !lost ? 0 : shop.failures + 1;
    return lost ? 0 : status;
  }

  async #attempt(shop: WooShop, order: WooOrder, topic: string, body: string, forged: boolean, tries = 0): Promise<number> {
    // As the platform makes it: of the webhook and the second.
    const deliveryId = createHash('md5').update(`17${Math.floor(Date.now() / 1_000)}`).digest('hex');
    let status = 0;
    let unsure = false;
    try {
      const response = await fetch(this.#address(shop), {
        method: 'POST',
        body,
        headers: {
          'content-type': 'application/json', 'user-agent': 'WooCommerce/9.4.0 Hookshot (WordPress/6.7)', 'X-WC-Webhook-Source': `https://${shop.channel}.example/`, 'X-WC-Webhook-Topic': topic, 'X-WC-Webhook-Resource': 'order',
          'X-WC-Webhook-Event': topic.replace('order.', ''), 'X-WC-Webhook-Signature': wooSign(forged ? `${shop.secret}-forged` : shop.secret, body), 'X-WC-Webhook-ID': '17', 'X-WC-Webhook-Delivery-ID': deliveryId,
        },
        signal: AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(PATIENCE_MS)]),
      });
      await response.arrayBuffer();
      status = response.status;
    } catch (error) {
      // Nobody listened: it surely did not arrive.
      unsure = ((error as Error).cause as { code?: string } | undefined)?.code !== 'ECONNREFUSED';
    }
    if (unsure && !forged && !this.#stopped.signal.aborted && tries < UNSURE_TRIES) {
      await sleep(UNSURE_MS, this.#stopped.signal);
      return this.#attempt(shop, order, topic, body, forged, tries + 1);
    }
    const accepted = status >= 200 && status < 300;
    this.options.ledger.note({
      world: 'woocommerce', direction: 'out', kind: `webhook ${topic}`, channel: shop.channel, orderId: String(order.id), status: accepted ? 'accepted' : status === 0 ? 'no answer' : `refused ${status}`, forged,
      // The id that the platform gives is of the webhook and the second; what stays the same when it is sent again is what it says.
      deliveryId: createHash('sha256').update(`${topic}\n${body}`).digest('hex'), announcement: topic === 'order.created' && !forged, way: 'WEBHOOK',
    });
    return status;
  }

  #address(shop: WooShop): string {
    return `${this.options.ingestUrl}/v1/channels/${encodeURIComponent(shop.channel)}/webhooks`;
  }
}
