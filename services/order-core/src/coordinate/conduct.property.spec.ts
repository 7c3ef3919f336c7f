import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { Refused, type Message } from '@flotilla/decider';
import { published, reasons, type common, type ingest, type order as orders } from '@flotilla/contracts';
import { actions, allowedActions, unreleasable, type Act, type Action } from '../decide/actions.js';
import { eachOf, legsThatLeft, open, remaining, returning, shippedBy, stoppable, undelivered } from '../decide/fulfilment.state.js';
import { order } from '../decide/order.decider.js';
import { progressOf } from '../decide/fulfilment.state.js';
import { blocking, cancelling, ended } from '../decide/order.state.js';
import { orderStateOf, waits, waitsForOf } from '../decide/states.js';
import { actByHand, conduct, owed, sharesOf, situationOf, table } from './conduct.js';
import { actOf, content, line, orderId, shipTo, usd } from '../../spec/samples.js';
import { World, type Pick, type Said } from '../../spec/world.js';

const rules = { riskLimit: 50_000, paymentMinutes: 30 };
const minute = (n: number): string => `2026-11-21T09:${String(n).padStart(2, '0')}:00.000Z`;
const refund = { orderId, refundId: 're-1', amount: usd(1_000) };

/** What a platform may say of one order. `modifiedAt` tells what is newest, not when it arrives. */
const facts = {
  paid: { type: 'flotilla.ingest.v1.ChannelOrderPaid', data: { orderId, paidAt: minute(3), modifiedAt: minute(3), amount: usd(3_500) } },
  cancelled: { type: 'flotilla.ingest.v1.ChannelOrderCancelled', data: { orderId, cancelledAt: minute(20), modifiedAt: minute(20), reason: 'customer' } },
  moved: { type: 'flotilla.ingest.v1.ChannelOrderAmended', data: { order: content({ modifiedAt: minute(5), shipTo: { ...shipTo, city: 'Eugene' } }) } },
  nowhere: { type: 'flotilla.ingest.v1.ChannelOrderAmended', data: { order: content({ modifiedAt: minute(6), shipTo: { ...shipTo, street: '' } }) } },
  fewer: { type: 'flotilla.ingest.v1.ChannelOrderAmended', data: { order: content({ modifiedAt: minute(7), lines: [line('1', 'MUG-1', 2)] }) } },
  unmapped: { type: 'flotilla.ingest.v1.ChannelOrderAmended', data: { order: content({ modifiedAt: minute(8), lines: [line('1', 'MUG-1', 2), line('3', '', 1)] }) } },
  dear: { type: 'flotilla.ingest.v1.ChannelOrderAmended', data: { order: content({ modifiedAt: minute(9), total: usd(6_000_000) }) } },
  digital: { type: 'flotilla.ingest.v1.ChannelOrderAmended', data: { order: content({ modifiedAt: minute(10), lines: [line('4', 'GIFT', 1, { requiresShipping: false })] }) } },
  nothing: { type: 'flotilla.ingest.v1.ChannelOrderAmended', data: { order: content({ modifiedAt: minute(11), lines: [line('1', 'MUG-1', 0)] }) } },
  again: { type: 'flotilla.ingest.v1.ChannelOrderAmended', data: { order: content({ modifiedAt: minute(12) }) } },
  more: { type: 'flotilla.ingest.v1.ChannelOrderAmended', data: { order: content({ modifiedAt: minute(19), lines: [line('1', 'MUG-1', 3), line('2', 'TEE-2', 1), line('5', 'MUG-1', 2)] }) } },
  refundAsked: { type: 'flotilla.ingest.v1.ChannelRefundRequested', data: { ...refund, modifiedAt: minute(13) } },
  refunded: { type: 'flotilla.ingest.v1.ChannelRefundSettled', data: { ...refund, modifiedAt: minute(14), lines: [{ lineId: line('1', 'MUG-1', 1).lineId, channelLineId: '1', sku: 'MUG-1', quantity: 1 }] } },
  refundedAll: { type: 'flotilla.ingest.v1.ChannelRefundSettled', data: { ...refund, refundId: 're-2', amount: usd(3_500), modifiedAt: minute(15), lines: [] } },
  withdrawn: { type: 'flotilla.ingest.v1.ChannelRefundWithdrawn', data: { orderId, refundId: 're-1', modifiedAt: minute(16) } },
  frozen: { type: 'flotilla.ingest.v1.ChannelFrozen', data: { orderId, frozen: true, reason: '', modifiedAt: minute(17) } },
  thawed: { type: 'flotilla.ingest.v1.ChannelFrozen', data: { orderId, frozen: false, reason: '', modifiedAt: minute(18) } },
} as const satisfies Record<string, Said>;
const received = (payment: ingest.PaymentState): Said => ({ type: 'flotilla.ingest.v1.ChannelOrderReceived', data: { order: content({ payment, paidAt: payment === 'PAYMENT_STATE_PAID' ? minute(1) : '' }) } });

