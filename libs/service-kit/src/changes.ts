import { setTimeout as sleep } from 'node:timers/promises';
import { ops } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import type { Recorded, Runner } from '@flotilla/event-store';
import { serve, type Served } from './grpc-server.js';

/** Writes of so short a time are told together: a busy log is ten batches a second, not one per event. */
const TOGETHER_MS = 100;
/** Who is farther behind than this would only show what is long over: it is told that it missed something. */
const MOST_BEHIND = 5_000;
const MOST_WATCHERS = 50;
/** How long what is told waits for the projections, so that whoever asks at once is answered with it. */
const SHOWN_WITHIN_MS = 500;

/** What a page of the log says, one line per stream. */
export const toChanges = (events: readonly Pick<Recorded, 'stream' | 'type' | 'position'>[], categories: ReadonlySet<string>): readonly ops.Change[] => {
  const byStream = new Map<string, { types: Set<string>; position: number }>();
  for (const { stream, type, position } of events) {
    const known = byStream.get(stream) ?? { types: new Set<string>(), position };
    known.types.add(type);
    known.position = position;
    byStream.set(stream, known);
  }
  return [...byStream].flatMap(([stream, { types, position }]) => {
    const dash = stream.indexOf('-');
    const category = stream.slice(0, dash);
    return categories.size === 0 || categories.has(category) ? [{ stream, category, id: stream.slice(dash + 1), types: [...types], position }] : [];
  });
};

/**
 * Changes, which every service serves. Watchers read the pages that the followers read: another one costs no query. A watcher that reads slowly is
 * waited for, and told that it missed something once it is too far behind, so nothing is kept for it.
 */
export const changesService = (log: Pick<Runner, 'next' | 'positions'>): { readonly served: Served; stop(): void } => {
  const stopping = new AbortController();
  let watchers = 0;
  const head = (): number => Math.max(0, ...log.positions().values());
  const shown = async (position: number, signal: AbortSignal): Promise<void> => {
    for (const until = performance.now() + SHOWN_WITHIN_MS; Math.min(...log.positions().values()) < position && performance.now() < until && !signal.aborted; ) await sleep(10);
  };
  return {
    served: serve(ops.Changes, {
      watch: async function* ({ afterPosition, categories }, call) {
        if (watchers >= MOST_WATCHERS) throw new Refused('OVERLOADED', 'too many watch this log already');
        watchers += 1;
        try {
          const signal = AbortSignal.any([call.signal, stopping.signal]);
          const wanted = new Set(categories);
          let at = afterPosition > 0 ? afterPosition : head();
          let missed = false;
          const catchUp = (): void => {
            if (Math.abs(head() - at) <= MOST_BEHIND) return; // a log that is shorter than it was: a database that was restored
            at = head();
            missed = true;
          };
          catchUp();
          yield { changes: [], position: at, missed };
          for (;;) {
            missed = false;
            catchUp();
            const events = missed ? [] : await log.next(at, signal);
            if (signal.aborted) return;
            at = events.at(-1)?.position ?? at;
            const changes = toChanges(events, wanted);
            if (changes.length === 0 && !missed) continue;
            await shown(at, signal);
            yield { changes, position: at, missed };
            await sleep(TOGETHER_MS, undefined, { signal }).catch(() => undefined);
          }
        } finally {
          watchers -= 1;
        }
      },
    }),
    stop: () => stopping.abort(),
  };
};
