import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { House } from '../../../../../deploy/sandbox/src/wms/house.js';
import { MemoryStore } from '../../../spec/memory-store.js';
import { stock } from '../../decide/stock.decider.js';
import { freeOf } from '../../decide/stock.events.js';
import { settles, wmsLock, type SaidThere } from '../../decide/wms/lock.decider.js';
import type { Verb, WmsLockEvent } from '../../decide/wms/lock.events.js';
import type { Meaning } from '../../decide/wms/shelf.decider.js';
import { LocksNeeded } from '../shelf.js';
import { askConfirm, askConsume, askLock, askRelease, expireWmsLock, hear, tellStock, type Victims } from './participant.js';

const SITE = 'W';
const CALL_MS = 1_000;
const LEASE_MS = 30_000;
const iso = (ms: number): string => new Date(ms).toISOString();
const head = (lockId: string) => ({ lockId, foId: `F-${lockId}`, round: 1, warehouse: SITE });

/** The participant here, a warehouse there that sets goods aside as often as it is told to, and calls that can be lost on either way. */
class Border {
  readonly store = new MemoryStore(() => iso(this.ms));
  readonly house = new House(SITE, true);
  readonly feeds: { readonly meaning: Meaning; readonly sku: string; readonly figure: number; readonly position: number }[] = [];
  /** Calls that are still on their way and will have their effect. */
  readonly stragglers: (() => void)[] = [];
  ms = 0;

  constructor(private readonly meaning: Meaning) {}

  lock = (id: string, lines: readonly { sku: string; quantity: number }[]): void => this.store.execute((unit) => askLock(unit, { ...head(id), lines: [...lines], priority: 0 }));
  confirm = (id: string): void => this.store.execute((unit) => askConfirm(unit, { ...head(id), fence: this.at(id).fence }, iso(this.ms)));
  release = (id: string): void => this.store.execute((unit) => askRelease(unit, { ...head(id), reason: 'x' }));
  consume = (id: string): void => this.store.execute((unit) => askConsume(unit, { ...head(id), fence: this.at(id).fence, parcelId: `P-${id}` }));
  expire = (id: string): void => this.store.execute((unit) => expireWmsLock(unit, id, iso(this.ms)));
  at = (id: string) => this.store.state(wmsLock, id);
  free = (sku: string): number => freeOf(this.store.state(stock, `${SITE}.${sku}`));
  replies = (id: string): readonly string[] => this.store.events(`wmslock-${id}`).map(({ type }) => type).filter((type) => type.startsWith('Stock'));

  /** One step of the job about a lock, as the performer takes it. */
  job(id: string, fate: 'good' | 'lost' | 'no-effect' | 'late'): void {
    const { calling, call, deadline } = this.at(id);
    if (calling === '') return;
    if (calling === 'OWED') {
      this.store.execute((unit) => unit.run(wmsLock, id, { type: 'BeginCall', data: { call, deadline: iso(this.ms + CALL_MS) } }));
      return this.#call(id, fate);
    }
    const there = this.house.find(id);
    const said = there ? this.#said(id) : null;
    if (fate === 'lost') return this.#hear(id, { type: 'LoseAnswer', data: { call, askAfter: iso(this.ms), detail: 'lost' } });
    if (said && settles(this.at(id).verb as Verb, said.there)) return this.#hear(id, { type: 'SettleCall', data: { call, said, expiresAt: iso(this.ms + LEASE_MS) } });
    const data = { call, said, askedAt: iso(this.ms), deadline: iso(this.ms + CALL_MS), askAfter: iso(this.ms) };
    this.#hear(id, { type: 'NotArrived', data });
    const after = this.at(id);
    if (after.call === call && after.calling === 'BEGUN' && after.deadline !== deadline) this.#call(id, fate);
  }

  /** What would ordinarily come next for a lock. */
  go(id: string, fate: 'good' | 'lost' | 'no-effect' | 'late'): void {
    const { calling, reply, ask } = this.at(id);
    if (calling !== '') this.job(id, fate);
    else if (!ask) this.lock(id, [{ sku: 'A', quantity: 1 }]);
    else if (reply?.type === 'StockLocked') this.confirm(id);
    else if (reply?.type === 'StockConfirmed') this.consume(id);
  }