const total = (lines: readonly { readonly sku: string; readonly quantity: number }[]): Record<string, number> => {
  const sums: Record<string, number> = {};
  for (const { sku, quantity } of [...lines].sort((a, b) => (a.sku < b.sku ? -1 : 1))) sums[sku] = (sums[sku] ?? 0) + quantity;
  return sums;
};
const units = (shares: readonly common.OrderShare[]): Record<string, number> => total(shares.flatMap(({ lines }) => lines));

const ofLines = (shares: readonly common.OrderShare[]): Record<string, number> => {
  const sums: Record<string, number> = {};
  for (const { lineId, quantity } of shares.flatMap(({ lines }) => lines).sort((x, y) => (x.lineId < y.lineId ? -1 : 1))) sums[lineId] = (sums[lineId] ?? 0) + quantity;
  return sums;
};
const stages = (world: World): readonly string[] => world.parcels.map(({ warehouse, stage }) => `${warehouse} ${stage}`);
const dead = (stage: string): boolean => stage === 'VOIDED' || stage === 'REFUSED';
/** Every parcel is dead, but for those named as shipped, which are that. */
const endedBut = (foId: string, shipped: readonly orders.ShippedPart[], world: World): void => {
  const named = shipped.map(({ parcelId }) => parcelId);
  expect({ stages: stages(world), shipped: world.parcels.filter(({ stage, ...parcel }) => parcel.foId === foId && !dead(stage)).map(({ parcelId, stage }) => `${parcelId} ${stage}`).sort() }).toMatchObject({ shipped: named.map((parcelId) => `${parcelId} SHIPPED`).sort() });
};
const sharesOfParcels = (world: World, ids: readonly string[]): readonly common.OrderShare[] =>
  world.unit.written.flatMap((event) => (event.type === 'FulfilmentReleased' && ids.includes((event.data as orders.FulfilmentReleased).parcelId) ? (event.data as orders.FulfilmentReleased).orders : []));

