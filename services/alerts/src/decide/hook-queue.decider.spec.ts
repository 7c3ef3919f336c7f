import { describe, expect, it } from '@jest/globals';
import { specify } from '@flotilla/testing';
import { hookQueue, mostAttempts, type Delivery, type HookQueueEvent, type Outcome, type Try } from './hook-queue.decider.js';

const start = Date.parse('2026-11-30T08:00:00.000Z');
const at = new Date(start).toISOString();
const webhookId = 'b3b1d8a6-8f1c-5f0e-9a77-1d5f3b2c4e60';
const delivery = (deliveryId: string, round = 1): Delivery => ({ queue: 'q', deliveryId, webhookId, key: 'o-1', type: 'flotilla.order.v1.OrderPaid', at, data: { orderId: 'o-1' }, round, queuedAt: at });
const one = (deliveryId: string, attempt: number, round = 1): Try => ({ queue: 'q', deliveryId, round, attempt });
const queued = (deliveryId: string, round = 1): HookQueueEvent => ({ type: 'DeliveryQueued', data: delivery(deliveryId, round) });
const due = (deliveryId: string, attempt: number, round = 1): HookQueueEvent => ({ type: 'DeliveryDue', data: { ...one(deliveryId, attempt, round), webhookId } });
const attempted = (deliveryId: string, attempt: number): HookQueueEvent => ({ type: 'DeliveryAttempted', data: { ...one(deliveryId, attempt), webhookId, at } });
const failed = (deliveryId: string, attempt: number, retryAt: string): HookQueueEvent => ({ type: 'DeliveryAttemptFailed', data: { ...one(deliveryId, attempt), webhookId, at, detail: 'HTTP 500', retryAt } });
const settled = (deliveryId: string, attempt: number, outcome: Outcome, detail = ''): HookQueueEvent => ({ type: 'DeliverySettled', data: { ...one(deliveryId, attempt), webhookId, at, outcome, detail } });
const fail = (deliveryId: string, attempt: number, retryAfterMs = 0) => ({ type: 'Fail', data: { ...one(deliveryId, attempt), at, detail: 'HTTP 500', retryAfterMs } }) as const;
const inSeconds = (seconds: number): string => new Date(start + seconds * 1_000).toISOString();

