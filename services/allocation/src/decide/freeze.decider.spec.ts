import { describe, it } from '@jest/globals';
import { specify } from '@flotilla/testing';
import { FAILURES, freeze, type FreezeCommand } from './freeze.decider.js';
import type { FreezeEvent } from './freeze.events.js';

const { given } = specify(freeze);
const sku = 'MUG-1';
const at = '2026-11-22T00:00:00.000Z';
const until = '2026-11-23T00:00:00.000Z';
const policy = { rate: 0.01, leastFailures: 3, frozenMs: 86_400_000 };
const judge = (failed: number, reserved: number): FreezeCommand => ({ type: 'JudgeReservations', data: { sku, at, failed, reserved, policy } });
const frozen: FreezeEvent = { type: 'SkuFrozen', data: { sku, freeze: 1, reason: FAILURES, failed: 5, reserved: 400, frozenAt: at, until } };
const byHand: FreezeEvent = { type: 'SkuFrozen', data: { sku, freeze: 1, reason: 'recall', failed: 0, reserved: 0, frozenAt: at, until: '' } };
const unfrozen = (by: string, unfrozenAt = at): FreezeEvent => ({ type: 'SkuUnfrozen', data: { sku, freeze: 1, by, unfrozenAt } });

describe('freezing a SKU', () => {
  it('ALC-07: more than one failed promise in a hundred freezes it', () => {
    given().when(judge(5, 400)).then(frozen);
    given().when(judge(5, 500)).thenNothing();
    given(frozen).when(judge(50, 400)).thenNothing();
  });
  it('ALC-07: a few failures say nothing yet, however few promises there were', () => given().when(judge(2, 2)).thenNothing());
  it('ALC-07: the rule unfreezes it when its time is over, or when somebody has counted the shelf', () => {
    given(frozen).when({ type: 'LookAtFreeze', data: { sku, at: '2026-11-22T23:59:59.999Z' } }).thenNothing();
    given(frozen).when({ type: 'LookAtFreeze', data: { sku, at: until } }).then(unfrozen('rule:time', until));
    given(frozen).when({ type: 'NoteCount', data: { sku, at: until } }).then(unfrozen('rule:count', until));
    given(frozen).when({ type: 'NoteCount', data: { sku, at } }).thenNothing();
  });
  it('ALC-07: what a person froze, a person unfreezes', () => {
    given().when({ type: 'FreezeSku', data: { sku, at, reason: 'recall' } }).then(byHand);
    given(byHand).when({ type: 'NoteCount', data: { sku, at: until } }).thenNothing();
    given(byHand).when({ type: 'LookAtFreeze', data: { sku, at: until } }).thenNothing();
    given(byHand).when({ type: 'UnfreezeSku', data: { sku, at, by: 'chen' } }).then(unfrozen('chen'));
    given(frozen).when({ type: 'UnfreezeSku', data: { sku, at, by: 'chen' } }).then(unfrozen('chen'));
    given().when({ type: 'UnfreezeSku', data: { sku, at, by: 'chen' } }).thenNothing();
    given().when({ type: 'FreezeSku', data: { sku, at, reason: '' } }).thenRefused('BAD_REQUEST');
  });
  it('ALC-07: frozen again, it is another freeze', () => given(frozen, unfrozen('chen')).when(judge(5, 400)).then({ ...frozen, data: { ...frozen.data, freeze: 2 } } as FreezeEvent));
});
