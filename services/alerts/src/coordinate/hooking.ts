import { published, topics } from '@flotilla/contracts';
import type { Unit } from '@flotilla/event-store';
import { uuidv5 } from '@flotilla/values';
import { drop, lineOf, type FileLines } from '../decide/drop.decider.js';
import { hookQueue, type Delivery, type Line } from '../decide/hook-queue.decider.js';
import { alarms } from '../decide/rules.js';
import { wantsType, webhooks, WEBHOOKS, type Webhook, type WebhookCommand, type WebhookEvent } from '../decide/webhook.decider.js';
import { raise, silence } from './watching.js';

// | an event                              | what follows                                                                     |
// | of a type that an active webhook asks | queued for it, behind those of the same key; the first one is due at once        |
// | of one that has a folder for them     | written down in the queue; added to the file that is open, in the order of the log |
// | a file is full, or its time is over   | queued behind the files before it, as an event is behind those of its key         |
// | that names its channels               | the queue remembers them: later events of the key may name none                  |
// | taken, or given up                    | the next one of the key is due                                                   |
// | not taken                             | tried again; the webhook counts as failing, and after days of that is disabled   |
// | disabled by that                      | an incident, which is over when it is enabled or deleted                         |

const namespace = '2d0e1f0c-7a1b-4b7e-9d55-5c1f0b3a9e64';

// What ingest says in its own words order-core says again; the lock protocol and levels of stock are the fleet's own talk.
const ofIngest: readonly string[] = ['WriteBackSucceeded', 'WriteBackFailed', 'ChannelCancellationTold', 'ChannelCancellationRefused', 'ChannelShipByNear', 'ChannelShipByOver', 'ChannelSessionRefused', 'ChannelSessionRestored'].map((name) => `flotilla.ingest.v1.${name}`);

/** Topics of which others may be told. */
export const hookTopics = [topics.ingest, topics.order, topics.allocation, topics.parcel, topics.tracking, topics.catalogue, topics.settlement, topics.alerts] as const;

/** Every event of which others may be told. */
export const hookTypes: readonly string[] = hookTopics.flatMap((topic) => published[topic] as readonly string[]).filter((type) => !type.startsWith('flotilla.ingest.') || ofIngest.includes(type));

/** The stream of what a webhook is sent of one key. */
export const queueId = (webhookId: string, key: string): string => uuidv5(webhookId, key);

/** An event that came in. */
export interface Said {
  readonly source: { readonly stream: string; readonly version: number; readonly id: string };
  readonly key: string;
  readonly type: string;
  readonly time: string;
  readonly data: unknown;
}

/** The channels that an event names. */
const channelsOf = (data: unknown): readonly string[] => {
  const { channel, orders } = data as { readonly channel?: unknown; readonly orders?: readonly { readonly channel?: unknown }[] };
  return [...new Set([channel, ...(Array.isArray(orders) ? orders.map((order) => (order as { readonly channel?: unknown }).channel) : [])])].filter((one): one is string => typeof one === 'string' && one !== '');
};

/** The queues that an event may go into; by what was known of the webhooks when it was last asked, so that they are loaded with it. */
export const queuesFor = (all: readonly Webhook[], { key, type }: Pick<Said, 'key' | 'type'>): readonly string[] => all.filter((one) => one.state === 'ACTIVE' && (one.channels.length > 0 || wantsType(one, type))).map(({ webhookId }) => queueId(webhookId, key));

