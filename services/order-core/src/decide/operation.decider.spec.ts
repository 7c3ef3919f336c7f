import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fold } from '@flotilla/decider';
import { specify } from '@flotilla/testing';
import { mostOrders, operation, over, portion, type OperationCommand, type OperationEvent, type Outcome } from './operation.decider.js';

const { given } = specify(operation);
const at = '2026-11-30T09:00:00.000Z';
const act = { action: 'Approve', reason: 'checked' } as const;
const ids = (orders: number): readonly string[] => Array.from({ length: orders }, (_, n) => `o${n}`);
const start = (orders: number): OperationCommand => ({ type: 'StartOperation', data: { operationId: 'op', act, orderIds: ids(orders), by: 'caller:desk', at } });
const started = (orders: number): readonly OperationEvent[] => operation.decide(start(orders), operation.initial);
const done = (orderId: string): Outcome => ({ orderId, outcome: 'DONE', reason: '', message: '' });
const note = (from: number, ...outcomes: readonly Outcome[]): OperationCommand => ({ type: 'NoteOutcomes', data: { from, outcomes, at } });
const noted = (from: number, ...outcomes: readonly Outcome[]): OperationEvent => ({ type: 'OutcomesNoted', data: { operationId: 'op', from, outcomes } });

describe('an operation', () => {
  it('ORD-16: names its orders in portions, once', () => {
    given().when(start(2)).then({ type: 'OperationStarted', data: { operationId: 'op', act, total: 2, by: 'caller:desk', startedAt: at } }, { type: 'OrdersChosen', data: { operationId: 'op', orderIds: ['o0', 'o1'] } });
    expect(started(portion + 1).map(({ type }) => type)).toEqual(['OperationStarted', 'OrdersChosen', 'OrdersChosen']);
    given(...started(2)).when(start(2)).thenNothing();
  });

  it('ORD-16: is about one order at least, and about no more than can be told in one stream', () => {
    given().when(start(0)).thenRefused('BAD_REQUEST');
    given().when(start(mostOrders + 1)).thenRefused('TOO_LARGE');
  });

  it('ORD-16: gives each order one outcome: whoever comes second with it changes nothing', () => {
    given(...started(3)).when(note(0, done('o0'))).then(noted(0, done('o0')));
    given(...started(3), noted(0, done('o0'))).when(note(0, done('o0'))).thenNothing();
    given(...started(3), noted(0, done('o0'))).when(note(2, done('o2'))).thenNothing();
  });

  it('ORD-16: ends with the last of them', () =>
    given(...started(2), noted(0, done('o0'))).when(note(1, { orderId: 'o1', outcome: 'REFUSED', reason: 'HELD', message: '' })).then(noted(1, { orderId: 'o1', outcome: 'REFUSED', reason: 'HELD', message: '' }), { type: 'OperationFinished', data: { operationId: 'op', endedAt: at } }));

  it('ORD-16: cancelled, does nothing more; what is done stays done', () => {
    const cancelled: OperationEvent = { type: 'OperationCancelled', data: { operationId: 'op', by: 'caller:desk', endedAt: at } };
    const cancel: OperationCommand = { type: 'CancelOperation', data: { operationId: 'op', by: 'caller:desk', at } };
    given(...started(2), noted(0, done('o0'))).when(cancel).then(cancelled);
    given(...started(2), noted(0, done('o0')), cancelled).when(note(1, done('o1'))).thenNothing();
    given(...started(2), cancelled).when(cancel).thenNothing();
    given().when(cancel).thenRefused('NOT_FOUND');
  });

  it('ORD-16: whoever works at it, in whatever pieces and however often, every order has its outcome once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 * portion }), fc.array(fc.tuple(fc.nat(3 * portion), fc.integer({ min: 1, max: portion })), { maxLength: 200 }), (orders, tries) => {
        const all = ids(orders);
        let state = fold(operation, started(orders));
        const outcomes: string[] = [];
        for (const [from, size] of [...tries, ...Array.from({ length: orders }, (_, n) => [n, 1] as const)]) {
          const events = operation.decide(note(from, ...all.slice(from, from + size).map(done)), state);
          for (const event of events) if (event.type === 'OutcomesNoted') outcomes.push(...event.data.outcomes.map(({ orderId }) => orderId));
          state = fold(operation, events, state);
        }
        expect(outcomes).toEqual(all);
        expect([over(state), state.done]).toEqual([true, orders]);
      }),
    );
  });
});
