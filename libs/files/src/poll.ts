import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@flotilla/event-store';

/** Looks at each place again and again until it is stopped; one that fails is looked at the next time. Two replicas may both look. */
export const pollPlaces = <Place>(options: {
  readonly places: ReadonlyMap<string, Place>;
  readonly everyMs: number;
  readonly look: (name: string, place: Place, signal: AbortSignal) => Promise<void>;
  readonly close: (place: Place) => Promise<void>;
  readonly log: Logger;
}): { stop(): Promise<void> } => {
  const { places, everyMs, look, close, log } = options;
  const stopping = new AbortController();
  const loop = async (name: string, place: Place): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        await look(name, place, AbortSignal.any([stopping.signal, AbortSignal.timeout(Math.max(60_000, everyMs))]));
      } catch (error) {
        if (!stopping.signal.aborted) log.warn({ place: name, err: error }, 'files could not be collected; it is tried again');
      }
      await sleep(everyMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  const loops = [...places].map(([name, place]) => loop(name, place));
  return {
    stop: async () => {
      stopping.abort();
      await Promise.all(loops);
      await Promise.all([...places.values()].map(close));
    },
  };
};