/** Queues an event for every webhook that asks for it. `masked` is its data without what is personal. */
export const queueFor = (unit: Unit, said: Said, masked: (data: unknown) => unknown, now: string): void => {
  const named = channelsOf(said.data);
  for (const webhook of unit.state(webhooks, WEBHOOKS).all) {
    if (webhook.state !== 'ACTIVE') continue;
    const wants = wantsType(webhook, said.type);
    const { webhookId, channels } = webhook;
    if (!wants && channels.length === 0) continue;
    const queue = queueId(webhookId, said.key);
    if (channels.length > 0) {
      const mine = named.some((channel) => channels.includes(channel));
      if (mine) unit.run(hookQueue, queue, { type: 'Know', data: { channels: named } });
      const ofMine = named.length > 0 ? mine : unit.state(hookQueue, queue).channels.some((channel) => channels.includes(channel));
      if (!wants || !ofMine) continue;
    }
    const { key, type, time: at } = said;
    const line: Line = { deliveryId: uuidv5(namespace, `${webhookId}/${said.source.id}/${type}`), webhookId, key, type, at, data: masked(said.data) };
    if (webhook.sftp) unit.run(hookQueue, queue, { type: 'Write', data: line });
    else unit.run(hookQueue, queue, { type: 'Queue', data: { ...line, queue, round: 1, queuedAt: now } });
  }
};

/** The stream of the files of a webhook by SFTP: no event has this key. */
export const filesOf = (webhookId: string): string => queueId(webhookId, '');

/** Ends the file that is open, if it is time to: it is sent behind those before it. */
export const closeFile = (unit: Unit, webhookId: string, now: string): void => {
  for (const { type, data } of unit.run(drop, webhookId, { type: 'Close', data: { webhookId, now } })) {
    if (type !== 'FileClosed') continue;
    const [queue, { name, lines }] = [filesOf(webhookId), data];
    const file: FileLines = { closed: unit.version(drop, webhookId), lines };
    unit.run(hookQueue, queue, { type: 'Queue', data: { queue, deliveryId: uuidv5(namespace, `${webhookId}/${name}`), webhookId, key: name, type: 'file', at: now, data: file, round: 1, queuedAt: now } });
  }
};

/** Adds an event that was written down to the file that is open. */
export const addLine = (unit: Unit, { position, line }: { readonly position: number; readonly line: Line }, now: string): void => {
  const { webhookId } = line;
  const sftp = unit.state(webhooks, WEBHOOKS).all.find((one) => one.webhookId === webhookId)?.sftp;
  if (!sftp) return; // deleted meanwhile
  unit.run(drop, webhookId, { type: 'Add', data: { webhookId, position, size: lineOf(line).length, now, everySeconds: sftp.everySeconds } });
  closeFile(unit, webhookId, now);
};

/** Queues a delivery once more, under its old id. */
export const queueAgain = (unit: Unit, old: Delivery, now: string): void => {
  unit.run(hookQueue, old.queue, { type: 'Queue', data: { ...old, round: old.round + 1, queuedAt: now } });
};

const lost = (webhookId: string, time: number) => ({ rule: alarms.webhookDisabled, subject: webhookId, time });

/** A change of a webhook, with the incident that follows from it or ends with it. */
export const changeWebhook = (unit: Unit, command: WebhookCommand, at: string): readonly WebhookEvent[] => {
  const { webhookId } = command.data;
  const host = hostOf(unit.state(webhooks, WEBHOOKS).all.find((one) => one.webhookId === webhookId)?.url ?? '');
  const events = unit.run(webhooks, WEBHOOKS, command);
  for (const { type, data } of events) {
    if (type === 'WebhookDisabled' && data.why !== 'BY_HAND') {
      const gone = data.why === 'GONE';
      raise(unit, lost(webhookId, data.times), {
        zh: `${host} ${gone ? '答复不再接收（410）' : '多日未接收推送'}，Webhook 已停用，其间的事件不会补发：请联系对方，再用 Webhooks/Enable 启用，必要时用 Webhooks/Redeliver 重发`,
        en: `${host} ${gone ? 'says that it takes no more (410)' : 'has taken nothing for days'}: the webhook is disabled, and what happens meanwhile is not sent later; ask them, enable it with Webhooks/Enable, send again what is needed with Webhooks/Redeliver`,
      }, at);
    }
    if ((type === 'WebhookEnabled' || type === 'WebhookDeleted') && data.times > 0) silence(unit, lost(webhookId, data.times), at);
  }
  return events;
};

const hostOf = (url: string): string => /^[a-z]+:\/\/(?:[^/@]*@)?([^/?#]+)/.exec(url)?.[1] ?? url;
