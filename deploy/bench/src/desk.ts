// The order desk as an operator has it: a browser on a processor that is four times slower, with many orders in the list.
import { setTimeout as sleep } from 'node:timers/promises';
import { databaseOf, launchChromium, signedIn, urlOf, type Stack } from '@flotilla/tasks';
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core';
import { Shop, startFleet } from './fleet.ts';
import { rssOf } from './processes.ts';
import { percentile, resultOf, type Result, type Run } from './stats.ts';
import { withClient, type World } from './world.ts';

const usableSeconds = 1.5;
const interactionMs = 100;
const slower = 4;
/** Orders that came by a webhook; the others are their rows again. */
const real = 400;
const perSecond = 4;
const megabytes = 250;

type Side = Omit<Run, 'ratio'>;


/** Until as many orders as were sent are in the list. */
const inTheList = async (url: string, orders: number): Promise<void> => {
  const until = Date.now() + 240_000;
  for (let found = 0; found < orders; await sleep(500)) {
    await withClient(url, async (client) => void (found = Number((await client.query<{ n: string }>(`SELECT count(*) AS n FROM read.order_list WHERE placed_at <> ''`)).rows[0]!.n)));
    if (Date.now() > until) throw new Error(`${found} of ${orders} orders were in the list after four minutes`);
  }
};

/** The rows of the list over and over, each as an order of its own of some earlier time, until there are as many as wanted. */
const multiplied = (url: string, orders: number): Promise<void> =>
  withClient(url, async (client) => {
    const columns = async (table: string): Promise<readonly string[]> => (await client.query<{ name: string }>(`SELECT quote_ident(column_name) AS name FROM information_schema.columns WHERE table_schema = 'read' AND table_name = $1 ORDER BY ordinal_position`, [table])).rows.map(({ name }) => name);
    const copies = Math.ceil(orders / real) - 1;
    const copied = async (table: string, changed: Readonly<Record<string, string>>): Promise<void> => {
      const names = await columns(table);
      await client.query(`INSERT INTO read.${table} (${names.join(', ')}) SELECT ${names.map((name) => changed[name] ?? `o.${name}`).join(', ')} FROM read.${table} o, generate_series(1, ${copies}) n`);
    };
    const id = `o.order_id || '-' || n`;
    await copied('order_facets', { order_id: id });
    await copied('order_list', { order_id: id, number: `o.number || '-' || n`, channel_order_id: `o.channel_order_id || '-' || n`, placed_at: `to_char(o.placed_at::timestamptz AT TIME ZONE 'UTC' - n * interval '7 minutes', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')` });
    await client.query('ANALYZE read.order_list, read.order_facets');
  });

/** In the page: when the first order was painted, and how long each key and click took until the next frame was. */
const watch = `
  globalThis.seen = { usable: 0, events: [] };
  const look = () => document.querySelector('.f-row:not([data-ghost])') && !globalThis.seen.usable
    ? requestAnimationFrame(() => setTimeout(() => { globalThis.seen.usable ||= performance.now(); }))
    : globalThis.seen.usable || requestAnimationFrame(look);
  requestAnimationFrame(look);
  new PerformanceObserver((list) => { for (const { name, duration, interactionId } of list.getEntries()) if (interactionId) globalThis.seen.events.push([name, interactionId, duration]); })
    .observe({ type: 'event', durationThreshold: 16, buffered: true });
`;

interface Seen {
  readonly usable: number;
  readonly events: readonly (readonly [name: string, interaction: number, ms: number])[];
}

const seen = (page: Page): Promise<Seen> => page.evaluate<Seen>('globalThis.seen');

const slow = async (context: BrowserContext, page: Page): Promise<CDPSession> => {
  const session = await context.newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: slower });
  return session;
};

/** What an operator's hands do with a list: down and up, choose, look through it, look at another view. */
const handle = async (page: Page): Promise<number> => {
  let done = 0;
  const press = async (key: string): Promise<void> => {
    await page.keyboard.press(key);
    await sleep(120);
    done += 1;
  };
  for (const key of [...Array<string>(20).fill('j'), 'x', 'j', 'x', ...Array<string>(10).fill('k'), 'Escape', 'PageDown', 'PageDown', 'End', 'Home']) await press(key);
  for (const tab of await page.getByRole('tab').all().then((tabs) => tabs.slice(0, 3))) {
    await tab.click();
    // A view may have nothing in it.
    await page.locator('.f-row:not([data-ghost]), .f-page [role=status]').first().waitFor();
    await sleep(300);
    done += 1;
  }
  return done;
};

