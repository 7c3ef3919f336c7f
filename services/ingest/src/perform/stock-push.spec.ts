import { describe, expect, it } from '@jest/globals';
import type { ChannelApi, LevelsSet, StockPort } from '../channels/platform.js';
import { setAll } from './stock-push.js';

describe('levels of a channel', () => {
  const levels = Array.from({ length: 250 }, (_, n) => ({ item: `i${n}`, level: n }));
  const port = (answer: (call: number, items: readonly string[]) => LevelsSet): { readonly calls: string[][]; readonly references: Set<string>; readonly port: StockPort } => {
    const calls: string[][] = [];
    const references = new Set<string>();
    const set: StockPort['set'] = async (_, asked) => {
      calls.push(asked.levels.map(({ item }) => item));
      references.add(asked.reference);
      return answer(calls.length, calls.at(-1)!);
    };
    return { calls, references, port: { batch: 100, set, list: () => Promise.reject(new Error('nothing is listed')) } };
  };

  it('ING-12: are set in calls of as many items as the channel takes at once, however many items a SKU has', async () => {
    const { calls, references, port: stock } = port((call, items) => ({ outcome: 'set', changed: items.slice(0, 2), refused: new Map([[items.at(-1)!, `no ${call}`]]) }));
    const answered = await setAll(stock, {} as ChannelApi, 'L', levels);
    expect(calls.map(({ length }) => length)).toEqual([100, 100, 50]);
    expect([calls.flat(), references.size]).toEqual([levels.map(({ item }) => item), 3]);
    expect(answered).toEqual({ outcome: 'set', changed: ['i0', 'i1', 'i100', 'i101', 'i200', 'i201'], refused: new Map([['i99', 'no 1'], ['i199', 'no 2'], ['i249', 'no 3']]) });
  });

  it('ING-12: are all told later when one call has to be, since what was set already is found set then', async () => {
    const later: LevelsSet = { outcome: 'retry', afterMs: 5, why: 'slow down', unsure: true };
    const { calls, port: stock } = port((call, items) => (call === 2 ? later : { outcome: 'set', changed: items, refused: new Map() }));
    expect([await setAll(stock, {} as ChannelApi, 'L', levels), calls.length]).toEqual([later, 2]);
  });
});
