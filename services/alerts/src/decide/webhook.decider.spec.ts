import { describe, expect, it } from '@jest/globals';
import { MemoryUnit, specify } from '@flotilla/testing';
import { changeWebhook, hookTypes, queueFor, queueId } from '../coordinate/hooking.js';
import { hookQueue } from './hook-queue.decider.js';
import { signing, wantsType, webhooks, type Wanted, type WebhookCommand, type WebhookEvent } from './webhook.decider.js';

const at = '2026-11-30T08:00:00.000Z';
const hours = (n: number): string => new Date(Date.parse(at) + n * 3_600_000).toISOString();
const webhookId = 'b3b1d8a6-8f1c-5f0e-9a77-1d5f3b2c4e60';
const by = { webhookId, by: 'finance', at };
const wanted: Wanted = { url: 'https://finance.example.org/hooks', description: 'books', types: ['flotilla.order.v1.OrderPaid'], channels: [] };
const create = (change: Partial<Wanted> & { faults?: readonly string[] } = {}) => ({ type: 'Create', data: { ...by, ...wanted, sealed: 's1', known: hookTypes, faults: [], ...change } }) as const;
const created: WebhookEvent = { type: 'WebhookCreated', data: { ...by, ...wanted, sealed: 's1' } };
const missed = (now: string, gone = false): WebhookCommand => ({ type: 'Missed', data: { webhookId, at: now, gone, patienceMs: 72 * 3_600_000 } });
const failing: WebhookEvent = { type: 'WebhookFailing', data: { webhookId, since: at } };
const stateOf = (...events: readonly WebhookEvent[]) => events.reduce(webhooks.evolve, webhooks.initial).all[0]!;

describe('OPS-09: webhooks', () => {
  const { given } = specify(webhooks);

  it('OPS-09: is made of an address and the events that are wanted, once', () => {
    given().when(create()).then(created);
    given(created).when(create()).thenNothing();
  });
  it.each([
    ['no events', { types: [] }],
    ['an event that there is not', { types: ['flotilla.order.v1.OrderPayed'] }],
    ['a package that there is not', { types: ['flotilla.orders.v1.*'] }],
    ['what is the fleet’s own talk', { types: ['flotilla.lock.v1.StockLocked'] }],
    ['an order in ingest’s words, which hold a buyer', { types: ['flotilla.ingest.v1.ChannelOrderReceived'] }],
    ['no channel', { channels: ['Woo EU'] }],
    ['an address that is not allowed', { faults: ['127.0.0.1 is not reached from the internet'] }],
  ])('OPS-09: is refused with %s', (_, change) => given().when(create(change)).thenRefused('BAD_REQUEST'));
  const folder = { url: 'sftp://books@files.example.org/in', sftp: { hostKey: `SHA256:${'A'.repeat(43)}`, everySeconds: 60 } };
  it('OPS-09: may be a folder, whose server is known', () => {
    given().when(create(folder)).then({ type: 'WebhookCreated', data: { ...by, ...wanted, ...folder, sealed: 's1' } });
    expect(stateOf({ type: 'WebhookCreated', data: { ...by, ...wanted, ...folder, sealed: 's1' } })).toMatchObject(folder);
  });
  it.each([
    ['no key of its server', { hostKey: '' }],
    ['half a key of its server', { hostKey: 'SHA256:AAAA' }],
    ['a key that is no SHA-256', { hostKey: 'MD5:16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48' }],
    ['files that never end', { everySeconds: 86_401 }],
    ['files in less than a second', { everySeconds: -1 }],
  ])('OPS-09: a folder is refused with %s', (_, change) => given().when(create({ ...folder, sftp: { ...folder.sftp, ...change } })).thenRefused('BAD_REQUEST'));
  it('OPS-09: a folder stays one, and what is called stays that', () => {
    const update = (change: Partial<Wanted>) => ({ type: 'Update', data: { ...by, ...wanted, known: hookTypes, faults: [], ...change } }) as const;
    const ofFolder: WebhookEvent = { type: 'WebhookCreated', data: { ...by, ...wanted, ...folder, sealed: 's1' } };
    const other = { url: 'sftp://books@other.example.org/in', sftp: { ...folder.sftp, everySeconds: 3_600 } };
    given(ofFolder).when(update(other)).then({ type: 'WebhookUpdated', data: { ...by, ...wanted, ...other } });
    expect(stateOf(ofFolder, { type: 'WebhookUpdated', data: { ...by, ...wanted, ...other } })).toMatchObject(other);
    given(ofFolder).when(update({})).thenRefused('BAD_REQUEST');
    given(created).when(update(folder)).thenRefused('BAD_REQUEST');
  });
  it('OPS-09: there are twenty at most', () => {
    const others = Array.from({ length: 20 }, (_, n): WebhookEvent => ({ type: 'WebhookCreated', data: { ...by, ...wanted, webhookId: `w-${n}`, sealed: 's' } }));
    given(...others).when(create()).thenRefused('TOO_LARGE');
  });
  it('OPS-09: a new secret signs beside the old one for as long as it was said, and no third does', () => {
    const rotated = (sealed: string, oldUntil: string): WebhookEvent => ({ type: 'WebhookSecretRotated', data: { ...by, sealed, oldUntil } });
    given(created).when({ type: 'Rotate', data: { ...by, sealed: 's2', keepHours: 24 } }).then(rotated('s2', hours(24)));
    given(created).when({ type: 'Rotate', data: { ...by, sealed: 's2', keepHours: 169 } }).thenRefused('BAD_REQUEST');
    expect([at, hours(23), hours(24)].map((now) => signing(stateOf(created, rotated('s2', hours(24))), now))).toEqual([['s2', 's1'], ['s2', 's1'], ['s2']]);
    expect(signing(stateOf(created, rotated('s2', hours(24)), rotated('s3', hours(24))), at)).toEqual(['s3', 's2']);
    expect(signing(stateOf(created, rotated('s2', at)), at)).toEqual(['s2']);
  });
  it('OPS-09: after days without a delivery that was taken it is disabled; one that says that it is gone at once', () => {
    given(created).when(missed(at)).then(failing);
    given(created, failing).when(missed(hours(71))).thenNothing();
    given(created, failing).when(missed(hours(72))).then({ type: 'WebhookDisabled', data: { webhookId, why: 'FAILING', times: 1, by: 'receiver', at: hours(72) } });
    given(created, failing).when({ type: 'Took', data: { webhookId, at: hours(1) } }).then({ type: 'WebhookRecovered', data: { webhookId, at: hours(1) } });
    given(created).when({ type: 'Took', data: { webhookId, at } }).thenNothing();
    given(created).when(missed(at, true)).then({ type: 'WebhookDisabled', data: { webhookId, why: 'GONE', times: 1, by: 'receiver', at } });
  });
  it('OPS-09: a package stands for all of its events', () => {
    expect(wantsType({ types: ['flotilla.order.v1.*'] }, 'flotilla.order.v1.OrderPaid')).toBe(true);
    expect(wantsType({ types: ['flotilla.order.v1.*'] }, 'flotilla.orders.v1.OrderPaid')).toBe(false);
    expect(wantsType({ types: ['flotilla.order.v1.OrderPaid'] }, 'flotilla.order.v1.OrderPaidBack')).toBe(false);
  });
  it('OPS-09: what is disabled by failing is an incident, over when it is enabled or deleted', () => {
    const unit = new MemoryUnit();
    changeWebhook(unit, create(), at);
    changeWebhook(unit, missed(at), at);
    changeWebhook(unit, missed(hours(73)), at);
    expect(unit.of('IncidentRaised')).toMatchObject([{ rule: 'webhook-disabled', subjectKind: 'WEBHOOK', subjectId: webhookId }]);
    expect(JSON.stringify(unit.of('IncidentRaised'))).toContain('finance.example.org');
    changeWebhook(unit, { type: 'Enable', data: by }, at);
    expect(unit.of('IncidentCleared')).toHaveLength(1);
    changeWebhook(unit, missed(at, true), at);
    expect(unit.of('IncidentRaised')).toHaveLength(2);
    changeWebhook(unit, { type: 'Delete', data: by }, at);
    expect(unit.of('IncidentCleared')).toHaveLength(2);
    changeWebhook(unit, create(), at);
    changeWebhook(unit, { type: 'Disable', data: by }, at);
    expect(unit.of('IncidentRaised')).toHaveLength(2);
  });
});

