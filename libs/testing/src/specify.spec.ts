import { describe, expect, it } from '@jest/globals';
import { Refused, type Decider } from '@flotilla/decider';
import { specify } from './specify.js';

type Command = { readonly type: 'Add'; readonly data: { readonly n: number } };
type Event = { readonly type: 'Added'; readonly data: { readonly n: number } };
type State = { readonly sum: number; readonly seen: readonly number[] };

const counter: Decider<State, Command, Event> = {
  category: 'counter',
  initial: { sum: 0, seen: [] },
  evolve: (state, event) => ({ sum: state.sum + event.data.n, seen: [...state.seen, event.data.n] }),
  decide: ({ data }, state) => {
    if (data.n < 0) throw new Refused('NEGATIVE', 'give a number from 0');
    if (data.n > 100) throw new Error('impossible');
    return state.seen.includes(data.n) ? [] : [{ type: 'Added', data }];
  },
};
const added = (n: number): Event => ({ type: 'Added', data: { n } });
const addIt = (n: number): Command => ({ type: 'Add', data: { n } });
const { given } = specify(counter);

describe('specify', () => {
  it('states what a decision is', () => {
    given().when(addIt(1)).then(added(1));
    given(added(1)).when(addIt(1)).thenNothing();
    given(added(1)).when(addIt(-1)).thenRefused('NEGATIVE');
    given(added(1), added(2)).thenState({ sum: 3, seen: [1, 2] });
    expect.hasAssertions();
  });

  it('fails where the decision is another', () => {
    expect(() => given().when(addIt(1)).thenNothing()).toThrow();
    expect(() => given().when(addIt(1)).then(added(2))).toThrow();
    expect(() => given().when(addIt(1)).thenRefused('NEGATIVE')).toThrow('not refused, but decided');
    expect(() => given().when(addIt(-1)).thenRefused('OTHER')).toThrow();
    expect(() => given().when(addIt(101)).thenRefused('NEGATIVE')).toThrow('impossible');
  });

  it('catches a decider that changes its state, and one that decides by mood', () => {
    const rude: Decider<{ list: number[] }, Command, Event> = {
      category: 'rude',
      initial: { list: [] },
      evolve: (state, event) => {
        state.list.push(event.data.n);
        return state;
      },
      decide: ({ data }) => [{ type: 'Added', data }],
    };
    expect(() => specify(rude).given(added(1))).toThrow();
    let mood = 0;
    const moody: Decider<State, Command, Event> = { ...counter, decide: () => [added((mood += 1))] };
    expect(() => specify(moody).given().when(addIt(1)).then(added(1))).toThrow();
  });

  it('catches what would not survive being stored', () => {
    const dated = { type: 'Added', data: { n: 1, at: new Date() } } as unknown as Event;
    expect(() => given(dated)).toThrow('the event Added is not plain JSON');
    expect(() => given().when({ type: 'Add', data: { n: 1, note: undefined } } as Command)).not.toThrow();
    expect(() => given().when({ type: 'Add', data: { n: 1, note: undefined } } as Command).then(added(1))).toThrow('the command Add is not plain JSON');
  });
});
