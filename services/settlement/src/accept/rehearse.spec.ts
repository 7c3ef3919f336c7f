import { expect, it } from '@jest/globals';
import { streamOf, type AnyDecider, type Decider, type Message } from '@flotilla/decider';
import type { Unit } from '@flotilla/event-store';
import { MemoryUnit } from '@flotilla/testing';
import { uuidv5 } from '@flotilla/values';
import { place, settlePart } from '../coordinate/settling.js';
import type { Line } from '../decide/line.js';
import { statement } from '../decide/statement.decider.js';
import { rehearse } from './rehearse.js';

const at = '2026-11-24T09:00:00.000Z';
const channel = 'c';
const orderIdOf = (n: number): string => uuidv5('a0a0a0a0-0000-5000-8000-000000000001', String(n));
const eur = (amount: number) => ({ amount, currency: 'EUR' });
const charge = (lineId: string, reference: string, amount: number): Line => ({ lineId, row: 2, kind: 'CHARGE', reference, occurredAt: at, amount: eur(amount), fee: eur(0), net: eur(amount), fingerprint: lineId });
const received = (unit: MemoryUnit, statementId: string, lines: number): void => {
  unit.run(statement, statementId, { type: 'Receive', data: { statementId, channel, format: 'f', batchNo: 'b', lines, receivedAt: at } });
  unit.run(statement, statementId, { type: 'Parse', data: { statementId, encoding: 'utf-8', lines, faults: 0, checks: [], parsedAt: at } });
};

/** A store that knows what a unit holds, and counts its questions. */
const storeOf = (unit: MemoryUnit) => {
  const store = {
    questions: 0,
    folded: <S, C extends Message, E extends Message>(decider: Decider<S, C, E>, ids: readonly string[]) => {
      store.questions += 1;
      return Promise.resolve(new Map(ids.map((id) => [id, { state: unit.state(decider, id), version: unit.version(decider, id) }])));
    },
  };
  return store;
};

/** Which streams a decision asks for. */
const touched = (unit: MemoryUnit, decide: (unit: Unit) => void): ReadonlySet<string> => {
  const streams = new Set<string>();
  const seen = <S, C extends Message, E extends Message>(decider: Decider<S, C, E>, id: string): Decider<S, C, E> => {
    streams.add(streamOf(decider as AnyDecider, id));
    return decider;
  };
  decide({ state: (decider, id) => unit.state(seen(decider, id), id), version: (decider, id) => unit.version(decider, id), run: (decider, id, command) => unit.run(seen(decider, id), id, command) });
  return streams;
};

const expectNamed = async (unit: MemoryUnit, decide: (unit: Unit) => void): Promise<void> => {
  const store = storeOf(unit);
  const named = new Set((await rehearse(store, decide)).map(([decider, id]) => streamOf(decider, id)));
  const log = unit.log.length;
  const needed = touched(unit, decide);
  expect(unit.log.length).toBeGreaterThan(log);
  expect(needed.size).toBeGreaterThan(200);
  expect([...needed].filter((stream) => !named.has(stream))).toEqual([]);
  expect(store.questions).toBeLessThan(20);
};

it('SET-03: an order for which lines of many statements wait names all that follows from it', async () => {
  const unit = new MemoryUnit();
  for (let n = 0; n < 120; n += 1) {
    received(unit, `s${n}`, 1);
    settlePart(unit, channel, `s${n}`, 0, [[charge(`l${n}`, '#1', 100)]], at, at);
  }
  // The first parts of it deviate, and are explained by the last one: their decisions are streams, too.
  await expectNamed(unit, (one) => place(one, { type: 'Open', data: { orderId: orderIdOf(0), channel, number: '#1', total: eur(1_500), placedAt: at, paid: true } }, at));
});

it('SET-03: payments for many orders, by numbers and by amount, name all of them', async () => {
  const unit = new MemoryUnit();
  const orders = Array.from({ length: 120 }, (_, n) => orderIdOf(n));
  for (const [n, orderId] of orders.entries()) place(unit, { type: 'Open', data: { orderId, channel, number: `#${n}`, total: eur(100), placedAt: at, paid: true } }, at);
  received(unit, 's', 2);
  const several = charge('a', orders.slice(0, 50).map((_, n) => `#${n}`).join(','), 4_990);
  const unnamed = charge('b', '', 7_000);
  await expectNamed(unit, (one) => settlePart(one, channel, 's', 0, [[several], [unnamed]], at, at, new Map([['b', { singles: [], days: [orders.slice(50, 120)] }]])));
});

it('SET-03: what is refused in a rehearsal is refused where it counts', async () => {
  const refuse = (): never => {
    throw new Error('no');
  };
  expect(await rehearse(storeOf(new MemoryUnit()), refuse)).toEqual([]);
});