const heap = async (session: CDPSession): Promise<number> => {
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  return usedSize / 2 ** 20;
};

const operator = async (browser: Browser, { run }: Stack): Promise<BrowserContext> => {
  const { url, users } = run.console!;
  const context = await signedIn(browser, url, { user: 'operator', password: users['operator']! }, { viewport: { width: 1440, height: 900 } });
  await context.addInitScript(() => localStorage.setItem('flotilla.tour', 'seen'));
  await context.addInitScript(watch);
  return context;
};

/** The desk's first page, its keys and clicks, and its memory while orders come. */
export const desk = async (world: World, rounds: number, say: (line: string) => void, { minutes, orders }: { readonly minutes: number; readonly orders: number }): Promise<readonly Result[]> => {
  const stack = await startFleet(world, 'desk', { console: true });
  const database = urlOf(stack.run.postgres, databaseOf('order-core'));
  const shop = new Shop(stack);
  for (let n = 0; n < real; n += 20) await Promise.all(Array.from({ length: 20 }, () => shop.place()));
  await inTheList(database, real);
  await multiplied(database, orders);
  say(`desk: ${orders} orders in the list`);
  const browser = await launchChromium();
  const [opened, handled]: Side[][] = [[], []];
  try {
    for (let round = 0; round < rounds; round += 1) {
      // Nothing of the page is in the browser yet, as on a new operator's first day.
      const context = await operator(browser, stack);
      const page = await context.newPage();
      await slow(context, page);
      await page.goto('/orders');
      await page.locator('.f-row:not([data-ghost])').first().waitFor();
      await page.waitForFunction('globalThis.seen.usable > 0');
      const { usable } = await seen(page);
      opened!.push({ ours: usable / 1_000, limit: usableSeconds });
      const done = await handle(page);
      // What took no longer than a frame is not reported.
      const slowest = new Map<number, number>();
      for (const [, interaction, ms] of (await seen(page)).events) slowest.set(interaction, Math.max(slowest.get(interaction) ?? 0, ms));
      const waits = [...slowest.values(), ...Array<number>(Math.max(0, done - slowest.size)).fill(16)];
      handled!.push({ ours: percentile(waits, 98), limit: interactionMs });
      say(`desk, round ${round + 1}/${rounds}: usable after ${(usable / 1_000).toFixed(2)} s; ${done} keys and clicks: p50 ${percentile(waits, 50).toFixed(0)} ms, p98 ${percentile(waits, 98).toFixed(0)} ms, at most ${Math.max(...waits).toFixed(0)} ms`);
      await context.close();
    }
    const grown = await alive(await operator(browser, stack), stack, shop, minutes, say);
    return [resultOf('desk-usable', 's', opened!), resultOf('desk-interaction-p98', 'ms', handled!), resultOf('desk-heap', 'MB', [grown.page]), resultOf('desk-rss', 'MB', grown.services)];
  } finally {
    await browser.close();
    shop.close();
    await stack.stop();
  }
};

/** Orders come and move while the desk is open: the page's memory at the end against that after the first tenth, and that of the services. */
const alive = async (context: BrowserContext, { fleet }: Stack, shop: Shop, minutes: number, say: (line: string) => void): Promise<{ readonly page: Side; readonly services: readonly Side[] }> => {
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await page.goto('/orders');
  await page.locator('.f-row:not([data-ghost])').first().waitFor();
  const sizes: number[] = [];
  const resident = (): readonly (readonly [name: string, mb: number])[] => Object.entries(fleet.pids()).map(([name, pid]) => [name, rssOf(pid)]);
  const start = performance.now();
  for (let sent = 0; sizes.length < 10; await sleep(50)) {
    const passed = performance.now() - start;
    for (const due = (passed * perSecond) / 1_000; sent < due; sent += 1) await shop.place();
    if (passed < (sizes.length + 1) * minutes * 6_000) continue;
    // What is new is shown, as an operator would have it.
    await page.keyboard.press('n');
    await sleep(1_000);
    sizes.push(await heap(session));
    say(`desk: after ${(passed / 60_000).toFixed(1)} min and ${sent} orders more, ${sizes.at(-1)!.toFixed(1)} MB; ${resident().map(([name, mb]) => `${name} ${mb.toFixed(0)}`).join(', ')} MB`);
  }
  return { page: { ours: sizes.at(-1)!, limit: sizes[0]! }, services: resident().map(([, mb]) => ({ ours: mb, limit: megabytes })) };
};
