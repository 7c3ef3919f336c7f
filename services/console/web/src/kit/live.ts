import { useEffect, useRef, useSyncExternalStore } from 'react';

/** Something was written: which stream, of which kind, and what. */
export interface Change {
  readonly service: string;
  readonly stream: string;
  readonly category: string;
  readonly id: string;
  readonly types: readonly string[];
  readonly position: number;
}

type Listener = (changes: readonly Change[]) => void;

/** `connecting` until it first stands; `offline` when it is lost for longer than a moment. */
export type Connection = 'connecting' | 'online' | 'offline';

const listeners = new Map<Listener, ReadonlySet<string> | 'all'>();
const watchers = new Set<() => void>();
let state: Connection = 'connecting';
let source: EventSource | undefined;
let retry: ReturnType<typeof setTimeout> | undefined;
let doubt: ReturnType<typeof setTimeout> | undefined;
let failures = 0;
let greeted = false;

const become = (next: Connection): void => {
  clearTimeout(doubt);
  doubt = undefined;
  if (next === state) return;
  state = next;
  for (const tell of watchers) tell();
};

const heard = (changes: readonly Change[]): void => {
  for (const [listener, categories] of listeners) {
    const wanted = categories === 'all' ? changes : changes.filter(({ category }) => categories.has(category));
    if (wanted.length > 0) listener(wanted);
  }
};

/** Opens the stream of changes; once, when somebody has signed in. */
export const startLive = (): void => {
  if (source) return;
  source = new EventSource('/api/events');
  source.addEventListener('hello', () => {
    failures = 0;
    become('online');
    // The first hello follows the first questions; a later one ends a gap in which anything may have happened.
    if (greeted) for (const listener of listeners.keys()) listener([]);
    greeted = true;
  });
  source.addEventListener('change', (event) => {
    become('online');
    heard(JSON.parse((event as MessageEvent<string>).data) as readonly Change[]);
  });
  source.onerror = () => {
    // A blink is no outage.
    doubt ??= setTimeout(() => become('offline'), 3_000);
    // The browser tries again by itself only as long as it was answered.
    if (source?.readyState !== EventSource.CLOSED) return;
    source = undefined;
    failures += 1;
    clearTimeout(retry);
    retry = setTimeout(startLive, Math.min(30_000, 500 * 2 ** failures) * (0.5 + Math.random() / 2));
  };
};

export const stopLive = (): void => {
  clearTimeout(retry);
  clearTimeout(doubt);
  source?.close();
  source = undefined;
  greeted = false;
  become('connecting');
};

const watch = (tell: () => void): (() => void) => {
  watchers.add(tell);
  return () => watchers.delete(tell);
};

export const useConnection = (): Connection => useSyncExternalStore(watch, () => state);

/** Calls `listener` for changes of these categories ('order', 'parcel', …, or 'all'); with none when something may have been missed. */
export const listen = (categories: readonly string[] | 'all', listener: Listener): (() => void) => {
  listeners.set(listener, categories === 'all' ? 'all' : new Set(categories));
  return () => listeners.delete(listener);
};

/** As `listen`, for as long as the component stands. */
export const useLive = (categories: readonly string[] | 'all', listener: Listener): void => {
  const latest = useRef(listener);
  latest.current = listener;
  const key = categories === 'all' ? 'all' : categories.join(' ');
  useEffect(() => {
    if (key === '') return undefined;
    return listen(key === 'all' ? 'all' : key.split(' '), (changes) => latest.current(changes));
  }, [key]);
};

/** `act`, now and then at most once in `ms`; the last call is never lost. */
export const atMostEvery = (ms: number, act: () => void): { (): void; cancel(): void } => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last = -Infinity;
  const run = (): void => {
    timer = undefined;
    last = Date.now();
    act();
  };
  return Object.assign(() => void (timer ??= setTimeout(run, Math.max(0, last + ms - Date.now()))), { cancel: () => clearTimeout(timer) });
};
