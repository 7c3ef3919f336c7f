import type { Meta, Unit } from '@flotilla/event-store';
import { broken, retryAfterOf } from '@flotilla/notify';
import { counter, type ServiceContext, type ServicePerformer } from '@flotilla/service-kit';
import { changeWebhook } from '../../coordinate/hooking.js';
import { drop, lineOf, type FileLines } from '../../decide/drop.decider.js';
import { hookQueue, type Delivery, type HookQueueEvent, type Line, type Try } from '../../decide/hook-queue.decider.js';
import { signing, webhooks, WEBHOOKS, type Sftp, type Webhook } from '../../decide/webhook.decider.js';
import { signedHeaders } from '../channels/standard-webhook.js';
import { hostOf, putFile, reasonOf, serverOf } from './folder.sftp.js';
import type { Guard } from './guard.js';
import type { Secrets } from './secrets.js';

const sent = counter('flotilla_alerts_webhook_attempts_total');

interface Handed {
  readonly taken: boolean;
  readonly gone: boolean;
  readonly detail: string;
  readonly retryAfterMs: number;
}

/**
 * Sends one delivery to its webhook, by HTTP or into a folder. Each try is a job of its own, whose beginning and end stand in the queue's stream; after a crash between them it is
 * sent again under the same id, or name, by which the receiver knows it.
 */
export const webhookPerformer = (ctx: ServiceContext, { guard, secrets, patienceMs }: { readonly guard: Guard; readonly secrets: Secrets; readonly patienceMs: number }): ServicePerformer => {
  const now = (): string => ctx.clock.machine().toISOString();
  const run = async <Answer>(queue: string, meta: Meta, decide: (unit: Unit) => Answer): Promise<Answer> => (await ctx.store.execute({ streams: [[hookQueue, queue], [webhooks, WEBHOOKS]], meta, decide })).answer;

  const post = async ({ deliveryId, type, at, data }: Delivery, webhook: Webhook): Promise<Handed> => {
    const body = JSON.stringify({ type, timestamp: at, data });
    try {
      const machine = ctx.clock.machine();
      const headers = signedHeaders(signing(webhook, machine.toISOString()).map((sealed) => secrets.open(sealed)), deliveryId, machine, body);
      const init = { method: 'POST', body, redirect: 'manual' as const, headers: { ...headers, 'user-agent': 'flotilla-webhooks/1' }, dispatcher: guard.dispatcherOf(webhook.url) };
      const response = await ctx.outside(`webhook:${webhook.webhookId}`, { timeoutMs: 15_000, concurrency: 8, maxBytes: 64 * 1024 }).fetch(webhook.url, init as RequestInit);
      await response.body?.cancel();
      return { taken: response.ok, gone: response.status === 410, detail: response.ok ? '' : `HTTP ${response.status}`, retryAfterMs: retryAfterOf(response.headers) ?? 0 };
    } catch (error) {
      return { taken: false, gone: false, detail: broken(error).detail, retryAfterMs: 0 };
    }
  };

  // As the events stand in the log: whoever tries again writes the same bytes.
  const bytesOf = async ({ webhookId, data }: Delivery): Promise<Buffer> => {
    const { closed, lines } = data as FileLines;
    const { rows } = await ctx.pool.query<{ data: Line }>(
      `SELECT line.data FROM es.event added JOIN es.event line ON line.position = (added.data ->> 'position')::bigint
        WHERE added.stream_id = $1 AND added.version >= $2 AND added.version < $3 ORDER BY added.version`,
      [`${drop.category}-${webhookId}`, closed - lines, closed],
    );
    if (rows.length !== lines) throw Object.assign(new Error('what was to be sent is in the archive'), { code: 'EVENTS_ARCHIVED' });
    return Buffer.from(rows.map((row) => lineOf(row.data)).join(''));
  };

  const put = async (delivery: Delivery, webhook: Webhook, sftp: Sftp): Promise<Handed> => {
    const taken = { taken: true, gone: false, detail: '', retryAfterMs: 0 };
    let detail = '';
    try {
      const file = { name: delivery.key, bytes: await bytesOf(delivery) };
      const signal = AbortSignal.timeout(30_000);
      const address = await guard.addressOf(hostOf(webhook.url));
      // The old login is for a server that does not know the new one yet.
      for (const sealed of signing(webhook, now())) {
        try {
          await putFile(serverOf(webhook.url, sftp, address, secrets.open(sealed)), file, signal);
          return taken;
        } catch (error) {
          detail = reasonOf(error);
          if (detail !== 'LOGIN') break;
        }
      }
    } catch (error) {
      detail = reasonOf(error);
    }
    return { ...taken, taken: false, detail };
  };

  const fail = async (one: Try, { webhookId }: Delivery, { detail, gone, retryAfterMs }: Omit<Handed, 'taken'>, meta: Meta): Promise<void> => {
    const at = now();
    const events = await run(one.queue, meta, (unit): readonly HookQueueEvent[] => {
      const failed = unit.run(hookQueue, one.queue, { type: 'Fail', data: { ...one, at, detail, retryAfterMs } });
      if (failed.length > 0) changeWebhook(unit, { type: 'Missed', data: { webhookId, at, gone, patienceMs } }, ctx.clock.business().toISOString());
      return failed;
    });
    sent.inc({ outcome: 'failed' });
    if (events.some(({ type }) => type === 'DeliverySettled')) ctx.log.error({ webhookId, deliveryId: one.deliveryId, detail }, 'what a webhook was sent was given up; Webhooks/Redeliver sends it again');
  };

  const perform: ServicePerformer['perform'] = async (job, meta) => {
    const one = job.payload as Try;
    const begun = await run(one.queue, meta, (unit) => {
      const [head] = unit.state(hookQueue, one.queue).waiting;
      const webhook = unit.state(webhooks, WEBHOOKS).all.find(({ webhookId }) => webhookId === head?.webhookId);
      if (webhook?.state === 'ACTIVE') return unit.run(hookQueue, one.queue, { type: 'Attempt', data: { ...one, at: now() } }).length > 0 ? head : undefined;
      unit.run(hookQueue, one.queue, { type: 'Drop', data: { ...one, at: now() } });
      return undefined;
    });
    if (!begun) return;
    const webhook = (await ctx.store.folded(webhooks, [WEBHOOKS])).get(WEBHOOKS)?.state.all.find(({ webhookId }) => webhookId === begun.webhookId);
    const send = (to: Webhook): Promise<Handed> => (to.sftp ? put(begun, to, to.sftp) : post(begun, to));
    const handed = webhook ? await send(webhook) : { taken: false, gone: false, detail: 'deleted', retryAfterMs: 0 };
    if (!handed.taken) return fail(one, begun, handed, meta);
    await run(one.queue, meta, (unit) => {
      unit.run(hookQueue, one.queue, { type: 'Accept', data: { ...one, at: now() } });
      changeWebhook(unit, { type: 'Took', data: { webhookId: begun.webhookId, at: now() } }, ctx.clock.business().toISOString());
    });
    sent.inc({ outcome: 'taken' });
  };

  return {
    concurrency: 32,
    perform,
    resolve: async (job, meta) => {
      const one = job.payload as Try;
      const { state } = (await ctx.store.folded(hookQueue, [one.queue])).get(one.queue)!;
      const [head] = state.waiting;
      if (head && state.status === 'trying') await fail(one, head, { gone: false, detail: 'the process ended while it was sent', retryAfterMs: 0 }, meta);
      else await perform(job, meta);
    },
  };
};