/** What must hold after every input, whatever it was. */
const check = (events: readonly Message[], world: World): void => {
  const { order: o, fulfilment: f } = world;
  const wanted = ofLines(sharesOf(o));
  const planned = (foId: string): Record<string, number> => ofLines(eachOf(f).find((one) => one.foId === foId)!.plan!.orders);
  for (const { type, data } of events) {
    switch (type) {
      case 'FulfilmentReleased': {
        const released = data as orders.FulfilmentReleased;
        expect(blocking(o, 'RELEASE', 'LABEL', 'SHIP')).toEqual([]);
        expect([o.approvedAt === '', cancelling(o), ended(o)]).toEqual([false, false, false]);
        expect(world.parcels.map(({ parcelId }) => parcelId)).not.toContain(released.parcelId);
        expect(total(released.items)).toEqual(units(released.orders));
        expect(world.newest(released.foId)!.parts.map(({ warehouse, lines }) => [warehouse, total(lines)])).toContainEqual([released.warehouse, units(released.orders)]);
        // No unit is in two parcels that may be shipped; what was stopped and is not heard of yet may be missing.
        const live = world.unit.written.flatMap((event) => (event.type === 'FulfilmentReleased' ? [event.data as orders.FulfilmentReleased] : [])).filter(({ parcelId }) => !world.parcels.some((one) => one.parcelId === parcelId && dead(one.stage)));
        expect(Object.entries(ofLines(live.flatMap((one) => one.orders))).filter(([lineId, quantity]) => quantity > (wanted[lineId] ?? 0))).toEqual([]);
        expect(ofLines(eachOf(f).find((one) => one.foId === released.foId)!.legs.flatMap((leg) => leg.orders))).toEqual(planned(released.foId));
        // All that goes out at once is worth what the order is worth.
        const now = events.flatMap((event) => (event.type === 'FulfilmentReleased' ? [(event.data as orders.FulfilmentReleased).value.amount] : []));
        if (now.length === f.legs.length && (o.parts ?? []).length === 0) expect(now.reduce((sum, amount) => sum + amount, 0)).toBe(o.total.amount);
        break;
      }
      case 'AllocationRequested': {
        const asked = data as orders.AllocationRequested;
        expect(total(asked.lines)).toEqual(units(asked.orders));
        expect(ofLines([...asked.orders, ...sharesOfParcels(world, asked.shipped.map(({ parcelId }) => parcelId))])).toEqual(planned(asked.foId));
        expect(asked.lines.length > 0 && asked.lines.every(({ sku, quantity }) => sku !== '' && quantity > 0)).toBe(true);
        endedBut(asked.foId, asked.shipped, world);
        break;
      }
      case 'FulfilmentCancelled':
        endedBut((data as orders.FulfilmentCancelled).foId, (data as orders.FulfilmentCancelled).shipped, world);
        break;
      case 'OrderCancelled':
        expect([stoppable(f), legsThatLeft(f).every(undelivered)]).toEqual([false, true]);
        break;
      case 'OrderClosed':
        // Nothing of it is on a bench, and no stock is locked for it.
        expect(eachOf(f).filter((one) => stoppable(one) || open(one) || returning(one)).map(({ foId }) => foId)).toEqual([]);
        break;
    }
  }
  // What the fulfilment orders ship is what the order wants, and no unit of it twice.
  if (o.placed !== null && !ended(o) && !cancelling(o) && eachOf(f).some(open)) expect(ofLines(eachOf(f).flatMap(shippedBy))).toEqual(wanted);
  // The order never says less than what has left.
  if (o.placed !== null && !ended(o) && !cancelling(o)) for (const [lineId, quantity] of Object.entries(ofLines(legsThatLeft(f).flatMap(({ orders: shares }) => shares)))) expect({ lineId, ordered: wanted[lineId] ?? 0, enough: (wanted[lineId] ?? 0) >= quantity }).toMatchObject({ enough: true });
  expect(owed(situationOf(world.unit, orderId, world.terms.policy, world.time))?.row).toBeUndefined();
  const waiting = waitsForOf(o, f);
  if (o.placed === null || ended(o)) expect(waiting).toBe('');
  else if (waiting.startsWith('HOLD:')) expect(o.holds.map(({ type }) => type)).toContain(waiting.slice(5));
  else expect([...waits]).toContain(waiting);
  expect(waiting).not.toBe('AUDIT');
};

/** Nobody has anything to do: what allocation granted was shipped, given back or is promised to a parcel to come. */
const leaksNothing = (world: World): void => {
  const { order: o, fulfilment: f } = world;
  const waiting = /^(?:HOLD|TIMER):/.test(waitsForOf(o, f));
  for (const { foId } of eachOf(f)) {
    const round = world.newest(foId);
    if (round?.state === 'GRANTED' && !world.stockOver.has(foId) && !waiting) expect(world.unshipped(round).map(({ warehouse }) => `${foId} ${warehouse}`)).toEqual([]);
  }
};

/** Every way in which one unit, or all but one, of a line can be split off. */
const splitActs = ({ fulfilment: f }: World): readonly Act[] =>
  eachOf(f).filter(open).flatMap((one) => {
    const lines = remaining(one).flatMap((share) => share.lines);
    const all = lines.reduce((sum, { quantity }) => sum + quantity, 0);
    return all < 2 ? [] : lines.flatMap(({ lineId, quantity }) => [...new Set([1, Math.min(quantity, all - 1)])].map((units): Act => ({ action: 'Split', foId: one.foId, lines: [{ lineId, quantity: units }], reason: 'asked' })));
  });

