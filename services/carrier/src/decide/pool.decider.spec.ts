import { describe, expect, it } from '@jest/globals';
import { fold, type Of } from '@flotilla/decider';
import { specify } from '@flotilla/testing';
import fc from 'fast-check';
import { numberAt, rangeOf } from './number-range.js';
import { allPools, nextNumber, pool, pools, type PoolCommand } from './pool.decider.js';
import type { PoolEvent } from './pool.events.js';

const range = rangeOf('YT1000000000001', 'YT1000000000003')!;
const add = (change: Partial<Of<PoolCommand, 'AddNumbers'>['data']> = {}): PoolCommand => ({ type: 'AddNumbers', data: { carrier: 'yto', warehouse: 'SZ1', range, low: 2, voided: 'RECLAIM', ...change } });
const issue = (parcelId: string): PoolCommand => ({ type: 'IssueNumber', data: { parcelId, purchase: 1 } });
const after = (...commands: readonly PoolCommand[]): readonly PoolEvent[] => commands.reduce<readonly PoolEvent[]>((events, command) => [...events, ...pool.decide(command, fold(pool, events))], []);
const added: PoolEvent = { type: 'NumbersAdded', data: { carrier: 'yto', warehouse: 'SZ1', range, count: 3 } };
const { given } = specify(pool);

