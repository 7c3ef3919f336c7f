import { randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, order, type Client } from '@flotilla/contracts';
import { callFleet, demoEnv, importSeed, type FleetClients } from '@flotilla/demo';
import { launchChromium, startSink, startStack, type Sink, type Stack } from '@flotilla/tasks';
import { eventually } from '@flotilla/testing';
import { orderIdOf } from '@flotilla/values';
import type { Browser, Page } from 'playwright-core';
import { accessibilityFaults, asBefore, openConsole, patientMs, visiting } from './browser.js';
import { signedShop } from './signed-shop.js';

const channel = 'live-shop';
const secret = 'a secret of the live shop';
/** The measure is 5,000; every run of the specs need not take so long. */
const many = Number(process.env['FLOTILLA_DESK_BULK'] ?? 250);
const patience = { timeoutMs: 90_000, everyMs: 250 };

describe('the order desk, used by people', () => {
  let dir: string;
  let sink: Sink | undefined;
  let stack: Stack;
  let fleet: FleetClients;
  let operations: Client<order.OperationsRpc>;
  let browser: Browser;
  let page: Page;
  let errors: readonly string[] = [];
  let url: string;

  const { go, seenByAll } = visiting(() => page);
  /** Signed by the shop, taken in and placed; a quantity of 900 costs more than the risk limit. */
  const placed = async (number: string, quantity = 1): Promise<string> => {
    expect(await signedShop.post(stack.run.http['ingest']!, channel, secret, signedShop.order(number, [['TEA-LJ-250', quantity]]))).toBe(200);
    return orderIdOf(channel, number);
  };
  const known = (orderId: string): Promise<order.Order> => eventually(() => fleet.orders.get({ orderId }), patience);
  const query = async (text: string): Promise<void> => {
    await page.getByLabel('Filter orders').fill(text);
    await page.getByLabel('Filter orders').press('Enter');
  };
  /** What stands in the field: the address changes first, the page follows it. */
  const filters = (text: string): Promise<unknown> => eventually(async () => expect(await page.getByLabel('Filter orders').inputValue()).toBe(text), patience);
  const rows = (): ReturnType<Page['locator']> => page.locator('.f-row:not([data-ghost])');
  const doItNow = (): Promise<void> => page.getByRole('button', { name: 'Do it now' }).click();

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'flotilla-desk-'));
    chmodSync(dir, 0o755); // Postgres runs as another user where the test is root
    sink = await startSink({ file: join(dir, 'spans.ndjson') }); // without tracing an event has no trace to show
    stack = await startStack({ dir, ports: 'free', console: true, otlp: sink.endpoint, ...demoEnv });
    fleet = callFleet(stack.run.grpc);
    operations = connect(order.Operations, stack.run.grpc['order-core']!);
    await importSeed(fleet);
    await fleet.channels.connect({ requestId: randomUUID(), id: channel, platform: 'generic', name: channel, secret, apiUrl: '', apiToken: '' });
    await fleet.mappings.put({ requestId: randomUUID(), channel, mapping: signedShop.mapping });
    url = stack.run.console!.url;
    browser = await launchChromium();
    ({ page, errors } = await openConsole(browser, url, { user: 'operator', password: stack.run.console!.users['operator']! }));
    await page.addInitScript(() => localStorage.setItem('flotilla.tour', 'seen'));
  }, 600_000);
  afterAll(async () => {
    await browser?.close();
    operations?.close();
    fleet?.close();
    await stack?.stop();
    await sink?.stop();
    rmSync(dir, { recursive: true, force: true });
  }, 60_000);
  afterEach(() => asBefore(page), 60_000);

  it('OPS-07: whoever is not signed in sees the way in, which tells nobody what was wrong', async () => {
    const context = await browser.newContext({ baseURL: url, locale: 'en-GB' });
    context.setDefaultTimeout(patientMs);
    const stranger = await context.newPage();
    await stranger.goto('/orders');
    await stranger.getByLabel('User').fill('operator');
    await stranger.getByRole('textbox', { name: 'Password' }).fill('a guess');
    await stranger.getByRole('button', { name: 'Sign in' }).click();
    await stranger.getByText('The user or the password is wrong').waitFor();
    expect(await accessibilityFaults(stranger)).toEqual([]);
    await stranger.getByRole('textbox', { name: 'Password' }).fill(stack.run.console!.users['operator']!);
    await stranger.getByRole('button', { name: 'Sign in' }).click();
    // One comes where one wanted to go, and is shown around once.
    await stranger.getByRole('heading', { name: 'Orders', exact: true }).waitFor();
    expect(new URL(stranger.url()).pathname).toBe('/orders');
    await context.close();
  }, 400_000);

  it('OPS-01: an operator finds an order by its number, sees why it waits, and moves it', async () => {
    const orderId = await placed('FIND-1', 900);
    await known(orderId);
    await go('/orders');
    await page.keyboard.press('/');
    await page.keyboard.type('FIND-1');
    await page.keyboard.press('Enter');
    await eventually(() => expect(new URL(page.url()).searchParams.get('q')).toBe('FIND-1'), patience);
    await eventually(async () => {
      const found = await rows().allInnerTexts();
      expect(found).toEqual([expect.stringContaining('FIND-1')]);
      expect(found[0]).toContain('hold: Risk');
    }, patience);
    // The list from before the question had the same single order; a cursor in it goes with it.
    await eventually(async () => {
      await page.keyboard.press('j');
      await page.keyboard.press('Enter');
      expect(new URL(page.url()).pathname).toBe(`/orders/${orderId}`);
    }, patience);
    const why = page.getByTestId('why');
    await why.getByText('Waits for hold: Risk').waitFor();
    expect(await why.innerText()).toContain('the total reaches');
    // What may not be done says why.
    await page.getByRole('button', { name: 'Why not?' }).click();
    await page.getByText('nothing of order', { exact: false }).first().waitFor();
    await page.keyboard.press('Escape');
    await seenByAll('order-held');
    await page.keyboard.press('e');
    await doItNow();
    // It is shown what became of it without anybody asking again.
    await eventually(async () => expect(await page.getByTestId('timeline').innerText()).toContain('Approved'), patience);
    await eventually(async () => expect((await fleet.orders.get({ orderId })).holds).toEqual([]), patience);
    expect(await page.getByTestId('timeline').innerText()).toContain('operator');
  }, 400_000);

  it('OPS-01, ORD-12: an order whole: warehouse with its reasons, parcel, events with what they changed, and how it stood before', async () => {
    const orderId = await placed('WHOLE-1');
    await eventually(async () => expect((await fleet.orders.get({ orderId })).fulfilments[0]?.waybill).not.toBe(''), patience);
    await go(`/orders/${orderId}`);
    await page.getByText('Why this warehouse').first().waitFor();
    await page.getByRole('columnheader', { name: 'Candidate' }).first().waitFor();
    const events = page.locator('.f-event');
    await events.last().click();
    await page.getByRole('columnheader', { name: 'What changed' }).waitFor();
    await page.getByRole('button', { name: /^Trace: [\da-f]{32}$/ }).first().waitFor();
    await seenByAll('order-whole');
    for (let n = 0; n < 3; n += 1) await page.keyboard.press('[');
    await page.getByText('You see the order as it was', { exact: false }).waitFor();
    expect(new URL(page.url()).searchParams.get('at')).toMatch(/^\d+$/);
    expect(await page.getByTestId('actions').count()).toBe(0);
    await page.getByRole('button', { name: 'Back to now' }).click();
    await page.getByTestId('actions').waitFor();
  }, 400_000);

  it('OPS-07: personal data is masked, shown to whoever says why, and hidden again', async () => {
    await go(`/orders/${orderIdOf(channel, 'WHOLE-1')}`);
    const buyer = page.getByRole('region', { name: 'Buyer and address' });
    await buyer.getByText('林***').waitFor();
    await buyer.getByRole('button', { name: 'Show in clear' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Reason').fill('the courier asks');
    await dialog.getByRole('button', { name: 'Show in clear' }).click();
    await buyer.getByText('林晓雨').waitFor();
    await buyer.getByRole('button', { name: 'Hide' }).click();
    expect(await buyer.innerText()).not.toContain('林晓雨');
  }, 400_000);

  it('OPS-01: what was pressed can be undone before it leaves', async () => {
    const orderId = await placed('UNDO-1', 900);
    await known(orderId);
    await go(`/orders/${orderId}`);
    await page.getByTestId('why').waitFor();
    await page.keyboard.press('h');
    await page.getByRole('dialog').getByRole('button', { name: 'Hold' }).click();
    await page.getByText('leaves in', { exact: false }).first().waitFor();
    await page.keyboard.press('z');
    await page.getByText('Undone: Hold: UNDO-1').waitFor();
    await page.waitForTimeout(11_000);
    expect((await fleet.orders.get({ orderId })).holds.map(({ type }) => type)).toEqual(['RISK']);
  }, 400_000);

  it('OPS-01: a query is one text: typed, as chips, in the address; what is wrong in it is said where', async () => {
    await go('/orders');
    await query('state:AUDITNG');
    await page.getByRole('alert').filter({ hasText: 'state has no value AUDITNG' }).waitFor();
    await query(`state:AUDITING channel:${channel}`);
    await rows().first().waitFor();
    await page.getByRole('button', { name: 'Remove state: In audit' }).click();
    await eventually(() => expect(new URL(page.url()).searchParams.get('q')).toBe(`channel:${channel}`), patience);
    await filters(`channel:${channel}`);
    // Whom one asks for stays out of the address.
    await query('buyer:+8613912345678');
    await rows().first().waitFor();
    expect(page.url()).not.toContain('139');
    await page.reload();
    await filters('buyer:+8613912345678');
  }, 400_000);

  it('ORD-11: a view is saved, shows that it was edited, and is put back', async () => {
    await go('/orders');
    await query(`channel:${channel} waiting>1s`);
    await page.getByRole('button', { name: 'Save as…' }).click();
    await page.getByLabel('Name of the view').fill('Waits here');
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    const tab = page.getByRole('tab', { name: 'Waits here' });
    await tab.waitFor();
    await eventually(async () => expect(await tab.innerText()).toMatch(/\d/), patience);
    await query('waiting>1h');
    await page.getByRole('button', { name: 'Discard' }).click();
    await filters(`waiting>1s channel:${channel}`);
  }, 400_000);

  it('OPS-01: what comes while one reads is told, and moves nothing', async () => {
    await go('/orders');
    await rows().first().waitFor();
    const first = async (): Promise<string> => (await rows().first().innerText()).split('\n')[0]!;
    const before = await first();
    await placed('NEWS-1');
    const news = page.getByRole('button', { name: 'more order', exact: false });
    await news.waitFor({ timeout: 60_000 });
    expect(await first()).toBe(before);
    await page.keyboard.press('n');
    await rows().filter({ hasText: 'NEWS-1' }).first().waitFor();
  }, 400_000);

  it('OPS-01: many at once: counted before, done as an operation, told one by one', async () => {
    const numbers = Array.from({ length: many }, (_, n) => `BULK-${n}`);
    for (let n = 0; n < numbers.length; n += 25) await Promise.all(numbers.slice(n, n + 25).map((number) => placed(number, 900)));
    const all = `channel:${channel} waits:HOLD:RISK`;
    const waiting = async (): Promise<number> => (await operations.start({ action: 'Hold', holdType: 'MANUAL', dryRun: true, filter: { channels: [channel], waitsFor: ['HOLD:RISK'] } })).done;
    await eventually(async () => expect(await waiting()).toBeGreaterThanOrEqual(many), { timeoutMs: 300_000, everyMs: 1_000 });
    await go(`/orders?q=${encodeURIComponent(all)}`);
    await rows().first().waitFor();
    await seenByAll('desk');
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    await page.getByTestId('selected').getByText('1 selected').waitFor();
    await page.keyboard.press('Shift+A');
    await page.getByTestId('selected').getByText('Everything that matches').waitFor();
    await page.keyboard.press('h');
    const dialog = page.getByRole('dialog');
    const dry = dialog.getByTestId('dry-run');
    await dry.getByText('would be done', { exact: false }).waitFor();
    const meant = Number((await dry.innerText()).match(/([\d,]+) orders? would be done/)?.[1]?.replaceAll(',', ''));
    expect(meant).toBeGreaterThanOrEqual(many);
    await seenByAll('desk-bulk');
    await dialog.getByLabel('Reason').fill('stocktaking');
    await dialog.getByRole('button', { name: 'Hold', exact: false }).click();
    await doItNow();
    const operation = page.getByTestId('operation').first();
    await operation.getByText('finished').waitFor({ timeout: 240_000 });
    // The page asks for the operation itself; the list follows.
    const kept = await eventually(async () => {
      const { operations: listed } = await operations.list({});
      expect(listed[0]).toMatchObject({ action: 'Hold', reason: 'stocktaking', state: 'FINISHED', total: meant, done: meant, refused: 0, failed: 0, by: 'caller:operator' });
      return listed;
    }, patience);
    // A second time there is nothing that could not be done, and what cannot is told by order.
    const download = page.waitForEvent('download');
    await operation.getByRole('button', { name: 'Report' }).click();
    expect((await download).suggestedFilename()).toBe(`operation-${kept[0]!.operationId}.csv`);
    await seenByAll('desk-operations');
  }, 900_000);

  it('OPS-01: both languages without a reload, with the words of the fleet', async () => {
    await go('/orders');
    await rows().first().waitFor();
    const marked = await page.evaluate(() => ((globalThis as unknown as { mark: number }).mark = 1));
    await page.getByRole('button', { name: '中文' }).click();
    await page.getByRole('heading', { name: '订单' }).waitFor();
    await page.getByRole('tab', { name: '待审核' }).waitFor();
    expect(await page.evaluate(() => [(globalThis as unknown as { mark?: number }).mark, document.documentElement.lang])).toEqual([marked, 'zh-CN']);
    await seenByAll('desk-zh');
    await page.getByRole('button', { name: 'English' }).click();
    await page.getByRole('heading', { name: 'Orders' }).waitFor();
  }, 400_000);

  it('OPS-01: everything by keys: jump to an order from anywhere, and the keys say themselves', async () => {
    await go('/orders');
    await page.keyboard.press('Control+k');
    await page.getByPlaceholder('Search or jump to').fill('WHOLE-1');
    // The order itself, with its channel: it is above the search for its number, and chosen.
    await page.locator('.mantine-Spotlight-action[data-selected]', { hasText: channel }).waitFor();
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/orders/${orderIdOf(channel, 'WHOLE-1')}`);
    await page.getByTestId('why').waitFor();
    // Keys are held for as long as a dialog is in the page.
    await page.locator('.mantine-Spotlight-content').waitFor({ state: 'hidden' });
    await page.keyboard.press('?');
    await page.getByRole('dialog').getByText('Hold', { exact: true }).waitFor();
    await page.getByLabel('What a refusal means').fill('already_shipped');
    await page.getByText('the parcel has left already').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.keyboard.press('Escape');
  }, 400_000);

  it('OPS-07: who may only look sees no button, and no page that is not for them', async () => {
    const viewer = await openConsole(browser, url, { user: 'viewer', password: stack.run.console!.users['viewer']! });
    await viewer.page.addInitScript(() => localStorage.setItem('flotilla.tour', 'seen'));
    await viewer.page.goto(`/orders/${orderIdOf(channel, 'WHOLE-1')}`);
    await viewer.page.getByTestId('why').waitFor();
    expect(await viewer.page.getByTestId('actions').getByRole('button').count()).toBe(0);
    await viewer.page.goto('/no-such-page');
    await viewer.page.getByRole('heading', { name: 'There is no such page' }).waitFor();
    await viewer.close();
  }, 400_000);

  it('OPS-01: nothing of that was an error of the page', () => expect(errors.filter((text) => !text.includes('404'))).toEqual([]));
});