const deskMoves = (world: World): ((pick: Pick) => void)[] => {
  const { order: o, fulfilment: f } = world;
  const by = 'caller:desk';
  const act = (how: Act): void => void world.act((unit, { at, policy }) => actByHand(unit, orderId, how, { by, at, policy }));
  const moves: Readonly<Record<Action, (pick: Pick) => void>> = {
    Approve: () => act(actOf('Approve')),
    Hold: (pick) => act({ action: 'Hold', type: 'MANUAL', blocks: [['RELEASE', 'LABEL', 'SHIP'], ['AUDIT', 'ALLOCATE'], ['RELEASE']][pick(3)]!, reason: 'asked' }),
    Release: (pick) => {
      const free = o.holds.filter((hold) => !unreleasable(hold, f));
      act(actOf('Release', free[pick(free.length)]!.holdId));
    },
    Cancel: () => act(actOf('Cancel')),
    ChangeAddress: (pick) => act({ action: 'ChangeAddress', shipTo: { ...shipTo, city: ['Salem', 'Bend'][pick(2)]! } }),
    Intercept: (pick) => act({ action: 'Intercept', shipTo: pick(2) === 0 ? null : shipTo, reason: 'asked' }),
    AllowPartial: (pick) => act({ action: 'AllowPartial', allowed: pick(2) === 0, reason: 'asked' }),
    Split: (pick) => {
      const ways = splitActs(world);
      act(ways[pick(ways.length)]!);
    },
  };
  return allowedActions(o, f).map((action) => moves[action]);
};

/** Whether the decider takes it. */
const accepted = (how: Act, { order: o, fulfilment: f, time }: World): boolean => {
  try {
    order.decide({ type: 'ActByHand', data: { orderId, act: how, fulfilment: f, by: 'caller:desk', at: time } }, o);
    return true;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    expect(Object.keys(reasons)).toContain(error.reason);
    return false;
  }
};

/** What is served and what the decider takes are the same, act by act and hold by hold. */
const servesWhatItTakes = (world: World): void => {
  const { order: o, fulfilment: f } = world;
  const served = allowedActions(o, f);
  const free = o.placed === null || ended(o) || cancelling(o) ? [] : o.holds.filter((hold) => !unreleasable(hold, f)).map(({ holdId }) => holdId);
  expect(o.holds.map(({ holdId }) => holdId).filter((holdId) => accepted(actOf('Release', holdId), world))).toEqual(free);
  const how = (action: Action): Act => (action === 'Split' ? (splitActs(world)[0] ?? actOf(action)) : actOf(action, free[0]));
  expect(actions.filter((action) => accepted(how(action), world))).toEqual(served);
  for (const act of splitActs(world)) expect(accepted(act, world)).toBe(served.includes('Split'));
  for (const type of new Set(o.holds.map((hold) => hold.type))) expect(accepted({ action: 'Release', holdId: '', type, reason: '' }, world)).toBe(o.holds.some((hold) => hold.type === type && free.includes(hold.holdId)));
};

const timer = (world: World): void => {
  world.act((unit, { at, policy }) => (unit.run(order, orderId, { type: 'LookAtPayment', data: { progress: progressOf(world.fulfilment) } }), conduct(unit, orderId, policy, at)));
};

/** Lets everybody do what leads to an end, until nobody has anything to do. */
const drain = (world: World): void => {
  for (let step = 0; step < 500; step += 1) {
    const [next] = world.moves(true);
    if (!next) return;
    next(() => 1);
  }
  throw new Error(`no end: ${waitsForOf(world.order, world.fulfilment)}`);
};

/** What only an order with several parts comes to. */
const splits = ['PARTIALLY_SHIPPED', 'PARTIALLY_DELIVERED', 'AllocationRequested after a part has left', 'FulfilmentCancelled after a part has left'];

