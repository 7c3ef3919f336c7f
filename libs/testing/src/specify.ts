import { expect } from '@jest/globals';
import { Refused, fold, type Decider, type Message } from '@flotilla/decider';

/** After `given(...)`: the state that the events fold to is what a command meets. */
export interface Given<Command extends Message, Event extends Message, State> {
  when(command: Command): When<Event>;
  /** The folded state itself, for rules of `evolve`. */
  thenState(expected: State): void;
}

/** The outcomes that a decision can have; a plain `Error` of the decider fails the spec as it is. */
export interface When<Event extends Message> {
  then(...events: readonly Event[]): void;
  thenNothing(): void;
  thenRefused(reason: string): void;
}

/**
 * The grammar of all decider specs.
 *
 * ```ts
 * const { given } = specify(order);
 * it('confirms once', () => given(placed, confirmed).when({ type: 'ConfirmOrder', data: { at } }).thenNothing());
 * ```
 *
 * State, events and commands are deep-frozen and must survive JSON, since that is how they are stored; a decision is taken
 * twice and must come out the same, and folding must not depend on identity.
 */
export const specify = <State, Command extends Message, Event extends Message>(
  decider: Decider<State, Command, Event>,
): { readonly given: (...events: readonly Event[]) => Given<Command, Event, State> } => ({
  given: (...events) => {
    const state = frozen(events.reduce((before, event) => frozen(decider.evolve(before, plain(event, 'event'))), frozen(decider.initial)));
    return {
      thenState: (expected) => expect(state).toEqual(expected),
      when: (command) => {
        const outcome = (): readonly Event[] => decider.decide(plain(command, 'command'), state);
        const decided = (): readonly Event[] => {
          const decision = outcome().map((event) => plain(event, 'event'));
          expect(outcome()).toEqual(decision);
          frozen(fold(decider, decision, state)); // what was decided can be applied, without changing what was before
          return decision;
        };
        return {
          then: (...expected) => expect(decided()).toEqual(expected),
          thenNothing: () => expect(decided()).toEqual([]),
          thenRefused: (reason) => expect(refusalOf(outcome)).toBe(reason),
        };
      },
    };
  },
});

/** Freezes a value and all it holds; returns it. */
export const frozen = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) frozen(part);
  }
  return value;
};

// A Map, a Date or an undefined property would come back from the store as something else.
const plain = <M extends Message>(message: M, what: string): M => {
  try {
    expect(JSON.parse(JSON.stringify(message))).toStrictEqual(message);
  } catch (cause) {
    throw new Error(`the ${what} ${message.type} is not plain JSON`, { cause });
  }
  return frozen(message);
};

const refusalOf = (decide: () => readonly Message[]): string => {
  let events: readonly Message[];
  try {
    events = decide();
  } catch (error) {
    if (error instanceof Refused) return error.reason;
    throw error;
  }
  return `not refused, but decided ${JSON.stringify(events)}`;
};
