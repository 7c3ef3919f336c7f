import { describe, expect, it } from '@jest/globals';
import { specify } from '@flotilla/testing';
import { claim, claimAt, leaseMs, type ClaimCommand, type ClaimEvent } from './claim.decider.js';

const { given } = specify(claim);
const orderId = 'order-1';
const [ada, bob] = ['caller:ada', 'caller:bob'];
const at = (minutes: number): string => new Date(Date.parse('2026-12-01T09:00:00.000Z') + minutes * 60_000).toISOString();
const take = (by: string, minutes: number, more: { readonly takeOver?: boolean; readonly reason?: string } = {}): ClaimCommand => ({ type: 'ClaimOrder', data: { orderId, by, at: at(minutes), takeOver: false, reason: '', ...more } });
const release = (by: string, minutes: number, reason = ''): ClaimCommand => ({ type: 'ReleaseClaim', data: { orderId, by, at: at(minutes), reason } });
const claimed = (by: string, until: number, from = '', reason = ''): ClaimEvent => ({ type: 'OrderClaimed', data: { orderId, by, until: at(until), from, reason } });
const released = (by: string, from = '', reason = ''): ClaimEvent => ({ type: 'ClaimReleased', data: { orderId, by, from, reason } });

describe('who works at an order', () => {
  it('OPS-01: whoever claims it first, for a quarter of an hour; claiming one’s own renews it', () => {
    expect(leaseMs).toBe(15 * 60_000);
    given().when(take(ada, 0)).then(claimed(ada, 15));
    given(claimed(ada, 15)).when(take(ada, 5)).then(claimed(ada, 20));
    given(claimed(ada, 20)).when(take(ada, 5)).thenNothing();
    given(claimed(ada, 20)).when(take(ada, 3)).thenNothing();
  });

  it('OPS-01: of somebody else it is refused while it stands, and free once it is over', () => {
    given(claimed(ada, 15)).when(take(bob, 14)).thenRefused('CLAIMED');
    expect(() => claim.decide(take(bob, 14), { by: ada, until: at(15) })).toThrow(expect.objectContaining({ message: `caller:ada works at this order until ${at(15)}; wait, or take it over with a reason`, metadata: { claimedBy: ada, claimedUntil: at(15) } }));
    given(claimed(ada, 15)).when(take(bob, 15)).then(claimed(bob, 30));
    given(claimed(ada, 15), released(ada)).when(take(bob, 1)).then(claimed(bob, 16));
  });

  it('OPS-01: it is taken over with a reason, which is kept with whose it was; where it is nobody’s there is nothing to take over', () => {
    given(claimed(ada, 15)).when(take(bob, 1, { takeOver: true, reason: 'Ada is ill' })).then(claimed(bob, 16, ada, 'Ada is ill'));
    given(claimed(ada, 15)).when(take(bob, 1, { takeOver: true })).thenRefused('BAD_REQUEST');
    given(claimed(ada, 15)).when(take(bob, 1, { reason: 'Ada is ill' })).thenRefused('CLAIMED');
    given().when(take(bob, 1, { takeOver: true, reason: 'Ada is ill' })).then(claimed(bob, 16));
    given(claimed(ada, 15)).when(take(ada, 1, { takeOver: true, reason: 'to be sure' })).then(claimed(ada, 16));
  });

  it('OPS-01: its owner lets it go, others with a reason; what is over needs no word', () => {
    given(claimed(ada, 15)).when(release(ada, 1)).then(released(ada));
    given(claimed(ada, 15)).when(release(bob, 1)).thenRefused('CLAIMED');
    given(claimed(ada, 15)).when(release(bob, 1, 'end of the shift')).then(released(bob, ada, 'end of the shift'));
    given(claimed(ada, 15)).when(release(bob, 15)).thenNothing();
    given(claimed(ada, 15), released(ada)).when(release(ada, 2)).thenNothing();
    given().when(release(ada, 0)).thenNothing();
  });

  it('OPS-01: nobody has it any more from the instant on at which it ends', () => {
    const held = { by: ada, until: at(15) };
    expect([claimAt(held, at(14)), claimAt(held, at(15)), claimAt(claim.initial, at(0))]).toEqual([held, claim.initial, claim.initial]);
  });
});