const scenario = fc.record({
  payment: fc.constantFrom<ingest.PaymentState>('PAYMENT_STATE_PAID', 'PAYMENT_STATE_UNPAID', 'PAYMENT_STATE_AUTHORIZED', 'PAYMENT_STATE_VOIDED'),
  said: fc.shuffledSubarray(Object.values(facts) as Said[], { maxLength: 5 }),
  first: fc.boolean(),
  steps: fc.array(fc.nat(999_999), { maxLength: 60, size: 'max' }),
  allocateWhen: fc.constantFrom('placed' as const, 'paid' as const, 'approved' as const),
  partial: fc.boolean(),
});

const play = ({ payment, said, first, steps, allocateWhen, partial }: typeof scenario extends fc.Arbitrary<infer T> ? T : never, look: (events: readonly Message[], world: World) => void): World => {
  const world = new World({ rules, policy: { allocateWhen }, carriers: ['sf', 'yto'] }, look);
  if (partial) world.allowPartialShipments();
  const channel = first ? [received(payment), ...said] : [...said.slice(0, 2), received(payment), ...said.slice(2)];
  for (const one of channel) world.underway.ingest.push(one);
  for (const step of steps) {
    let seed = step;
    const pick: Pick = (choices) => {
      const choice = seed % choices;
      seed = Math.floor(seed / choices) + 7;
      return choice;
    };
    const kind = pick(12);
    if (kind === 0 && world.heard.length > 0) {
      // Whatever was heard is heard again.
      expect(world.hear(world.heard[pick(world.heard.length)]!)).toEqual([]);
      continue;
    }
    if (kind === 1 && world.order.paidAt === '') {
      timer(world);
      continue;
    }
    const moves = kind <= 3 ? [...deskMoves(world), ...world.moves(false)] : world.moves(false);
    if (moves.length > 0) moves[pick(moves.length)]!(pick);
  }
  return world;
};

const runs = { numRuns: Number(process.env['FLOTILLA_PROPERTY_RUNS'] ?? 1_000) };

// Thousands of plays: on a busy machine, or with more of them, longer than a spec usually may take.
jest.setTimeout(600_000);

