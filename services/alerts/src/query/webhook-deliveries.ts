import type { alerts } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { pageOf, pageToken, type ServiceContext } from '@flotilla/service-kit';
import { isUuid } from '@flotilla/values';
import type { Delivery } from '../decide/hook-queue.decider.js';

interface DeliveryRow {
  readonly delivery_id: string;
  readonly webhook_id: string;
  readonly type: string;
  readonly key: string;
  readonly state: string;
  readonly attempts: number;
  readonly detail: string;
  readonly queued_at: Date;
  readonly settled_at: Date | null;
  readonly position: string;
}

/** Newest first. */
export const listDeliveries = async ({ pool }: ServiceContext, { page, webhookId, state }: alerts.ListWebhookDeliveriesRequest): Promise<alerts.ListWebhookDeliveriesResponse> => {
  if (webhookId !== '' && !isUuid(webhookId)) return { deliveries: [], nextToken: '' };
  const question = ['webhook-deliveries', webhookId, state];
  const { limit, after } = pageOf(page, question);
  const { rows } = await pool.query<DeliveryRow>(
    `SELECT * FROM read.webhook_delivery WHERE ($1 = '' OR webhook_id = nullif($1, '')::uuid) AND ($2 = '' OR state = $2) AND ($3::bigint IS NULL OR position < $3) ORDER BY position DESC LIMIT $4`,
    [webhookId, state, after?.[0] ?? null, limit + 1],
  );
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    deliveries: shown.map((row) => ({
      deliveryId: row.delivery_id, webhookId: row.webhook_id, type: row.type, key: row.key, state: row.state, attempts: row.attempts, detail: row.detail,
      queuedAt: row.queued_at.toISOString(), settledAt: row.settled_at?.toISOString() ?? '',
    })),
    nextToken: rows.length > limit && last ? pageToken([last.position], question) : '',
  };
};

/** As it was queued, from the log: what was sent is kept nowhere else. */
export const queuedDelivery = async ({ pool }: ServiceContext, deliveryId: string): Promise<Delivery> => {
  const known = isUuid(deliveryId) ? (await pool.query<{ position: string }>('SELECT position FROM read.webhook_delivery WHERE delivery_id = $1', [deliveryId])).rows[0] : undefined;
  if (!known) throw new Refused('NOT_FOUND', `there is no delivery ${deliveryId.slice(0, 60)}; list them with Webhooks/ListDeliveries`);
  const { rows } = await pool.query<{ data: Delivery }>(`SELECT data FROM es.event WHERE position = $1 AND type = 'DeliveryQueued'`, [known.position]);
  if (!rows[0]) throw new Refused('EVENTS_ARCHIVED', 'what was sent is in the archive; restore it first');
  return rows[0].data;
};

/** Queued once more. */
export const deliveryOf = ({ deliveryId, webhookId, type, key, queuedAt }: Delivery): alerts.WebhookDelivery => ({ deliveryId, webhookId, type, key, state: 'PENDING', attempts: 0, detail: '', queuedAt, settledAt: '' });
