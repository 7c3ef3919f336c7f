import { createHmac, randomInt, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { root } from '@flotilla/tasks';
import { eventually } from '@flotilla/testing';
import { orderIdOf } from '@flotilla/values';
import { startTestFleet, type TestFleet } from '../../../deploy/demo/src/harness.ts';

const channel = 'shopify-demo';
const number = String(randomInt(2 ** 40, 2 ** 47));
const orderId = orderIdOf(channel, number);
const patience = { timeoutMs: 60_000, everyMs: 200 };
const orders = (method: string): string => `/api/rpc/flotilla.order.v1.Orders/${method}`;

interface Shown {
  readonly state: string;
  readonly waitsFor: string;
  readonly holds: readonly { readonly holdId: string; readonly type: string }[];
  readonly shipTo: { readonly name: string; readonly city: string };
}

describe('the console before a fleet', () => {
  let fleet: TestFleet;
  let url: string;
  let ask: (who: string, path: string, body?: unknown) => Promise<Response>;
  let pushed = '';
  const cookies = new Map<string, string>();
  const shown = async (): Promise<Shown> => (await (await ask('operator', orders('Get'), { orderId })).json()) as Shown;

  beforeAll(async () => {
    fleet = await startTestFleet({ console: true });
    const { url: at, users } = fleet.stack.run.console!;
    url = at;
    const ours = { origin: url, 'x-flotilla-console': '1' };
    for (const [user, password] of Object.entries(users)) {
      const answer = await fetch(`${url}/api/session`, { method: 'POST', headers: ours, body: JSON.stringify({ user, password }) });
      cookies.set(user, answer.headers.getSetCookie()[0]?.split(';')[0] ?? '');
    }
    ask = (who, path, body) =>
      fetch(`${url}${path}`, { headers: { cookie: cookies.get(who)!, ...ours }, ...(body === undefined ? {} : { method: 'POST', body: body instanceof Uint8Array ? (body as unknown as string) : JSON.stringify(body) }) });
  }, 180_000);
  afterAll(() => fleet?.stop(), 60_000);

  it('OPS-01, ALC-15: a new user brings warehouses, catalogue, stock and rate cards through it', async () => {
    const bring = async (method: string, file: string): Promise<unknown> => (await ask('admin', `/api/files/${method}`, readFileSync(join(root, 'deploy', 'seed', file)))).json();
    expect(await bring('flotilla.allocation.v1.Warehouses/Import', 'warehouses.csv')).toMatchObject({ refused: 0, errors: [] });
    expect(await bring('flotilla.allocation.v1.Catalogue/Import', 'skus.csv')).toMatchObject({ refused: 0, errors: [] });
    expect(await bring('flotilla.allocation.v1.Stock/Import', 'stock.csv')).toMatchObject({ refused: 0, errors: [] });
    expect(await bring('flotilla.carrier.v1.RateCards/Import', 'rate-cards.csv')).toMatchObject({ refused: 0, errors: [] });
    const { levels } = (await (await ask('viewer', '/api/rpc/flotilla.allocation.v1.Stock/List', { page: { size: 500 } })).json()) as { levels: readonly { onHand: number }[] };
    expect(levels.length).toBeGreaterThan(5);
  }, 60_000);

  it('OPS-01: an order comes by itself, told as it is written', async () => {
    const events = await ask('operator', '/api/events');
    const reader = events.body!.pipeThrough(new TextDecoderStream()).getReader();
    void (async () => {
      for (let part = await reader.read(); !part.done; part = await reader.read()) pushed += part.value;
    })().catch(() => undefined);
    await eventually(() => expect(pushed).toContain('event: hello'), patience);
    const body = readFileSync(join(root, 'deploy', 'seed', 'orders', 'shopify.json'), 'utf8').replaceAll('"{id}"', number).replaceAll('{number}', '81000').replaceAll('{now}', new Date().toISOString());
    const { secret } = fleet.stack.run.channels.find(({ id }) => id === channel)!;
    const headers = {
      'content-type': 'application/json', 'x-shopify-topic': 'orders/create', 'x-shopify-shop-domain': `${channel}.myshopify.com`, 'x-shopify-api-version': '2025-10', 'x-shopify-webhook-id': randomUUID(),
      'x-shopify-triggered-at': new Date().toISOString(), 'x-shopify-hmac-sha256': createHmac('sha256', secret).update(body).digest('base64'),
    };
    expect((await fetch(`${fleet.stack.run.http['ingest']}/v1/channels/${channel}/webhooks`, { method: 'POST', headers, body })).status).toBeLessThan(300);
    await eventually(() => expect(pushed).toContain(`"stream":"order-${orderId}"`), patience);
    expect(pushed).toContain('"service":"order-core"');
    await eventually(async () => expect((await ask('viewer', orders('Get'), { orderId })).status).toBe(200), patience);
    await reader.cancel();
  }, 120_000);

  it('OPS-01: a hold, pressed twice, is one; it stands in the history with the person, and is released', async () => {
    const hold = { requestId: randomUUID(), orderId, type: 'MANUAL', reason: 'the buyer called' };
    const [one, again] = await Promise.all([ask('operator', orders('Hold'), hold), ask('operator', orders('Hold'), hold)]);
    expect([one.status, again.status]).toEqual([200, 200]);
    const { holds } = await shown();
    expect(holds).toMatchObject([{ type: 'MANUAL' }]);
    const { events } = (await (await ask('operator', orders('History'), { orderId })).json()) as { events: readonly { type: string; actor: string; reason: string }[] };
    expect(events.filter(({ type }) => type === 'OrderHeld')).toMatchObject([{ actor: 'caller:operator' }]);
    expect((await ask('operator', orders('Release'), { requestId: randomUUID(), orderId, holdId: holds[0]!.holdId, reason: 'all is well' })).status).toBe(200);
    expect((await shown()).holds).toEqual([]);
    // What it is past already says why not.
    await eventually(async () => {
      const approve = await ask('operator', orders('Approve'), { requestId: randomUUID(), orderId });
      expect([approve.status, ((await approve.json()) as { reason?: string }).reason]).toEqual([409, 'NOT_AUDITABLE']);
    }, patience);
  }, 120_000);

  it('OPS-07: a viewer sees the order, but nobody’s name and no button; an operator sees it once it is asked for', async () => {
    const viewer = (await (await ask('viewer', orders('Get'), { orderId })).json()) as Shown;
    expect(viewer.shipTo.name).toMatch(/^\S\*\*\*/u);
    expect((await ask('viewer', orders('Cancel'), { requestId: randomUUID(), orderId, reason: 'x' })).status).toBe(403);
    const revealed = (await (await ask('operator', '/api/reveal', { method: 'flotilla.order.v1.Orders/Get', request: { orderId }, reason: 'the courier asks' })).json()) as Shown;
    expect(revealed.shipTo.name).not.toContain('*');
    const logs = fleet.logs();
    expect(logs).toContain('personal data was shown in clear');
    expect(logs).toContain('the courier asks');
    expect(logs.includes(revealed.shipTo.name)).toBe(false);
  }, 60_000);

  it('OPS-01: the console ends in order while pages are open', async () => {
    const events = await ask('viewer', '/api/events');
    const started = performance.now();
    await fleet.stack.console!.stop();
    expect(performance.now() - started).toBeLessThan(8_000);
    expect(await events.text()).toContain('event: hello');
    await fleet.stack.console!.start();
    expect((await ask('viewer', '/api/session')).status).toBe(200);
  }, 60_000);
});
