import { setTimeout as sleep } from 'node:timers/promises';
import { createBuyers, createClerk, createDesk, importSeed, pages, patiently, shortStock, workTheFloor, type FleetClients, type World } from '@flotilla/demo';
import type { DemoChannel } from '@flotilla/tasks';
import { buyByTopic, buyByWebhook, shopifyBody, wishes, type Wish } from './buyers.ts';
import { stockUp } from './hot-sku.ts';
import type { Random } from './random.ts';
import type { Stage } from './stage.ts';

const rushEveryMs = 25_000;
const rushOf = { webhook: 12, topic: 6 };
const rushShelves = { 'WH-SZ': 7, 'WH-HZ': 5 };
const deliverEveryMs = 12_000;
const displaceEveryMs = 20_000;
const regretEveryMs = 4_000;
const splitEveryMs = 10_000;
const splitSkus = ['CHAOS-SZ-ONLY', 'CHAOS-HZ-ONLY'] as const;

/** Everybody who wants something of the fleet or works in it, until told to stop. */
export interface Crowd {
  /** Our own orders, beside those of the sandbox's scenario. */
  readonly bought: readonly Wish[];
  /** What people were refused, by its first words: who works in a storm shrugs and goes on. */
  readonly shrugs: ReadonlyMap<string, number>;
  /** An ordinary order; resolves when it has its stock, to the time that took in ms. */
  canary(): Promise<number>;
  /** Nobody buys, regrets or delivers any more; the floor, the desk and the clerk go on. */
  calm(): Promise<void>;
  stop(): Promise<void>;
}