describe('CAR-04: a pool of numbers', () => {
  it('CAR-04: takes a number once; of a range of which some came before the others are added, and what goes on where the last one ended is one with it', () => {
    given().when(add()).then({ type: 'PoolRuled', data: { carrier: 'yto', warehouse: 'SZ1', low: 2, voided: 'RECLAIM' } }, added);
    given(...after(add())).when(add({ range: rangeOf('YT1000000000002', 'YT1000000000002')! })).thenNothing();
    const more = (first: string, last: string) => ({ type: 'NumbersAdded' as const, data: { carrier: 'yto', warehouse: 'SZ1', range: rangeOf(first, last)!, count: Number(last.slice(2)) - Number(first.slice(2)) + 1 } });
    given(...after(add())).when(add({ range: rangeOf('YT1000000000003', 'YT1000000000004')! })).then(more('YT1000000000004', 'YT1000000000004'));
    given(...after(add())).when(add({ range: rangeOf('YT0999999999999', 'YT1000000000009')! })).then(more('YT0999999999999', 'YT1000000000000'), more('YT1000000000004', 'YT1000000000009'));
    given(...after(add())).when(add({ range: rangeOf('YX1000000000001', 'YX1000000000001')! })).then(more('YX1000000000001', 'YX1000000000001'));
    const joined = fold(pool, after(add(), issue('p1'), issue('p2'), issue('p3'), add({ range: rangeOf('YT1000000000004', 'YT1000000000006')! })));
    expect([joined.ranges.length, joined.left, nextNumber(joined)]).toEqual([1, 3, 'YT1000000000004']);
    given(...after(add())).when({ type: 'AddNumbers', data: { carrier: 'yto', warehouse: 'SZ1', range } }).thenNothing();
    given(...after(add())).when(add({ low: 5 })).then({ type: 'PoolRuled', data: { carrier: 'yto', warehouse: 'SZ1', low: 5, voided: 'RECLAIM' } });
  });

  it('CAR-04: gives them one after the other, and says once that it runs low, until more come', () => {
    given(...after(add())).when(issue('p1')).then({ type: 'NumberIssued', data: { number: 'YT1000000000001', parcelId: 'p1', purchase: 1 } });
    given(...after(add(), issue('p1'))).when(issue('p2')).then({ type: 'NumberIssued', data: { number: 'YT1000000000002', parcelId: 'p2', purchase: 1 } }, { type: 'PoolRanLow', data: { carrier: 'yto', warehouse: 'SZ1', left: 1 } });
    expect(after(add(), issue('p1'), issue('p2'), issue('p3')).filter(({ type }) => type === 'PoolRanLow')).toHaveLength(1);
    const more = add({ range: rangeOf('YT1000000000010', 'YT1000000000012')! });
    expect(after(add(), issue('p1'), issue('p2'), more, issue('p3'), issue('p4'), issue('p5')).filter(({ type }) => type === 'PoolRanLow')).toHaveLength(2);
    expect(nextNumber(fold(pool, after(add(), issue('p1'), issue('p2'), issue('p3'))))).toBeUndefined();
  });

  it('CAR-04: a voided number is burnt, or free again where the pool says so and no label of it was printed', () => {
    const back = (printed: boolean): PoolCommand => ({ type: 'GiveBack', data: { number: 'YT1000000000001', parcelId: 'p1', printed } });
    given(...after(add(), issue('p1'))).when(back(false)).then({ type: 'NumberReturned', data: { number: 'YT1000000000001', parcelId: 'p1' } });
    given(...after(add(), issue('p1'))).when(back(true)).then({ type: 'NumberBurnt', data: { number: 'YT1000000000001', parcelId: 'p1', because: 'VOIDED' } });
    given(...after(add({ voided: 'BURN' }), issue('p1'))).when(back(false)).then({ type: 'NumberBurnt', data: { number: 'YT1000000000001', parcelId: 'p1', because: 'VOIDED' } });
    expect(nextNumber(fold(pool, after(add(), issue('p1'), back(false))))).toBe('YT1000000000001');
  });

  it('CAR-04: whatever comes in whatever order, no number is given to two while the first keeps it, and what is left is right', () => {
    const kinds = fc.array(fc.constantFrom('add', 'more', 'issue', 'issue', 'issue', 'skip', 'back', 'print'), { maxLength: 60 });
    fc.assert(fc.property(kinds, fc.constantFrom('BURN' as const, 'RECLAIM' as const), (steps, voided) => {
      let events: readonly PoolEvent[] = [];
      const held = new Map<string, string>();
      const gone = new Set<string>();
      const do_ = (command: PoolCommand): readonly PoolEvent[] => {
        const done = pool.decide(command, fold(pool, events));
        events = [...events, ...done];
        return done;
      };
      steps.forEach((step, n) => {
        const next = nextNumber(fold(pool, events));
        if (step === 'add' || step === 'more') do_(add({ voided, range: step === 'add' ? range : rangeOf('YT1000000000002', 'YT1000000000009')! }));
        else if (step === 'issue' && next !== undefined) {
          expect(held.has(next) || gone.has(next)).toBe(false);
          held.set(next, `p${n}`);
          do_(issue(`p${n}`));
        } else if (step === 'skip' && next !== undefined) {
          gone.add(next);
          do_({ type: 'SkipNumber', data: { parcelId: `p${n}` } });
        } else {
          const [number, parcelId] = [...held][0] ?? [];
          if (number === undefined || (step !== 'back' && step !== 'print')) return;
          held.delete(number);
          if (do_({ type: 'GiveBack', data: { number, parcelId: parcelId!, printed: step === 'print' } }).some(({ type }) => type === 'NumberBurnt')) gone.add(number);
        }
        const { left, ranges } = fold(pool, events);
        expect(left).toBe(ranges.reduce((sum, { from, to }) => sum + to - from + 1, 0) - held.size - gone.size);
      });
    }));
  });

  it('CAR-04: a range is what follows: letters and length stay, check digits are counted on', () => {
    expect(rangeOf('RB123456785GB', 'RB123456808GB')).toMatchObject({ digits: 8, from: 12345678, to: 12345680, check: 'UPU' });
    const posts = rangeOf('RB123456785GB', 'RB123456808GB')!;
    expect([0, 1, 2].map((n) => numberAt(posts, posts.from + n))).toEqual(['RB123456785GB', 'RB123456799GB', 'RB123456808GB']);
    expect([rangeOf('RB123456785GB', 'RB123456809GB'), rangeOf('A1', 'B2'), rangeOf('A2', 'A1'), rangeOf('A', 'A'), rangeOf('A9', 'A10')]).toEqual([undefined, undefined, undefined, undefined, undefined]);
    expect(numberAt(rangeOf('007', '012')!, 9)).toBe('009');
  });

  it('CAR-04: the list of pools changes only when one is empty or has numbers again', () => {
    const one = { carrier: 'yto', warehouse: 'SZ1' };
    const list = specify(pools);
    expect(allPools).toBe('all');
    list.given().when({ type: 'Empty', data: one }).thenNothing();
    list.given().when({ type: 'Open', data: one }).then({ type: 'PoolOpened', data: one });
    list.given({ type: 'PoolOpened', data: one }).when({ type: 'Open', data: one }).thenNothing();
    list.given({ type: 'PoolOpened', data: one }).when({ type: 'Empty', data: one }).then({ type: 'PoolEmptied', data: one });
  });
});
