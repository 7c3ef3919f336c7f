import { describe, expect, it } from '@jest/globals';
import { fold } from '@flotilla/decider';
import { specify } from '@flotilla/testing';
import fc from 'fast-check';
import { compare } from './compare.js';
import { wmsFeed } from './feed.decider.js';
import { netted, nothingUnderWay, wmsShelf, type Meaning, type Move, type WmsShelfEvent } from './shelf.decider.js';

const place = { warehouse: 'W', sku: 'A' };
const told = (figure: number, position: number, meaning: Meaning = 'PHYSICAL'): WmsShelfEvent => ({ type: 'ShelfTold', data: { ...place, meaning, figure, unsellable: 0, position } });
const moved = (...moves: readonly Move[]): WmsShelfEvent => ({ type: 'ShelfMoved', data: { ...place, lockId: 'l', moves, change: nothingUnderWay } });

describe('what a warehouse system told of a SKU', () => {
  const { given } = specify(wmsShelf);
  const tell = (figure: number, position: number) => ({ type: 'TellStock', data: { ...place, meaning: 'PHYSICAL', figure, unsellable: 0, position } }) as const;

  it('ALC-09: a level that is older than what is known changes nothing', () => {
    given().when(tell(5, 7)).then(told(5, 7));
    given(told(5, 7)).when(tell(9, 6)).thenNothing();
    given(told(5, 7)).when(tell(5, 7)).thenNothing();
    given(told(5, 7)).when(tell(4, 7)).then(told(4, 7));
  });

  it('ALC-09: a difference follows the figure before it, or waits for a level', () => {
    const difference = (delta: number, previous: number, position: number) => ({ type: 'TellDifference', data: { ...place, delta, previous, position } }) as const;
    given().when(difference(1, 0, 1)).thenNothing();
    given(told(5, 7)).when(difference(2, 7, 9)).then(told(7, 9));
    given(told(5, 7)).when(difference(2, 8, 9)).thenNothing();
    given(told(5, 7)).when(difference(2, 6, 7)).thenNothing();
  });

  it('says what it means, and is refused if it does not', () => {
    given().when({ type: 'TellStock', data: { ...tell(1, 1).data, meaning: 'ABOUT' as Meaning } }).thenRefused('BAD_REQUEST');
    given().when(tell(-1, 1)).thenRefused('BAD_QUANTITY');
    given().when(tell(1.5, 1)).thenRefused('BAD_QUANTITY');
    given().when(tell(1, -1)).thenRefused('BAD_QUANTITY');
  });

  it('ALC-09: replaying what moved after its position gives what was lived through, wherever the list was made', () => {
    const step = fc.record({ kind: fc.constantFrom('lock' as const, 'unlock' as const, 'take' as const), quantity: fc.integer({ min: 1, max: 3 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), fc.nat(30), fc.nat(30), fc.constantFrom('PHYSICAL' as const, 'SELLABLE' as const), (steps, made, arrived, meaning) => {
        // The other ledger lives: figures before each position.
        let [physical, locked] = [100, 0];
        const history = [{ physical, locked }];
        const moves = steps.map(({ kind, quantity }, index): Move => {
          const possible = kind === 'lock' ? quantity : Math.min(quantity, locked);
          locked += kind === 'lock' ? possible : -possible;
          physical -= kind === 'take' ? possible : 0;
          history.push({ physical, locked });
          return { kind, quantity: possible, position: index + 1 };
        });
        const at = Math.min(made, steps.length);
        const list = told(meaning === 'PHYSICAL' ? history[at]!.physical : history[at]!.physical - history[at]!.locked, at, meaning);
        const known = Math.max(at, Math.min(arrived, steps.length)); // the list arrives when so much is known here
        const events: WmsShelfEvent[] = [told(100, 0, meaning), ...moves.slice(0, known).map((move) => moved(move)), list, ...moves.slice(known).map((move) => moved(move))];
        expect(netted(fold(wmsShelf, events), locked)).toEqual({ free: physical - locked, lacking: 0 });
      }),
      { numRuns: 500 },
    );
  });

  it('without a feed it remembers a bounded number of moves, and promises less rather than more', () => {
    const many = fold(wmsShelf, [told(100_000, 0), ...Array.from({ length: 6_000 }, (_, index) => moved({ kind: 'take', quantity: 1, position: index + 1 }))]);
    expect([many.moves.length <= 5_000, netted(many, 0).free]).toEqual([true, 94_000]);
    expect(netted(wmsShelf.evolve(many, told(99_000, 1_000)), 0).free).toBeLessThanOrEqual(94_000);
  });
});

describe('a list against the forecast', () => {
  const level = { onHand: 6, unsellable: 0, held: 0, confirmed: 2 };
  it('ALC-09: adds what moved after the list was made, in the list’s own meaning', () => {
    const shelf = fold(wmsShelf, [told(10, 1), moved({ kind: 'take', quantity: 4, position: 5 })]);
    const list = { ...place, unsellable: 0, figure: 9, position: 4 };
    expect(compare({ ...list, meaning: 'PHYSICAL' }, shelf, level, 4)).toEqual({ sku: 'A', ours: 6, theirs: 9, inFlight: -4, difference: -1 });
    expect(compare({ ...list, meaning: 'SELLABLE' }, shelf, level, 4)).toEqual({ sku: 'A', ours: 4, theirs: 9, inFlight: 0, difference: 5 });
    expect(compare({ ...list, meaning: 'PHYSICAL', position: 0 }, shelf, level, 4)).toBeUndefined();
    expect(compare({ ...list, meaning: 'PHYSICAL', figure: 1 }, shelf, level, 4)).toMatchObject({ difference: -9 });
  });
});

describe('pushes in their order', () => {
  const push = (sequence: number) => ({ type: 'TakePush', data: { warehouse: 'W', sequence } }) as const;
  const taken = (sequence: number) => ({ type: 'PushTaken', data: { warehouse: 'W', sequence } }) as const;
  it('ALC-09: one that never came is noticed when the next one does, once', () => {
    const { given } = specify(wmsFeed);
    given().when(push(5)).then(taken(5));
    given(taken(5)).when(push(6)).then(taken(6));
    given(taken(5)).when(push(8)).then({ type: 'GapNoticed', data: { warehouse: 'W', after: 5, before: 8 } }, taken(8));
    given(taken(8)).when(push(6)).thenNothing();
    given(taken(8)).when({ type: 'WantWholeList', data: { warehouse: 'W', at: 't' } }).then({ type: 'WholeListWanted', data: { warehouse: 'W', at: 't' } });
  });
});