export const gather = async (stage: Stage, fleet: FleetClients, world: World, random: Random): Promise<Crowd> => {
  const { stack } = stage;
  const channel = (platform: string): DemoChannel => stack.run.channels.find((one) => one.platform === platform)!;
  const shop = channel('shopify');
  const bought: Wish[] = [];
  const shrugs = new Map<string, number>();
  const kept = new Set<string>();
  const hot: string[] = [];
  let storming = true;
  let working = true;

  await importSeed(fleet);
  await stockUp(fleet, { sku: splitSkus[0], shelves: { 'WH-SZ': 10_000 } });
  await stockUp(fleet, { sku: splitSkus[1], shelves: { 'WH-HZ': 10_000 } });

  const shrug = (error: unknown): void => {
    const words = `${(error as { code?: number }).code ?? ''} ${(error as Error).message}`.replace(/[0-9a-f]{8}-[0-9a-f-]{27,}|\d+/g, '…').slice(0, 90);
    shrugs.set(words, (shrugs.get(words) ?? 0) + 1);
  };
  const entrance = (): string => stack.run.http[random.pick(stage.replicas('ingest'))]!;
  /** The shop knows the order, so that what is shipped can be told there. */
  const post = async (wish: Wish): Promise<void> => {
    await fetch(`${stack.run.sandbox}/_control/shopify/orders/${wish.channelOrderId}?channel=${shop.id}`, { method: 'PUT', body: shopifyBody(wish) });
    bought.push(wish);
    // Whichever process answers: a platform has one address, and behind it those that live.
    for (const until = Date.now() + 180_000; ; ) {
      try {
        await buyByWebhook(entrance(), shop, wish, 5_000);
        return;
      } catch (error) {
        if (Date.now() > until || !/got no answer/.test((error as Error).message)) throw error;
      }
    }
  };
  const businessNow = (): Date => {
    const [epoch = '0', rate = '1'] = stack.run.clock.split('@');
    return new Date(Number(epoch) + (Date.now() - Number(epoch)) * Number(rate));
  };
  const want = (skus: string | readonly string[], count: number): readonly Wish[] => wishes(shop.id, skus, count, businessNow());

  const rush = async (): Promise<void> => {
    const sku = `HOT-${hot.length + 1}`;
    await stockUp(fleet, { sku, shelves: rushShelves });
    hot.push(sku);
    const topic = channel('topic');
    const published = wishes(topic.id, sku, rushOf.topic, businessNow());
    const posted = want(sku, rushOf.webhook);
    for (const { orderId } of posted.slice(0, 2)) kept.add(orderId);
    await Promise.all([...posted.map(post), publish(topic, published)]);
  };
  const publish = async (topic: DemoChannel, all: readonly Wish[]): Promise<void> => {
    bought.push(...all);
    for (const until = Date.now() + 120_000; ; await sleep(1_000)) {
      try {
        return await buyByTopic(entrance(), stack.run.kafka, topic, all);
      } catch (error) {
        // The same messages under new ids, if the answer was lost: one order each, nevertheless.
        if (Date.now() > until) throw error;
      }
    }
  };
  const request = (): string => `chaos-${random.int(0, 2 ** 31)}-${random.int(0, 2 ** 31)}`;
  const deliver = async (): Promise<void> => {
    const goods = [...hot.map((sku) => ({ sku, warehouse: random.pick(Object.keys(rushShelves)) })), ...shortStock()];
    if (goods.length === 0) return;
    const { warehouse, sku } = random.pick(goods);
    const delivery = { requestId: request(), warehouse, sku, delta: random.int(2, 6), reason: 'delivery' };
    await patiently(() => fleet.stock.adjust(delivery));
  };
  /** Somebody counts the shelf and finds less than was promised. */
  const displace = async (): Promise<void> => {
    const { levels } = await patiently(() => fleet.stock.list({ sku: random.pick(hot), page: { size: 10 } }));
    const promised = levels.find(({ confirmed, free }) => confirmed > 0 && free === 0);
    if (!promised) return;
    const loss = { requestId: request(), warehouse: promised.warehouse, sku: promised.sku, delta: -1, reason: 'lost' };
    await patiently(() => fleet.stock.adjust(loss));
  };
  /**
   * Somebody changes their mind, or moves: by turns alone and in the very moment in which the parcel is shipped, mostly when
   * there is a waybill. The floor keeps these orders back until then.
   */
  let turns = 0;
  const regret = async (): Promise<void> => {
    const [doubtful] = want('TEA-LJ-250', 1) as readonly [Wish];
    kept.add(doubtful.orderId);
    await post(doubtful);
    const waiting = random.shuffled([...kept]).slice(0, 12);
    const found = (await Promise.allSettled(waiting.map((orderId) => fleet.orders.get({ orderId })))).flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    for (const { orderId, state } of found) if (['SHIPPED', 'DELIVERED', 'CLOSED', 'CANCELLED'].includes(state)) kept.delete(orderId);
    const waybilled = found.find(({ fulfilments }) => fulfilments.some(({ waybill, state }) => waybill !== '' && state === 'WAYBILLED'));
    const early = random.next() < 0.15 ? found.find(({ state }) => ['AUDITING', 'APPROVED', 'ALLOCATING', 'ALLOCATED'].includes(state)) : undefined;
    const chosen = early ?? waybilled;
    if (!chosen) return;
    const { orderId, fulfilments } = chosen;
    const parcelId = fulfilments.find(({ waybill }) => waybill !== '')?.parcelId ?? '';
    const requestId = request();
    const cancel = (): Promise<unknown> => fleet.orders.cancel({ requestId, orderId, reason: 'customer' });
    const move = (): Promise<unknown> => fleet.orders.changeAddress({ requestId, orderId, country: 'CN', province: '广东省', city: '深圳市', district: '南山区', postcode: '518057', street: `科技园路${random.int(1, 99)}号`, company: '', name: '林晓雨', phone: '+8613800138000' });
    const ship = async (): Promise<unknown> => parcelId === '' || fleet.parcels.ship({ requestId: `regret-${requestId}`, parcelId, weighedGrams: 0 });
    const acts = [[move], [cancel], [move, ship], [cancel, ship]][(turns += 1) % 4]!;
    // Who moves may move again, or be shipped in the end.
    if (acts[0] === cancel || random.next() < 0.4) kept.delete(orderId);
    for (const answer of await Promise.allSettled(acts.map((act) => patiently(act)))) if (answer.status === 'rejected') shrug(answer.reason);
    if (acts.includes(ship) && parcelId !== '') {
      const { waybill, state } = await patiently(() => fleet.parcels.get({ parcelId }));
      if (state === 'SHIPPED') await world.handOver(waybill);
    }
  };

  const now = Date.now();
  const due = new Map<() => Promise<void>, { every: number; at: number }>([
    [rush, { every: rushEveryMs, at: now + 1_000 }],
    [deliver, { every: deliverEveryMs, at: now + 20_000 }],
    [displace, { every: displaceEveryMs, at: now + 15_000 }],
    [regret, { every: regretEveryMs, at: now + 8_000 }],
    [() => post(want(splitSkus, 1)[0]!), { every: splitEveryMs, at: now + 3_000 }],
  ]);
  const busy = new Set<Promise<void>>();
  const go = (act: () => Promise<void>): void => {
    const doing = act().catch(shrug).finally(() => busy.delete(doing));
    busy.add(doing);
  };
  const shopping = (async () => {
    while (storming) {
      for (const [act, when] of due) {
        if (Date.now() < when.at) continue;
        when.at = Date.now() + when.every * (0.5 + random.next());
        go(act);
      }
      await sleep(200);
    }
  })();

  const buyers = createBuyers(fleet, world, await world.plan());
  const desk = createDesk(fleet, world);
  const clerk = createClerk(fleet, world, { payouts: [shop.id] });
  const work = (async () => {
    for (let turn = 1; working; turn += 1) {
      const steps: (() => Promise<unknown>)[] = [() => workTheFloor(fleet, world, (orderId) => buyers.keepBack(orderId) || (storming && kept.has(orderId))), buyers.step];
      if (turn % 5 === 0) steps.push(desk.step);
      if (turn % 10 === 0) steps.push(desk.correct);
      if (turn % 15 === 0) steps.push(clerk.step);
      await Promise.all(steps.map((step) => step().catch(shrug)));
      await sleep(250);
    }
  })();

  return {
    bought,
    shrugs,
    canary: async () => {
      const [wish] = want('TEA-LJ-250', 1) as readonly [Wish];
      const began = Date.now();
      await post(wish);
      for (;;) {
        const found = await patiently(() => fleet.orders.get({ orderId: wish.orderId })).catch(() => undefined);
        if (found && ['ALLOCATED', 'IN_FULFILMENT', 'SHIPPED', 'DELIVERED', 'CLOSED', 'CANCELLED'].includes(found.state)) return Date.now() - began;
        if (Date.now() - began > 600_000) return Number.POSITIVE_INFINITY;
        await sleep(100);
      }
    },
    calm: async () => {
      storming = false;
      await shopping;
      await Promise.all(busy);
    },
    stop: async () => {
      working = false;
      await work;
    },
  };
};

/** Every order of the list, by what it waits for; those that are over by how. */
export const fates = async (fleet: FleetClients): Promise<Readonly<Record<string, number>>> => {
  const counts: Record<string, number> = {};
  for await (const { orders } of pages((token) => fleet.orders.list({ page: { size: 500, token } }))) {
    for (const { state, waitsFor } of orders) {
      const fate = waitsFor === '' ? state.toLowerCase() : waitsFor === 'BACKORDER' ? 'backordered' : waitsFor.startsWith('HOLD') ? 'held' : `waiting for ${waitsFor}`;
      counts[fate] = (counts[fate] ?? 0) + 1;
    }
  }
  return counts;
};