describe('OPS-09: who is sent an event', () => {
  const said = (n: number, type: string, data: object) => ({ source: { stream: 'order-1', version: n, id: `e${n}` }, key: 'o-1', type, time: at, data });
  const world = (channels: readonly string[], types = ['flotilla.order.v1.OrderPaid']) => {
    const unit = new MemoryUnit();
    changeWebhook(unit, { ...create(), data: { ...create().data, types, channels } }, at);
    return { unit, hear: (n: number, type: string, data: object) => queueFor(unit, said(n, type, data), (value) => value, at), sent: () => unit.state(hookQueue, queueId(webhookId, 'o-1')).waiting.map((one) => one.type) };
  };

  it('OPS-09: whoever asks for its type', () => {
    const { hear, sent } = world([]);
    hear(1, 'flotilla.order.v1.OrderPlaced', { orderId: 'o-1', channel: 'woo-eu' });
    hear(2, 'flotilla.order.v1.OrderPaid', { orderId: 'o-1' });
    expect(sent()).toEqual(['flotilla.order.v1.OrderPaid']);
  });
  it('OPS-09: whoever asks for its channel, also where only an earlier event of its key named that', () => {
    const { hear, sent } = world(['woo-eu']);
    hear(1, 'flotilla.order.v1.OrderPaid', { orderId: 'o-1' });
    expect(sent()).toEqual([]);
    hear(2, 'flotilla.order.v1.OrderPlaced', { orderId: 'o-1', channel: 'woo-eu' });
    hear(3, 'flotilla.order.v1.OrderPaid', { orderId: 'o-1' });
    expect(sent()).toEqual(['flotilla.order.v1.OrderPaid']);
  });
  it('OPS-09: not who asks for another channel', () => {
    const { hear, sent } = world(['woo-us'], ['flotilla.order.v1.*', 'flotilla.tracking.v1.*']);
    hear(1, 'flotilla.order.v1.OrderPlaced', { orderId: 'o-1', channel: 'woo-eu' });
    hear(2, 'flotilla.tracking.v1.MilestoneReached', { parcelId: 'p', orders: [{ orderId: 'o-1', channel: 'woo-eu' }] });
    expect(sent()).toEqual([]);
  });
});