  note(): void {
    for (const [sku, { physical, position }] of this.house.shelves) this.feeds.push({ meaning: this.meaning, sku, figure: this.meaning === 'PHYSICAL' ? physical : this.house.sellable(sku), position });
  }

  tell(index: number): void {
    const feed = this.feeds[index % Math.max(1, this.feeds.length)];
    if (feed) this.#withVictims((victims) => this.store.execute((unit) => tellStock(unit, { type: 'TellStock', data: { warehouse: SITE, unsellable: 0, ...feed } }, victims)));
  }

  /** All that is under way comes to its end. */
  settle(): void {
    for (let turn = 0; turn < 20; turn += 1) {
      this.ms += 2 * CALL_MS;
      for (const straggler of this.stragglers.splice(0)) straggler();
      for (const id of this.store.all(wmsLock).keys()) this.job(id, 'good');
    }
  }

  #call(id: string, fate: 'good' | 'lost' | 'no-effect' | 'late'): void {
    const { call, verb, ask, lines, fence, parcelId } = this.at(id);
    const effect = (): void => {
      if (verb === 'LOCK') this.house.lock(id, ask!.foId, lines, Number.POSITIVE_INFINITY);
      else if (verb === 'CONFIRM') this.house.confirm(id, fence);
      else if (verb === 'RELEASE') this.house.release(id);
      else this.house.consume(id, fence, parcelId);
    };
    if (fate === 'late') this.stragglers.push(effect);
    else if (fate !== 'no-effect') effect();
    if (fate === 'good') this.#hear(id, { type: 'SettleCall', data: { call, said: this.#said(id), expiresAt: iso(this.ms + LEASE_MS) } });
    else this.#hear(id, { type: 'LoseAnswer', data: { call, askAfter: iso(this.ms), detail: fate } });
  }

  #said(id: string): SaidThere {
    const { state, fence, position, free } = this.house.find(id)!;
    return { there: state, fence, position, reason: state === 'REFUSED' ? 'SHORT' : '', free: [...free] };
  }

  #hear(id: string, command: Parameters<typeof hear>[2]): void {
    this.#withVictims((victims) => this.store.execute((unit) => hear(unit, id, command, victims)));
  }

  #withVictims(act: (victims: Victims) => void): void {
    try {
      act([]);
    } catch (error) {
      if (!(error instanceof LocksNeeded)) throw error;
      act([...this.store.all(wmsLock).keys()]);
    }
  }
}

const opened = (meaning: Meaning, stocked: Readonly<Record<string, number>> = { A: 5, B: 5 }): Border => {
  const border = new Border(meaning);
  for (const [sku, quantity] of Object.entries(stocked)) border.house.receive(sku, quantity);
  border.note();
  border.feeds.forEach((_, index) => border.tell(index));
  return border;
};
const A = (quantity: number) => [{ sku: 'A', quantity }];

