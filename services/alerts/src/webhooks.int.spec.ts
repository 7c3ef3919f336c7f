import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { alerts as api } from '@flotilla/contracts';
import { eventually } from '@flotilla/testing';
import { Webhook } from 'standardwebhooks';
import { golden, HookWorld, now, SLOW } from '../spec/hook-world.js';
import { startPeople, type People } from '../spec/people.js';

interface Taken {
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly repeat: boolean;
}

describe('webhooks of other systems, by the service as it is built, on real Postgres and Kafka', () => {
  let people: People;
  const world = new HookWorld();

  const placed = (orderId: string, channel = 'woo-eu'): Promise<void> => world.say('OrderPlaced', orderId, { ...golden('flotilla.order.v1.OrderPlaced'), orderId, channel });
  const paid = (orderId: string): Promise<void> => world.say('OrderPaid', orderId, { ...golden('flotilla.order.v1.OrderPaid'), orderId });
  const approved = (orderId: string): Promise<void> => world.say('OrderApproved', orderId, { ...golden('flotilla.order.v1.OrderApproved'), orderId });
  const subscribe = (name: string, more: Partial<api.CreateWebhookRequest> = {}): Promise<api.WebhookSecret> =>
    world.hooks.create({ requestId: randomUUID(), url: `${people.url}/hooks/${name}`, description: name, types: ['flotilla.order.v1.*'], channels: [], ...more });
  const taken = async (name: string): Promise<readonly Taken[]> => ((await (await fetch(`${people.url}/_control/hooks`)).json()) as { taken: readonly Taken[] }).taken.filter((one) => one.name === name);
  const kinds = async (name: string): Promise<readonly string[]> => (await taken(name)).map(({ text }) => (JSON.parse(text) as { type: string }).type.split('.').at(-1)!);
  const end = ({ webhook }: Pick<api.WebhookSecret, 'webhook'>): Promise<void> => world.end(webhook.webhookId);
  const lost = async (webhookId: string, state: string): Promise<void> =>
    eventually(async () => expect((await world.incidents.list({ page: { size: 100, token: '' }, state })).incidents.filter(({ rule, subjectId }) => rule === 'webhook-disabled' && subjectId === webhookId)).toHaveLength(1), SLOW);

  beforeAll(async () => {
    people = await startPeople();
    await world.open();
  }, 90_000);
  afterEach(() => people.calm());
  afterAll(async () => {
    await world.close();
    await people?.close();
  }, 60_000);

  it('OPS-09: events of a key come in order, signed, through a lost and a broken answer, each under one id; nothing in them is personal', async () => {
    const books = await subscribe('books');
    const [orderId, other] = [randomUUID(), randomUUID()];
    await people.fault({ target: 'hooks', kind: 'error-500-after-effect', count: 1, operation: 'books' });
    await placed(orderId);
    await paid(orderId);
    await eventually(async () => expect(await kinds('books')).toEqual(['OrderPlaced']), SLOW);
    // What comes of another order does not wait for it.
    await placed(other);
    await eventually(async () => expect(await kinds('books')).toEqual(['OrderPlaced', 'OrderPlaced']), SLOW);
    await eventually(async () => expect((await kinds('books')).slice(2)).toEqual(['OrderPlaced', 'OrderPaid']), SLOW);
    await people.fault({ target: 'hooks', kind: 'reset', count: 1, operation: 'books' });
    await approved(orderId);
    await eventually(async () => expect((await kinds('books')).slice(4)).toEqual(['OrderApproved']), SLOW);

    const all = await taken('books');
    expect(all.map(({ repeat }) => repeat)).toEqual([false, false, true, false, false]);
    expect(all[2]!.headers['webhook-id']).toBe(all[0]!.headers['webhook-id']);
    expect(all[2]!.text).toBe(all[0]!.text);
    const oracle = new Webhook(books.secret);
    for (const { text, headers } of all) {
      const body = oracle.verify(text, headers) as { type: string; timestamp: string; data: object };
      expect(body).toMatchObject({ timestamp: now, data: { orderId: expect.any(String) } });
      expect(text).not.toContain('sealed.v1');
      expect(headers).toMatchObject({ 'content-type': 'application/json' });
    }
    expect(() => oracle.verify(all[0]!.text.replace('woo-eu', 'woo-us'), all[0]!.headers)).toThrow();
    await eventually(async () => expect((await world.deliveries(books.webhook.webhookId)).map(({ type, state, attempts, key }) => [type.split('.').at(-1), state, attempts, key])).toEqual([
      ['OrderApproved', 'DELIVERED', 2, orderId], ['OrderPlaced', 'DELIVERED', 1, other], ['OrderPaid', 'DELIVERED', 1, orderId], ['OrderPlaced', 'DELIVERED', 2, orderId],
    ]), SLOW);
    expect(await world.hooks.get({ webhookId: books.webhook.webhookId })).toMatchObject({ state: 'ACTIVE', failingSince: '' });
    await end(books);
  }, 120_000);

  it('OPS-09: a secret is shown once, to a repeat of its request as well, is kept nowhere in clear, and another one comes into force beside it', async () => {
    const request = { requestId: randomUUID(), url: `${people.url}/hooks/keys`, description: '', types: ['flotilla.order.v1.OrderPaid'], channels: [] };
    const { webhook: { webhookId }, secret } = await world.hooks.create(request);
    expect((await world.hooks.create(request)).secret).toBe(secret);
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(JSON.stringify([await world.hooks.get({ webhookId }), await world.hooks.list({}), await world.hooks.listDeliveries({ page: { size: 10, token: '' }, webhookId, state: '' })])).not.toContain('whsec_');
    const next = await world.hooks.rotateSecret({ requestId: randomUUID(), webhookId, keepHours: 24 });
    expect(Date.parse(next.webhook.oldSecretUntil)).toBeGreaterThan(Date.now());
    await paid(randomUUID());
    await eventually(async () => expect(await taken('keys')).toHaveLength(1), SLOW);
    const [both] = await taken('keys');
    for (const one of [secret, next.secret]) expect(new Webhook(one).verify(both!.text, both!.headers)).toMatchObject({ type: 'flotilla.order.v1.OrderPaid' });
    const third = await world.hooks.rotateSecret({ requestId: randomUUID(), webhookId, keepHours: 0 });
    await paid(randomUUID());
    await eventually(async () => expect(await taken('keys')).toHaveLength(2), SLOW);
    const last = (await taken('keys'))[1]!;
    expect(new Webhook(third.secret).verify(last.text, last.headers)).toBeDefined();
    for (const one of [secret, next.secret]) expect(() => new Webhook(one).verify(last.text, last.headers)).toThrow();
    const { rows } = await world.db.pool.query<{ n: string }>(`SELECT count(*) AS n FROM es.event WHERE data::text LIKE '%whsec_%' OR data::text LIKE $1`, [`%${secret.slice('whsec_'.length)}%`]);
    expect(Number(rows[0]!.n)).toBe(0);
    await end({ webhook: third.webhook });
  }, 90_000);

  it('OPS-09: killed -9 while it is sent, it is sent again under its id by whoever comes after, and what waited follows', async () => {
    const crash = await subscribe('crash');
    const orderId = randomUUID();
    await people.fault({ target: 'hooks', kind: 'timeout-after-effect', count: 1, operation: 'crash' });
    await placed(orderId);
    await paid(orderId);
    await eventually(async () => expect(await kinds('crash')).toEqual(['OrderPlaced']), SLOW);
    await world.kill();
    await world.start();
    await eventually(async () => expect(await kinds('crash')).toEqual(['OrderPlaced', 'OrderPlaced', 'OrderPaid']), { timeoutMs: 90_000 });
    const all = await taken('crash');
    expect([all.map(({ repeat }) => repeat), all[0]!.headers['webhook-id'] === all[1]!.headers['webhook-id']]).toEqual([[false, true, false], true]);
    for (const { text, headers } of all) expect(new Webhook(crash.secret).verify(text, headers)).toBeDefined();
    await eventually(async () => expect((await world.deliveries(crash.webhook.webhookId)).map(({ state, attempts }) => [state, attempts])).toEqual([['DELIVERED', 1], ['DELIVERED', 2]]), SLOW);
    await end(crash);
  }, 180_000);

  it('OPS-09: a receiver that says that it is gone is disabled at once, with an incident; enabled again it is sent what is new, and what is asked for', async () => {
    const gone = await subscribe('gone');
    const { webhookId } = gone.webhook;
    const [first, missed, later] = [randomUUID(), randomUUID(), randomUUID()];
    await people.fault({ target: 'hooks', kind: 'refuse', count: 1, operation: 'gone' });
    await paid(first);
    await eventually(async () => expect(await world.hooks.get({ webhookId })).toMatchObject({ state: 'DISABLED', disabledWhy: 'GONE' }), SLOW);
    await lost(webhookId, 'OPEN');
    await eventually(async () => expect((await world.deliveries(webhookId)).map(({ state, detail }) => [state, detail])).toEqual([['DROPPED', '']]), SLOW);
    await paid(missed);
    const other = await subscribe('beside');
    await placed(missed);
    // What comes later of the same key was heard: so was what is missed.
    await eventually(async () => expect(await kinds('beside')).toContain('OrderPlaced'), SLOW);
    await world.hooks.enable({ requestId: randomUUID(), webhookId });
    await lost(webhookId, 'CLEARED');
    await paid(later);
    await eventually(async () => expect(await taken('gone')).toHaveLength(1), SLOW);
    const [dropped] = await world.deliveries(webhookId, 'DROPPED');
    expect(await world.hooks.redeliver({ requestId: randomUUID(), deliveryId: dropped!.deliveryId })).toMatchObject({ deliveryId: dropped!.deliveryId, key: first, state: 'PENDING' });
    await eventually(async () => expect((await taken('gone')).map(({ headers }) => headers['webhook-id'])).toContain(dropped!.deliveryId), SLOW);
    await eventually(async () => expect((await world.deliveries(webhookId)).every(({ state }) => state === 'DELIVERED')).toBe(true), SLOW);
    expect((await taken('gone')).map(({ text }) => (JSON.parse(text) as { data: { orderId: string } }).data.orderId)).toEqual([later, first]);
    await Promise.all([end(gone), end(other)]);
  }, 120_000);

  it('OPS-09: one that takes nothing for as long as we have patience is disabled, with an incident', async () => {
    const failing = await subscribe('failing');
    const { webhookId } = failing.webhook;
    await people.fault({ target: 'hooks', kind: 'error-500', count: 2, operation: 'failing' });
    await paid(randomUUID());
    await eventually(async () => expect((await world.hooks.get({ webhookId })).failingSince).not.toBe(''), SLOW);
    await eventually(async () => expect(await world.hooks.get({ webhookId })).toMatchObject({ state: 'DISABLED', disabledWhy: 'FAILING' }), SLOW);
    await lost(webhookId, 'OPEN');
    expect((await world.deliveries(webhookId))[0]).toMatchObject({ state: 'PENDING', attempts: 2, detail: 'HTTP 500' });
    expect(await (await fetch(`${world.http}/metrics`)).text()).toMatch(/flotilla_alerts_webhook_attempts_total\{[^}]*outcome="failed"[^}]*\} [1-9]/);
    await end(failing);
    await lost(webhookId, 'CLEARED');
  }, 90_000);

  it('OPS-09: channels choose, also where an event names none', async () => {
    const mine = await subscribe('mine', { channels: ['woo-eu'] });
    const [orderId, foreign] = [randomUUID(), randomUUID()];
    await placed(foreign, 'woo-us');
    await paid(foreign);
    await placed(orderId);
    await paid(orderId);
    await eventually(async () => expect(await kinds('mine')).toEqual(['OrderPlaced', 'OrderPaid']), SLOW);
    for (const { text } of await taken('mine')) expect((JSON.parse(text) as { data: { orderId: string } }).data.orderId).toBe(orderId);
    await end(mine);
  }, 60_000);

  it('OPS-09: no address inside the house is taken, and no redirect is followed to one', async () => {
    for (const url of ['http://10.0.0.1/', 'https://169.254.169.254/latest', `https://[::1]:1/`, 'file:///etc/passwd', 'https://user:pass@example.org/']) await expect(subscribe('never', { url })).rejects.toMatchObject({ details: expect.stringMatching(/url|reached/) });
    const moved = await subscribe('moved', { url: `${people.url}/moved/moved` });
    await paid(randomUUID());
    await eventually(async () => expect((await world.deliveries(moved.webhook.webhookId))[0]).toMatchObject({ state: 'PENDING', attempts: 1, detail: 'HTTP 307' }), SLOW);
    expect(await taken('moved')).toEqual([]);
    await end(moved);
    await expect(world.hooks.update({ requestId: randomUUID(), webhookId: moved.webhook.webhookId, url: people.url, description: '', types: ['flotilla.order.v1.OrderPaid'], channels: [] })).rejects.toMatchObject({ details: expect.stringContaining('there is no webhook') });
  }, 60_000);
});
