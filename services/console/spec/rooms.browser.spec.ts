import { createHmac, randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { alerts, allocation, connect, ingest, type Client } from '@flotilla/contracts';
import { callFleet, demoEnv, importSeed, type FleetClients } from '@flotilla/demo';
import { launchChromium, root, startStack, type Stack } from '@flotilla/tasks';
import { eventually } from '@flotilla/testing';
import type { Browser, Page } from 'playwright-core';
import { asBefore, openConsole, visiting } from './browser.js';

const LONG = { timeoutMs: 60_000 };
const template = readFileSync(join(root, 'deploy/seed/orders/shopify.json'), 'utf8');

describe('the rooms of the console, used by people', () => {
  let dir: string;
  let stack: Stack;
  let fleet: FleetClients;
  let browser: Browser;
  let page: Page;
  let errors: readonly string[];
  let close: () => Promise<void>;
  const clients: { close(): void }[] = [];
  const client = <Rpc>(of: Parameters<typeof connect<Rpc>>[0], service: string): Client<Rpc> => {
    const one = connect(of, stack.run.grpc[service]!);
    clients.push(one);
    return one;
  };

  let orders = 5_500_000_000_000;
  /** A signed webhook of the shop, as its platform sends it; its order's id there. */
  const order = async (change: (body: string) => string = (body) => body, hoursAgo = 2): Promise<string> => {
    const id = String((orders += 1));
    const shop = stack.run.channels.find(({ platform }) => platform === 'shopify')!;
    const body = change(template.replaceAll('"{id}"', id).replaceAll('{number}', id.slice(-4)).replaceAll('{now}', new Date(Date.now() - hoursAgo * 3_600_000).toISOString()));
    const headers = { 'content-type': 'application/json', 'x-shopify-topic': 'orders/create', 'x-shopify-webhook-id': randomUUID(), 'x-shopify-hmac-sha256': createHmac('sha256', shop.secret).update(body).digest('base64') };
    expect((await fetch(`${stack.run.http['ingest']}/v1/channels/${shop.id}/webhooks`, { method: 'POST', headers, body })).status).toBe(200);
    return id;
  };
  // Above what may be sold without a person's look, so that it waits in audit.
  const dear = (body: string): string => body.replaceAll('"128.00"', '"30000.00"').replaceAll('"256.00"', '"60000.00"').replaceAll('"264.00"', '"60008.00"');

  const { go, shot, seenByAll } = visiting(() => page);

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'flotilla-rooms-'));
    chmodSync(dir, 0o755); // Postgres runs as another user where the test is root
    stack = await startStack({ dir, ports: 'free', console: true, ...demoEnv });
    fleet = callFleet(stack.run.grpc);
    await importSeed(fleet);
    browser = await launchChromium();
    ({ page, errors, close } = await openConsole(browser, stack.run.console!.url, { user: 'admin', password: stack.run.console!.users['admin']! }));
  }, 600_000);
  afterAll(async () => {
    await close?.();
    await browser?.close();
    for (const one of clients) one.close();
    fleet?.close();
    await stack?.stop();
    if (dir) rmSync(dir, { recursive: true, force: true });
  }, 60_000);
  afterEach(() => asBefore(page), 60_000);

  it('OPS-01: stock is adjusted with a reason, and what others do to it is seen without asking', async () => {
    const stock = client(allocation.Stock, 'allocation');
    const level = await eventually(async () => (await stock.list({ sku: 'TEA-LJ-250' })).levels[0] ?? false, LONG);
    await go(`/stock?sku=${level.sku}&warehouse=${level.warehouse}`);
    const row = page.getByRole('row').filter({ hasText: level.sku });
    await row.first().click();
    const side = page.getByRole('dialog');
    await side.getByRole('button', { name: 'Adjust' }).click();
    await side.getByLabel('Change in units').fill('7');
    await side.getByLabel('Reason').first().click();
    await page.getByRole('option', { name: 'Found' }).click();
    await side.getByRole('button', { name: 'Adjust' }).last().click();
    await eventually(async () => expect(await stock.get({ warehouse: level.warehouse, sku: level.sku })).toMatchObject({ onHand: level.onHand + 7 }), LONG);
    const onHand = side.locator('dl.f-pairs').first();
    await eventually(async () => expect(await onHand.innerText()).toContain((level.onHand + 7).toLocaleString('en')), LONG);
    // Somebody else takes three away: the open shelf says so by itself.
    await stock.adjust({ requestId: randomUUID(), warehouse: level.warehouse, sku: level.sku, delta: -3, reason: 'LOST' });
    await eventually(async () => expect(await onHand.innerText()).toContain((level.onHand + 4).toLocaleString('en')), LONG);
    const { movements } = await stock.movements({ warehouse: level.warehouse, sku: level.sku });
    expect(movements.slice(0, 2).map(({ type, cause, actor }) => [type, cause, actor])).toEqual([['ADJUSTED', 'LOST', expect.any(String)], ['ADJUSTED', 'FOUND', 'caller:admin']]);
    await seenByAll('stock-shelf');
  }, 400_000);

  it('OPS-01: an order that was not understood is corrected where it lies, and goes its way', async () => {
    const channelOrders = client(ingest.ChannelOrders, 'ingest');
    const id = await order((body) => body.replaceAll('"264.00"', '"264,00 yuan"'));
    await go('/parked');
    const row = page.getByRole('row').filter({ hasText: id });
    await row.waitFor({ timeout: 60_000 });
    await seenByAll('parked');
    await row.click();
    const side = page.getByRole('dialog');
    const input = side.getByLabel('The whole input');
    await input.waitFor();
    const text = await input.inputValue();
    expect(text).toContain('264,00 yuan');
    // Half a correction is told with its line, and cannot be sent.
    await input.fill(text.replaceAll('"264,00 yuan"', '"264.00'));
    await side.getByText(/No JSON any more, line \d+/).waitFor();
    expect(await side.getByRole('button', { name: 'Replay with the correction' }).isDisabled()).toBe(true);
    await input.fill(text.replaceAll('264,00 yuan', '264.00'));
    await seenByAll('parked-entry');
    await side.getByRole('button', { name: 'Replay with the correction' }).click();
    await eventually(async () => expect((await channelOrders.list({ state: 'PLACED', page: { size: 500 } })).orders.map(({ channelOrderId }) => channelOrderId)).toContain(id), LONG);
    await row.waitFor({ state: 'detached', timeout: 60_000 });
  }, 400_000);

  it('ORD-06, ALR-02: an incident is taken in hand on the board, with a remark in its history', async () => {
    const incidents = client(alerts.Incidents, 'alerts');
    await order(dear);
    const incident = await eventually(async () => (await incidents.list({ rule: 'paid-not-audited', state: 'OPEN' })).incidents[0] ?? false, LONG);
    await go('/incidents');
    const card = page.locator(`[data-incident="${incident.incidentId}"]`);
    await card.waitFor({ timeout: 60_000 });
    await seenByAll('incidents');
    await card.getByRole('button').first().click();
    const side = page.getByRole('dialog');
    await side.getByLabel('Comment').fill('asked the buyer for their papers');
    await side.getByRole('button', { name: 'Comment' }).click();
    await side.getByText('asked the buyer for their papers').waitFor();
    await side.getByRole('button', { name: 'Take in hand' }).click();
    await eventually(async () => expect((await incidents.get({ incidentId: incident.incidentId })).incident).toMatchObject({ state: 'ACKNOWLEDGED', acknowledgedBy: 'admin' }), LONG);
    await seenByAll('incidents-one');
    expect((await incidents.get({ incidentId: incident.incidentId })).steps.find(({ type }) => type === 'COMMENTED')).toMatchObject({ by: 'admin', text: 'asked the buyer for their papers' });
    await page.keyboard.press('Escape');
    await card.getByText('In hand: admin').waitFor({ timeout: 60_000 });
  }, 400_000);

  it('OPS-02: a cell of a dashboard opens the desk with the filter that it was counted by', async () => {
    await Promise.all([order(dear), order(dear), order()]);
    await eventually(async () => expect((await fleet.orders.list({ filter: { waitsFor: ['HOLD'] }, page: { size: 100 } })).orders.length).toBeGreaterThan(1), LONG);
    await page.waitForTimeout(5_500); // figures stand for five seconds
    await go('/dashboards');
    const backlog = page.getByRole('region', { name: 'Backlog by age' });
    await backlog.getByRole('button', { name: /As a table/ }).click();
    const total = backlog.getByRole('row').filter({ hasText: 'A hold' }).getByRole('link').first();
    const counted = Number(await total.innerText());
    // What is behind a warehouse are its articles, and behind those their shelf.
    const sold = page.getByRole('region', { name: 'Sell-through and turnover by warehouse', exact: true });
    await sold.getByRole('row').nth(1).getByRole('button').click();
    await sold.getByRole('columnheader', { name: 'SKU' }).waitFor();
    expect(await sold.getByRole('row').nth(1).getByRole('link').getAttribute('href')).toMatch(/^\/stock\?warehouse=.+&sku=.+/);
    await seenByAll('dashboards');
    await total.click();
    await page.waitForURL(/\/orders\?q=waits%3AHOLD/);
    const { orders: held } = await fleet.orders.list({ filter: { waitsFor: ['HOLD'] }, page: { size: 100 } });
    expect(held).toHaveLength(counted);
    await eventually(async () => expect(await page.getByRole('grid').getByRole('row').count()).toBe(counted + 1), LONG);
  }, 400_000);

  it.each(['/stock', '/stock?tab=frozen', '/locks', '/locks?tab=backorders', '/locks?tab=nodes', '/parked?tab=messages', '/parked?tab=outcomes', '/incidents?tab=rules', '/incidents?tab=policy', '/tracking', '/tracking?tab=troubles', '/statements', '/statements?tab=worklist', '/statements?tab=books', '/dashboards'])('OPS-01: %s can be read by everybody, at a desk and on a phone, in both languages', async (path) => {
    await go(path);
    await page.waitForTimeout(500);
    await seenByAll(path.replace(/\W+/g, '-').slice(1));
    await page.evaluate(`localStorage.setItem('flotilla.locale', 'zh-CN')`);
    await go(path);
    expect(await page.locator('.f-page h1').innerText()).toMatch(/[\u4e00-\u9fff]/);
    await shot(`${path.replace(/\W+/g, '-').slice(1)}-zh`);
    await page.evaluate(`localStorage.setItem('flotilla.locale', 'en')`);
  }, 400_000);

  it('OPS-01: nothing of it has thrown', () => expect(errors).toEqual([]));
});
