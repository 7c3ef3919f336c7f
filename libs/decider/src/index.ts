/**
 * The shape of every rule: `{ category, initial, evolve, decide }`, pure and synchronous.
 *
 * ```ts
 * const counter: Decider<number, { type: 'Add'; data: { n: number } }, { type: 'Added'; data: { n: number } }> = {
 *   category: 'counter',
 *   initial: 0,
 *   evolve: (sum, event) => sum + event.data.n,
 *   decide: (command) => [{ type: 'Added', data: command.data }],
 * };
 * ```
 */

/** A command or an event: a name and plain JSON. No `Map`, `Date` or class; instants are ISO strings in UTC. */
export interface Message {
  readonly type: string;
  readonly data: unknown;
}

/** The member of a union of commands or events that has this name. */
export type Of<Union extends Message, Type extends Union['type']> = Extract<Union, { readonly type: Type }>;

export interface Decider<State, Command extends Message, Event extends Message> {
  /** The first part of the stream's name: `order` for `order-<id>`. Letters, digits and no "-". */
  readonly category: string;
  readonly initial: State;
  /** Never refuses: what is recorded has happened. Event types that it does not know leave the state as it is. */
  readonly evolve: (state: State, event: Event) => State;
  /** `[]` if there is nothing to do; throws `Refused` if only the caller cares. */
  readonly decide: (command: Command, state: State) => readonly Event[];
  /** The version in which an event type is written now; 1 where absent. */
  readonly schemaVersions?: Readonly<Partial<Record<Event['type'], number>>>;
  /**
   * Says that the event store may keep snapshots of long streams, and which ones still hold: raise it whenever `evolve` makes
   * something else of the same events. The state must survive JSON. Absent: always folded from the first event.
   */
  readonly stateVersion?: number;
  /** Lifts the data of an event type from the version it was stored in to the next one. */
  readonly upcasters?: Readonly<Record<string, Readonly<Record<number, (data: never) => unknown>>>>;
}

// oxlint-disable-next-line typescript/no-explicit-any -- a decider of whatever state, commands and events
export type AnyDecider = Decider<any, any, any>;

/** The name of a stream: `streamOf(order, id)` = `order-<id>`. Printable ASCII, at most 200 characters. */
export const streamOf = (decider: Pick<AnyDecider, 'category'>, id: string): string => `${decider.category}-${id}`;

/**
 * A command that is not allowed. `reason` is one of the registry's reasons (UPPER_SNAKE), the message is for people and
 * says what to do next; interfaces translate it, the domain knows no HTTP or gRPC numbers.
 */
export class Refused extends Error {
  override readonly name = 'Refused';
  constructor(
    readonly reason: string,
    message: string,
    readonly metadata: Readonly<Record<string, string>> = {},
  ) {
    // It may quote a stranger, cut in the middle of a character: what carries it on (gRPC's status, protobuf) takes no half of one.
    super(message.toWellFormed());
  }
}

/** Closes a switch: the compiler complains when a case is missing. */
export const unreachable = (value: never): never => {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
};

/** Folds events onto a state. */
export const fold = <State, Command extends Message, Event extends Message>(
  decider: Decider<State, Command, Event>,
  events: readonly Event[],
  from: State = decider.initial,
): State => events.reduce(decider.evolve, from);