describe('OPS-09: what a webhook is sent of one key', () => {
  const { given } = specify(hookQueue);

  it('OPS-09: the first is due at once, the next one when it was taken', () => {
    given().when({ type: 'Queue', data: delivery('0000a') }).then(queued('0000a'), due('0000a', 1));
    given(queued('0000a'), due('0000a', 1)).when({ type: 'Queue', data: delivery('0000b') }).then(queued('0000b'));
    given(queued('0000a'), due('0000a', 1), queued('0000b'), attempted('0000a', 1)).when({ type: 'Accept', data: { ...one('0000a', 1), at } }).then(settled('0000a', 1, 'DELIVERED'), due('0000b', 1));
  });
  it('OPS-09: an attempt is begun once, and only the one that is due', () => {
    given(queued('0000a'), due('0000a', 1)).when({ type: 'Attempt', data: { ...one('0000a', 1), at } }).then(attempted('0000a', 1));
    given(queued('0000a'), due('0000a', 1), attempted('0000a', 1)).when({ type: 'Attempt', data: { ...one('0000a', 1), at } }).thenNothing();
    given(queued('0000a'), due('0000a', 1), queued('0000b')).when({ type: 'Attempt', data: { ...one('0000b', 1), at } }).thenNothing();
    given(queued('0000a', 2), due('0000a', 1, 2)).when({ type: 'Attempt', data: { ...one('0000a', 1, 1), at } }).thenNothing();
  });
  it('OPS-09: what is not taken is tried again, later each time, and as late as the receiver asks', () => {
    given(queued('0000a'), due('0000a', 1), attempted('0000a', 1)).when(fail('0000a', 1)).then(failed('0000a', 1, inSeconds(5)));
    given(queued('0000a'), due('0000a', 1), attempted('0000a', 1)).when(fail('0000a', 1, 60_000)).then(failed('0000a', 1, inSeconds(60)));
    given(queued('0000a'), due('0000a', 2), attempted('0000a', 2)).when(fail('0000a', 2)).then(failed('0000a', 2, inSeconds(300)));
    given(queued('ffffa'), due('ffffa', 2), attempted('ffffa', 2)).when(fail('ffffa', 2)).then(failed('ffffa', 2, inSeconds(330)));
    const waiting = [queued('0000a'), due('0000a', 1), attempted('0000a', 1), failed('0000a', 1, inSeconds(5))];
    given(...waiting).when({ type: 'Retry', data: { now: inSeconds(4) } }).thenNothing();
    given(...waiting).when({ type: 'Retry', data: { now: inSeconds(5) } }).then(due('0000a', 2));
    given(...waiting).when({ type: 'Accept', data: { ...one('0000a', 1), at } }).thenNothing();
  });
  it('OPS-09: after about three days it is given up, and the next one is due', () => {
    let events: readonly HookQueueEvent[] = [queued('0000a'), due('0000a', 1), queued('0000b')];
    let now = start;
    for (let attempt = 1; attempt <= mostAttempts; attempt += 1) {
      const fold = (): Parameters<typeof hookQueue.decide>[1] => events.reduce(hookQueue.evolve, hookQueue.initial);
      const run = (command: Parameters<typeof hookQueue.decide>[0]): void => void (events = [...events, ...hookQueue.decide(command, fold())]);
      run({ type: 'Attempt', data: { ...one('0000a', attempt), at } });
      run({ type: 'Fail', data: { ...one('0000a', attempt), at: new Date(now).toISOString(), detail: 'HTTP 500', retryAfterMs: 0 } });
      const { retryAt } = fold();
      if (retryAt !== '') now = Date.parse(retryAt);
      run({ type: 'Retry', data: { now: new Date(now).toISOString() } });
    }
    expect((now - start) / 86_400_000).toBeGreaterThan(3);
    expect((now - start) / 86_400_000).toBeLessThan(3.5);
    expect(events.slice(-3)).toMatchObject([{ type: 'DeliveryAttemptFailed', data: { retryAt: '' } }, { type: 'DeliverySettled', data: { outcome: 'FAILED', attempt: mostAttempts } }, { type: 'DeliveryDue', data: { deliveryId: '0000b', attempt: 1 } }]);
  });
  it('OPS-09: of a webhook that is not sent anything any more each is dropped when it is due', () =>
    given(queued('0000a'), due('0000a', 1), queued('0000b')).when({ type: 'Drop', data: { ...one('0000a', 1), at } }).then(settled('0000a', 1, 'DROPPED'), due('0000b', 1)));
  it('OPS-09: is sent again under its old id', () => given(queued('0000a'), due('0000a', 1), attempted('0000a', 1), settled('0000a', 1, 'DELIVERED')).when({ type: 'Queue', data: delivery('0000a', 2) }).then(queued('0000a', 2), due('0000a', 1, 2)));
  it('OPS-09: of what goes into a file nothing waits here', () => {
    const { queue: _, round: _round, queuedAt: _queuedAt, ...line } = delivery('0000a');
    given().when({ type: 'Write', data: line }).then({ type: 'LineWritten', data: line });
    given({ type: 'LineWritten', data: line }).when({ type: 'Retry', data: { now: at } }).thenNothing();
  });
  it('OPS-09: remembers the channels that its messages name', () => {
    given().when({ type: 'Know', data: { channels: ['woo-eu'] } }).then({ type: 'HookChannelsKnown', data: { channels: ['woo-eu'] } });
    given({ type: 'HookChannelsKnown', data: { channels: ['woo-eu'] } }).when({ type: 'Know', data: { channels: ['woo-eu'] } }).thenNothing();
  });
});
