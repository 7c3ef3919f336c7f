/** A command that has not left yet. */
export interface Pending {
  readonly id: string;
  /** In people's words: "Approve 3 orders". */
  readonly what: string;
  /** What it is about, so that lists can mark it. */
  readonly subjects: readonly string[];
  readonly leavesAt: number;
}

export interface Clock {
  readonly now: () => number;
  readonly after: (ms: number, act: () => void) => () => void;
}

const wall: Clock = {
  now: () => Date.now(),
  after: (ms, act) => {
    const timer = setTimeout(act, ms);
    return () => clearTimeout(timer);
  },
};

/** How long a person may think better of it. */
export const graceMs = 10_000;

interface Held extends Pending {
  readonly leave: () => void;
  readonly stop: () => void;
}

/** Commands in their grace: each leaves when its time is over, at once when told so, or never. */
export const createGrace = (clock: Clock = wall, ms = graceMs) => {
  let held: readonly Held[] = [];
  let number = 0;
  const listeners = new Set<() => void>();
  const become = (next: readonly Held[]): void => {
    held = next;
    for (const tell of listeners) tell();
  };
  const take = (id: string): Held | undefined => {
    const one = held.find((each) => each.id === id);
    if (!one) return undefined;
    one.stop();
    become(held.filter((each) => each !== one));
    return one;
  };
  return {
    begin: (what: string, subjects: readonly string[], run: () => void): Pending => {
      number += 1;
      const id = `grace-${number}`;
      const one: Held = { id, what, subjects, leavesAt: clock.now() + ms, leave: run, stop: clock.after(ms, () => take(id)?.leave()) };
      become([...held, one]);
      return one;
    },
    /** It never leaves; answers what it was, undefined once it has left. */
    undo: (id: string): Pending | undefined => take(id),
    leave: (id: string): void => take(id)?.leave(),
    /** The newest one, for a key. */
    newest: (): Pending | undefined => held.at(-1),
    pending: (): readonly Pending[] => held,
    subscribe: (tell: () => void): (() => void) => {
      listeners.add(tell);
      return () => listeners.delete(tell);
    },
  };
};
