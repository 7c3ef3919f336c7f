import { alerts as api } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { repeatable, serve, type Call, type Served, type ServiceContext } from '@flotilla/service-kit';
import { uuidv5 } from '@flotilla/values';
import { changeWebhook, hookTypes, queueAgain } from '../coordinate/hooking.js';
import { hookQueue } from '../decide/hook-queue.decider.js';
import { webhooks, WEBHOOKS, type Sftp, type Webhook, type WebhookCommand, type Webhooks } from '../decide/webhook.decider.js';
import { secretFaultsOf } from '../perform/webhooks/folder.sftp.js';
import { faultsOf, type Networks } from '../perform/webhooks/guard.js';
import type { Secrets } from '../perform/webhooks/secrets.js';
import { deliveryOf, listDeliveries, queuedDelivery } from '../query/webhook-deliveries.js';

const namespace = 'c0b7a9f3-4a60-4c1d-8d1e-6b3f0a2e7d54';
const ordinarySeconds = 60;

const toWebhook = ({ webhookId, url, sftp, description, types, channels, state, disabledWhy, failingSince, secrets, createdAt, createdBy }: Webhook, now: string): api.Webhook => {
  const [, old] = secrets;
  return { webhookId, url, description, types, channels, state, disabledWhy, failingSince, oldSecretUntil: old && old.until > now ? old.until : '', createdAt, createdBy, hostKey: sftp?.hostKey ?? '', everySeconds: sftp?.everySeconds ?? 0 };
};

const of = ({ all }: Webhooks, webhookId: string): Webhook => {
  const one = all.find((webhook) => webhook.webhookId === webhookId);
  if (!one) throw new Refused('NOT_FOUND', `there is no webhook ${webhookId.slice(0, 60)}; list them with Webhooks/List`);
  return one;
};

/** Who of other systems is told what. */
export const webhooksGrpc = (ctx: ServiceContext, { secrets, networks }: { readonly secrets: Secrets; readonly networks: Networks }): Served => {
  const { store, clock } = ctx;
  const now = (): string => clock.machine().toISOString();
  const state = async (): Promise<Webhooks> => (await store.folded(webhooks, [WEBHOOKS])).get(WEBHOOKS)?.state ?? webhooks.initial;

  /** Changes one; the answer is how it stands then. The sealed secret goes with it: an answer is kept for its repeat, and must not be kept in clear. */
  const change = async (call: Call, request: { readonly requestId: string }, command: WebhookCommand): Promise<{ readonly webhook: api.Webhook; readonly sealed: string }> => {
    const { webhookId } = command.data;
    const { answer } = await store.execute(
      {
        streams: [[webhooks, WEBHOOKS]],
        meta: call.meta,
        decide: (unit) => {
          const before = unit.state(webhooks, WEBHOOKS).all.find((one) => one.webhookId === webhookId);
          changeWebhook(unit, command, clock.business().toISOString());
          const after = unit.state(webhooks, WEBHOOKS).all.find((one) => one.webhookId === webhookId) ?? before!;
          return { webhook: toWebhook(after, now()), sealed: after.secrets[0]!.sealed };
        },
      },
      repeatable(call, request),
    );
    return answer;
  };
  const by = (call: Call): { readonly by: string; readonly at: string } => ({ by: call.caller, at: now() });
  const wanted = ({ url, description, types, channels, hostKey, everySeconds }: Omit<api.CreateWebhookRequest, 'requestId' | 'secret'>) => {
    const sftp: Sftp | undefined = url.startsWith('sftp:') ? { hostKey, everySeconds: everySeconds || ordinarySeconds } : undefined;
    const faults = [...faultsOf(url, networks), ...(!sftp && (hostKey !== '' || everySeconds !== 0) ? ['host_key and every_seconds are for a folder alone'] : [])];
    return { url, ...(sftp ? { sftp } : {}), description, types, channels, known: hookTypes, faults };
  };
  // Theirs for a folder, else one of ours.
  const sealed = (webhookId: string, sftp: Sftp | undefined, secret: string): string => secrets.seal(webhookId, sftp ? secret : secrets.make());
  const told = ({ webhook, sealed: kept }: { readonly webhook: api.Webhook; readonly sealed: string }): api.WebhookSecret => ({ webhook, secret: webhook.hostKey === '' ? secrets.open(kept) : '' });

  return serve(api.Webhooks, {
    create: async (request, call) => {
      const webhookId = uuidv5(namespace, `${call.caller}/${request.requestId}`);
      const { faults, ...rest } = wanted(request);
      return told(await change(call, request, { type: 'Create', data: { webhookId, ...by(call), ...rest, faults: [...faults, ...secretFaultsOf(rest.sftp, request.secret)], sealed: sealed(webhookId, rest.sftp, request.secret) } }));
    },
    get: async ({ webhookId }) => toWebhook(of(await state(), webhookId), now()),
    list: async () => ({ webhooks: (await state()).all.map((one) => toWebhook(one, now())) }),
    update: async (request, call) => (await change(call, request, { type: 'Update', data: { webhookId: request.webhookId, ...by(call), ...wanted(request) } })).webhook,
    rotateSecret: async (request, call) => {
      const { webhookId, keepHours, secret } = request;
      const { sftp } = of(await state(), webhookId);
      const faults = secretFaultsOf(sftp, secret);
      if (faults.length > 0) throw new Refused('BAD_REQUEST', faults.join('; '));
      return told(await change(call, request, { type: 'Rotate', data: { webhookId, ...by(call), keepHours, sealed: sealed(webhookId, sftp, secret) } }));
    },
    disable: async (request, call) => (await change(call, request, { type: 'Disable', data: { webhookId: request.webhookId, ...by(call) } })).webhook,
    enable: async (request, call) => (await change(call, request, { type: 'Enable', data: { webhookId: request.webhookId, ...by(call) } })).webhook,
    delete: async (request, call) => {
      await change(call, request, { type: 'Delete', data: { webhookId: request.webhookId, ...by(call) } });
      return {};
    },
    listTypes: async () => ({ types: hookTypes }),
    listDeliveries: (request) => listDeliveries(ctx, request),
    redeliver: async (request, call) => {
      const old = await queuedDelivery(ctx, request.deliveryId);
      const { answer } = await store.execute(
        {
          streams: [[hookQueue, old.queue], [webhooks, WEBHOOKS]],
          meta: call.meta,
          decide: (unit): api.WebhookDelivery => {
            of(unit.state(webhooks, WEBHOOKS), old.webhookId);
            // Still in its queue: it will be sent anyway.
            if (!unit.state(hookQueue, old.queue).waiting.some(({ deliveryId }) => deliveryId === old.deliveryId)) queueAgain(unit, old, now());
            return deliveryOf(old);
          },
        },
        repeatable(call, request),
      );
      return answer;
    },
  });
};
