import { sleep } from '../../clock.js';
import { SENDING, type Faults } from '../../faults/faults.js';
import type { Ledger } from '../../ledger/ledger.js';
import type { Shop } from './shop.js';
import { sign } from './signature.js';

/** A webhook to be sent: the same id and body however often it takes. */
export interface Delivery {
  shop: Shop;
  topic: string;
  webhookId: string;
  eventId: string;
  body: string;
  orderId: string;
  triggeredAt: string;
  garbage?: boolean;
  /** Signed with a wrong secret: must be refused, and is not sent again. */
  forged?: boolean;
}

export interface Delivered {
  accepted: boolean;
  status: number;
  attempts: number;
}

// Shopify waits five seconds; it comes back at once rather than over four hours, since a demo does not last that long.
const PATIENCE_MS = 5_000;
const BACKOFF_MS = [200, 400, 800, 1_600, 3_000] as const;
/** A body that is refused as such is not worth more. */
const TRIES_IF_REFUSED = 8;

/** Sends webhooks until they are accepted or sending is stopped. */
export class Webhooks {
  #stopped = new AbortController();
  #closed = false;
  readonly #held: (() => void)[] = [];
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  attempts = 0;

  constructor(private readonly options: { ingestUrl: string; ledger: Ledger; faults: Faults; parallel?: number }) {}

  async send(delivery: Delivery): Promise<Delivered> {
    const { faults } = this.options;
    const { signal } = this.#stopped;
    let attempts = 0;
    for (;;) {
      if (signal.aborted) return { accepted: false, status: 0, attempts };
      const fault = faults.strike('webhooks', delivery.topic, SENDING, delivery.orderId);
      if (fault?.kind === 'slow') await sleep(fault.ms ?? 1_000, signal);
      // Held back until another has gone out, or for a second if none does.
      if (fault?.kind === 'reorder') await Promise.race([new Promise<void>((resolve) => this.#held.push(resolve)), sleep(1_000, signal)]);
      attempts += 1;
      if (fault?.kind === 'duplicate') void this.#attempt(delivery, false);
      // The delivery arrives and its answer is lost; or it is lost on the way.
      const lost = fault?.kind === 'drop' ? 'before' : fault?.kind === 'timeout-after-effect' || fault?.kind === 'reset' ? 'after' : undefined;
      const status = lost === 'before' ? 0 : await this.#attempt(delivery, lost === 'after');
      if (fault?.kind !== 'reorder') for (const release of this.#held.splice(0)) release();
      if (status >= 200 && status < 300) return { accepted: true, status, attempts };
      if (delivery.forged === true && status !== 0 && status < 500) return { accepted: false, status, attempts };
      if ([400, 413, 415, 422].includes(status) && attempts >= TRIES_IF_REFUSED) return { accepted: false, status, attempts };
      await sleep(BACKOFF_MS[Math.min(attempts, BACKOFF_MS.length) - 1] ?? 3_000, signal);
    }
  }

  /** Gives up on everything that is being sent; what comes later is sent. */
  giveUp(): void {
    this.#stopped.abort();
    if (!this.#closed) this.#stopped = new AbortController();
  }

  /** Sends nothing any more. */
  stop(): void {
    this.#closed = true;
    this.giveUp();
  }

  async #attempt(delivery: Delivery, answerLost: boolean): Promise<number> {
    const { shop, topic, body } = delivery;
    const limit = this.options.parallel ?? 32;
    if (this.#running >= limit) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running += 1;
    this.attempts += 1;
    let status = 0;
    try {
      const response = await fetch(`${this.options.ingestUrl}/v1/channels/${encodeURIComponent(shop.channel)}/webhooks`, {
        method: 'POST',
        body,
        headers: {
          'content-type': 'application/json',
          'user-agent': 'Shopify-Captain-Hook',
          'X-Shopify-Topic': topic,
          'X-Shopify-Hmac-Sha256': sign(delivery.forged === true ? `${shop.secret}-forged` : shop.secret, body),
          'X-Shopify-Shop-Domain': shop.domain,
          'X-Shopify-API-Version': '2025-10',
          'X-Shopify-Webhook-Id': delivery.webhookId,
          'X-Shopify-Triggered-At': delivery.triggeredAt,
          'X-Shopify-Event-Id': delivery.eventId,
        },
        signal: AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(PATIENCE_MS)]),
      });
      await response.arrayBuffer();
      status = answerLost ? 0 : response.status;
    } catch {
      status = 0;
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
    const accepted = status >= 200 && status < 300;
    this.options.ledger.note({
      world: 'shopify', direction: 'out', kind: `webhook ${topic}`, channel: shop.channel, orderId: delivery.orderId, deliveryId: delivery.webhookId,
      status: accepted ? 'accepted' : status === 0 ? 'no answer' : `refused ${status}`,
      announcement: topic === 'orders/create' && delivery.forged !== true, way: 'WEBHOOK', garbage: delivery.garbage ?? false, forged: delivery.forged ?? false,
    });
    return status;
  }
}