describe('conducting an order', () => {
  it('ORD-01 ORD-05: in any order of messages, repeats and races, what must hold holds after every input, and nothing waits for nothing', () => {
    fc.assert(
      fc.property(scenario, (script) => {
        const world = play(script, (events, now) => check(events, now));
        drain(world);
        const { order: o, fulfilment: f } = world;
        const waiting = waitsForOf(o, f);
        // Everybody has answered: only a person, a timer or a parcel that never arrives can be waited for.
        const lost = f.legs.some(undelivered);
        leaksNothing(world);
        const reasons = ['', 'TIMER:PAYMENT', ...o.holds.map(({ type }) => `HOLD:${type}`), ...(lost ? ['DELIVERY'] : [])];
        expect(reasons).toContain(waiting);
      }),
      runs,
    );
  });

  it('ORD-05: whatever happened, a person, a timer and its platform bring every order to an end, and all that was heard may be heard again', () => {
    fc.assert(
      fc.property(scenario, (script) => {
        const world = play(script, () => undefined);
        drain(world);
        for (let round = 0; round < 20 && !ended(world.order); round += 1) {
          if (world.order.paidAt === '') timer(world);
          if (!cancelling(world.order) && !ended(world.order)) {
            const { order: o, fulfilment: f } = world;
            const free = o.holds.find((hold) => !unreleasable(hold, f));
            const how = free ? actOf('Release', free.holdId) : allowedActions(o, f).includes('Cancel') ? actOf('Cancel') : undefined;
            if (how) world.act((unit, { at, policy }) => actByHand(unit, orderId, how, { by: 'desk', at, policy }));
            else {
              // What only the platform ends, it ends: whoever has stopped a part that came too late for a cancel must let it go, or pay it back.
              if (o.holds.some(({ type }) => type === 'PLATFORM_FREEZE')) world.underway.ingest.push({ type: 'flotilla.ingest.v1.ChannelFrozen', data: { orderId, frozen: false, reason: '', modifiedAt: minute(30 + round) } });
              if (o.holds.some(({ type }) => type === 'REFUND_IN_PROGRESS')) world.underway.ingest.push({ type: 'flotilla.ingest.v1.ChannelRefundWithdrawn', data: { orderId, refundId: refund.refundId, modifiedAt: minute(30 + round) } });
            }
          }
          drain(world);
        }
        expect(['CLOSED', 'CANCELLED']).toContain(orderStateOf(world.order, world.fulfilment));
        for (const said of world.heard) expect(world.hear(said)).toEqual([]);
        // What was shipped is what was ordered in the end, but for what a person knows of, and no part of it twice.
        const sent = legsThatLeft(world.fulfilment);
        const shipped = world.parcels.filter(({ stage }) => stage === 'SHIPPED').map(({ parcelId }) => parcelId);
        expect(sent.map(({ parcel }) => parcel!.parcelId).filter((parcelId) => parcelId !== 'external-1').sort()).toEqual(shipped.sort());
        if (world.order.closedAt !== '' && !world.order.released.includes('EXCEPTION:unsent')) expect(ofLines(sent.flatMap((leg) => leg.orders))).toEqual(ofLines(sharesOf(world.order)));
        leaksNothing(world);
        expect(allowedActions(world.order, world.fulfilment)).toEqual([]);
      }),
      runs,
    );
  });

  it('ORD-16: whatever happened, the decider takes an action by hand if and only if it is served with the order', () => {
    let taken = 0;
    fc.assert(
      fc.property(scenario, (script) => {
        const world = play(script, (_events, now) => {
          servesWhatItTakes(now);
          taken += allowedActions(now.order, now.fulfilment).length;
        });
        drain(world);
        servesWhatItTakes(world);
      }),
      runs,
    );
    expect(taken).toBeGreaterThan(0);
  });

  it('ORD-01: the order converges on the newest content and facts, in whatever order they arrive', () => {
    const kinds = ['moved', 'fewer', 'dear', 'again', 'withdrawn', 'frozen', 'thawed', 'paid'] as const;
    const settle = (said: readonly Said[]): unknown => {
      const world = new World({ rules, policy: { allocateWhen: 'approved' }, carriers: ['sf'] }, () => undefined);
      // Held from outside, so that only what the platform says decides.
      for (const one of said) world.hear(one);
      const { lines, shipTo: where, total: amount, paidAt, holds } = world.order;
      return { lines: lines.filter(({ quantity }) => quantity > 0).map(({ lineId, quantity }) => [lineId, quantity]), where, amount, paid: paidAt !== '', frozen: holds.some(({ type }) => type === 'PLATFORM_FREEZE') };
    };
    fc.assert(
      fc.property(fc.subarray([...kinds]), fc.infiniteStream(fc.nat()), (chosen, random) => {
        const said = [received('PAYMENT_STATE_UNPAID'), ...chosen.map((kind) => facts[kind] as Said)];
        const shuffled = said.map((one) => ({ one, at: random.next().value as number })).sort((a, b) => a.at - b.at).map(({ one }) => one);
        expect(settle(shuffled)).toEqual(settle(said));
      }),
      runs,
    );
  });

  it('ORD-01 ORD-05: these plays reach every row of the table and every event', () => {
    const reached = new Set<string>();
    const rows = table.map((row) => jest.spyOn(row, 'owe'));
    const played = { ...runs, numRuns: Math.max(runs.numRuns, 1_000), seed: 7 };
    fc.assert(fc.property(scenario, (script) => drain(play(script, (events, { order: o, fulfilment: f }) => {
      for (const { type, data } of events) {
        reached.add(type);
        if ((data as { readonly shipped?: readonly unknown[] }).shipped?.length) reached.add(`${type} after a part has left`);
      }
      reached.add(orderStateOf(o, f));
    }))), played);
    // One in ten thousand plays comes to it; conduct.spec tells how.
    const rare = ['what was written off has arrived, and the stock of the rest was given back'];
    expect(table.filter((_, n) => rows[n]!.mock.calls.length === 0).map(({ row }) => row).filter((row) => !rare.includes(row))).toEqual([]);
    rows.forEach((row) => row.mockRestore());
    const known = published['order-lifecycle.order.v1'].map((type) => type.slice('flotilla.order.v1.'.length));
    expect(known.filter((type) => !reached.has(type))).toEqual([]);
    expect(splits.filter((one) => !reached.has(one))).toEqual([]);
  });
});