describe('a lock in a warehouse system', () => {
  it('ALC-09: is asked for, confirmed and consumed there, and each answer follows when it is so there', () => {
    const border = opened('SELLABLE');
    border.lock('l1', A(2));
    expect([border.free('A'), border.replies('l1')]).toEqual([3, []]);
    border.job('l1', 'good');
    expect(border.replies('l1')).toEqual(['StockLocked']);
    border.confirm('l1');
    border.job('l1', 'good');
    border.consume('l1');
    expect(border.store.state(stock, 'W.A')).toMatchObject({ onHand: 5, confirmed: 2, held: 0 });
    border.job('l1', 'good');
    expect(border.replies('l1')).toEqual(['StockLocked', 'StockConfirmed', 'StockConsumed']);
    expect(border.store.state(stock, 'W.A')).toMatchObject({ onHand: 3, confirmed: 0, held: 0 });
    expect(border.house.find('l1')).toMatchObject({ state: 'CONSUMED', times: 1 });
  });

  it('ALC-09: a lost answer is a state, and asked for before anything is done again', () => {
    const border = opened('SELLABLE');
    border.lock('l1', A(2));
    border.job('l1', 'lost');
    expect([border.at('l1').calling, border.replies('l1'), border.free('A')]).toEqual(['UNKNOWN', [], 3]);
    border.job('l1', 'good');
    expect([border.replies('l1'), border.house.find('l1')?.times]).toEqual([['StockLocked'], 1]);
  });

  it('ALC-09: a call that never arrived is made again only after its deadline', () => {
    const border = opened('SELLABLE');
    border.lock('l1', A(2));
    border.job('l1', 'late');
    border.job('l1', 'good');
    expect([border.at('l1').calling, border.at('l1').tries]).toEqual(['UNKNOWN', 1]);
    border.stragglers.splice(0).forEach((arrive) => arrive());
    border.ms += 2 * CALL_MS;
    border.job('l1', 'good');
    expect([border.replies('l1'), border.house.find('l1')?.times, border.at('l1').tries]).toEqual([['StockLocked'], 1, 1]);
  });

  it('ALC-09: what nobody wants any more is voided, so that a straggler finds it released', () => {
    const border = opened('SELLABLE');
    border.lock('l1', A(2));
    border.job('l1', 'no-effect');
    border.release('l1');
    border.settle();
    expect([border.replies('l1'), border.house.find('l1')?.state, border.free('A')]).toEqual([['StockReleased'], 'RELEASED', 5]);
    border.house.lock('l1', 'F', A(2), Number.POSITIVE_INFINITY);
    expect(border.house.sellable('A')).toBe(5);
  });

  it('ALC-09: a refusal there lowers the forecast to what is there, so that the question is not put for ever', () => {
    const border = opened('PHYSICAL');
    border.house.lock('somebody-else', '', A(4), Number.POSITIVE_INFINITY);
    border.lock('l1', A(2));
    border.job('l1', 'good');
    expect([border.replies('l1'), border.free('A')]).toEqual([['StockLockRefused'], 1]);
    border.lock('l2', A(2));
    expect([border.replies('l2'), border.at('l2').call]).toEqual([['StockLockRefused'], 0]);
  });

  it('ALC-09: a lease ends here and is given back there; a late confirm is told so', () => {
    const border = opened('SELLABLE');
    border.lock('l1', A(2));
    border.job('l1', 'good');
    border.ms = LEASE_MS + 1;
    border.confirm('l1');
    expect(border.replies('l1')).toEqual(['StockLocked', 'StockLockExpired']);
    border.settle();
    expect([border.house.find('l1')?.state, border.free('A'), border.replies('l1')]).toEqual(['RELEASED', 5, ['StockLocked', 'StockLockExpired']]);
  });

  it('ALC-09: a feed with less than is promised takes promises back, here at once and there when it is told', () => {
    const border = opened('PHYSICAL');
    for (const id of ['l1', 'l2']) {
      border.lock(id, A(2));
      border.job(id, 'good');
      border.confirm(id);
      border.job(id, 'good');
    }
    border.house.receive('A', -2);
    border.note();
    border.tell(border.feeds.length - 2);
    expect(border.store.state(stock, 'W.A')).toMatchObject({ onHand: 3, confirmed: 2, held: 0 });
    expect(border.replies('l1')).not.toContain('StockReleased');
    border.settle();
    const said = border.store.events('wmslock-l1').find(({ type }) => type === 'StockReleased');
    expect(said?.data).toEqual({ ...head('l1'), missing: [{ sku: 'A', quantity: 1 }] });
    expect([border.house.find('l1')?.state, border.house.find('l2')?.state, border.free('A')]).toEqual(['RELEASED', 'CONFIRMED', 1]);
  });

  it('ALC-09: goods that are leaving are neither promised again nor missed', () => {
    const border = opened('PHYSICAL', { A: 2 });
    border.lock('l1', A(2));
    border.job('l1', 'good');
    border.confirm('l1');
    border.job('l1', 'good');
    border.consume('l1');
    border.job('l1', 'lost'); // taken there, and nobody knows
    border.note();
    border.tell(border.feeds.length - 1);
    expect([border.replies('l1').includes('StockReleased'), border.free('A')]).toEqual([false, 0]);
    border.settle();
    expect([border.replies('l1').at(-1), border.free('A'), border.store.state(stock, 'W.A').onHand]).toEqual(['StockConsumed', 0, 0]);
  });

  it('ALC-09: whatever is lost, late, repeated and fed in whatever order: one lock per id there, everything known in the end, nothing leaked, and the forecast is what is there', () => {
    const id = fc.constantFrom('l1', 'l2', 'l3');
    const fate = fc.constantFrom('good' as const, 'good' as const, 'lost' as const, 'no-effect' as const, 'late' as const);
    const step = fc.oneof(
      fc.record({ kind: fc.constant('lock' as const), id, a: fc.integer({ min: 1, max: 3 }), b: fc.integer({ min: 0, max: 2 }) }),
      fc.record({ kind: fc.constantFrom('confirm' as const, 'release' as const, 'consume' as const, 'expire' as const), id }),
      fc.record({ kind: fc.constant('job' as const), id, fate }),
      ...Array.from({ length: 4 }, () => fc.record({ kind: fc.constant('go' as const), id, fate })),
      fc.record({ kind: fc.constantFrom('note' as const, 'straggle' as const) }),
      fc.record({ kind: fc.constant('tell' as const), index: fc.nat(50) }),
      fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(300, 1_500, 40_000) }),
    );
    fc.assert(
      fc.property(fc.constantFrom('PHYSICAL' as const, 'SELLABLE' as const), fc.array(step, { maxLength: 80, size: 'max' }), (meaning, steps) => {
        const border = opened(meaning);
        let waited = 0;
        for (const one of steps) {
          switch (one.kind) {
            case 'lock':
              border.lock(one.id, [...A(one.a), ...(one.b > 0 ? [{ sku: 'B', quantity: one.b }] : [])]);
              break;
            case 'confirm':
            case 'release':
            case 'consume':
            case 'expire':
              border[one.kind](one.id);
              break;
            case 'job':
              border.job(one.id, one.fate);
              break;
            case 'go':
              border.go(one.id, one.fate);
              break;
            case 'note':
              border.note();
              break;
            case 'straggle':
              // A network delivers within the deadline that the caller gave it, or not at all.
              border.stragglers.splice(0).forEach((arrive) => arrive());
              break;
            case 'tell':
              border.tell(one.index);
              break;
            case 'wait':
              // Several short waits are a long one: nothing arrives after its deadline.
              waited += one.ms;
              if (waited >= CALL_MS) border.stragglers.splice(0).forEach((arrive) => arrive());
              if (waited >= CALL_MS) waited = 0;
              border.ms += one.ms;
              break;
          }
        }
        border.settle();
        for (const [lockId, state] of border.store.all(wmsLock)) {
          const there = border.house.find(lockId);
          expect(there?.times ?? 0).toBeLessThanOrEqual(1);
          expect(state.calling).toBe('');
          if (there) expect(state.there).toBe(there.state);
          const wanted = state.reply?.type === 'StockLocked' || state.reply?.type === 'StockConfirmed';
          expect([lockId, there?.state === 'LOCKED' || there?.state === 'CONFIRMED']).toEqual([lockId, wanted]);
        }
        for (const sku of ['A', 'B']) expect([sku, border.free(sku)]).toEqual([sku, border.house.sellable(sku)]);
        expect(border.store.differing()).toEqual([]);
        const told = border.store.log.filter(({ stream }) => stream.startsWith('wmslock-')) as unknown as readonly WmsLockEvent[];
        expect(told.filter(({ type }) => type === 'StockLocked').length).toBe(new Set(told.filter(({ type }) => type === 'StockLocked').map(({ data }) => (data as { lockId: string }).lockId)).size);
      }),
      { numRuns: 300 },
    );
  });
});
