import type { Follower } from '@flotilla/event-store';
import { sqlMigration } from '@flotilla/service-kit';
import type { Delivery, HookQueueEvent } from '../decide/hook-queue.decider.js';

export const webhookDeliveryTable = sqlMigration('WebhookDeliveries', 1764500000001, [
  `CREATE TABLE read.webhook_delivery (
     delivery_id uuid PRIMARY KEY, webhook_id uuid NOT NULL, type text NOT NULL, key text NOT NULL, state text NOT NULL, attempts integer NOT NULL, detail text NOT NULL,
     queued_at timestamptz NOT NULL, settled_at timestamptz, position bigint NOT NULL)`,
  'CREATE INDEX webhook_delivery_list ON read.webhook_delivery (position DESC)',
  'CREATE INDEX webhook_delivery_of ON read.webhook_delivery (webhook_id, position DESC)',
]);

interface Patch {
  readonly id: string;
  readonly asked?: Pick<Delivery, 'webhookId' | 'type' | 'key' | 'queuedAt'> & { readonly position: number };
  readonly state?: string;
  readonly attempts?: number;
  readonly detail?: string;
  readonly settledAt?: string;
}

/** What webhooks were sent and what became of it; `position` is where it stands in the log as it was queued last. */
export const webhookDeliveries: Follower = {
  name: 'webhook-deliveries',
  inside: async (events, tx) => {
    const patches = new Map<string, Patch>();
    for (const event of events) {
      if (!event.stream.startsWith('hook-')) continue;
      const { type, data } = event as unknown as HookQueueEvent;
      if (type === 'HookChannelsKnown') continue;
      const id = data.deliveryId;
      const patch = (change: Omit<Patch, 'id'>): void => void patches.set(id, { ...patches.get(id), id, ...change });
      if (type === 'DeliveryQueued') patches.set(id, { id, asked: { webhookId: data.webhookId, type: data.type, key: data.key, queuedAt: data.queuedAt, position: event.position } });
      if (type === 'DeliveryAttempted') patch({ attempts: data.attempt });
      if (type === 'DeliveryAttemptFailed') patch({ detail: data.detail });
      if (type === 'DeliverySettled') patch({ state: data.outcome, settledAt: data.at, detail: data.detail });
    }
    const [asked, others] = [[...patches.values()].filter((one) => one.asked), [...patches.values()].filter((one) => !one.asked)];
    if (asked.length > 0) {
      await tx.query(
        `INSERT INTO read.webhook_delivery AS d (delivery_id, webhook_id, type, key, state, attempts, detail, queued_at, settled_at, position)
         SELECT id, "webhookId", type, key, coalesce(state, 'PENDING'), coalesce(attempts, 0), coalesce(detail, ''), "queuedAt", "settledAt", position
           FROM jsonb_to_recordset($1::jsonb) AS c(id uuid, "webhookId" uuid, type text, key text, state text, attempts integer, detail text, "queuedAt" timestamptz, "settledAt" timestamptz, position bigint)
         ON CONFLICT (delivery_id) DO UPDATE SET state = excluded.state, attempts = excluded.attempts, detail = excluded.detail, queued_at = excluded.queued_at, settled_at = excluded.settled_at, position = excluded.position`,
        [JSON.stringify(asked.map(({ asked: of, ...rest }) => ({ ...of, ...rest })))],
      );
    }
    if (others.length > 0) {
      await tx.query(
        `UPDATE read.webhook_delivery d SET attempts = coalesce(c.attempts, d.attempts), detail = coalesce(c.detail, d.detail), state = coalesce(c.state, d.state), settled_at = coalesce(c."settledAt", d.settled_at)
           FROM jsonb_to_recordset($1::jsonb) AS c(id uuid, attempts integer, detail text, state text, "settledAt" timestamptz) WHERE d.delivery_id = c.id`,
        [JSON.stringify(others)],
      );
    }
  },
};
