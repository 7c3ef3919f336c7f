import type { Logger } from '@flotilla/event-store';

// Of a log that has no anchor yet.
const firstMs = 60_000;

/**
 * Anchors the head of the log every so often, one after the other. The first time counts from the last anchor, not from
 * the start: a service that is restarted more often than that is anchored all the same.
 */
export const runAnchors = (options: { readonly everyMs: number; readonly last: Date | undefined; readonly anchor: () => Promise<void>; readonly log: Logger }): { stop(): Promise<void> } => {
  let running = Promise.resolve();
  const step = (): Promise<void> => (running = running.then(options.anchor).catch((error: unknown) => options.log.warn({ err: error }, 'the log was not anchored; tried again later')));
  const due = (options.last?.getTime() ?? Date.now() - options.everyMs + firstMs) + options.everyMs - Date.now();
  let timer = setTimeout(
    () => {
      void step();
      timer = setInterval(() => void step(), options.everyMs);
    },
    Math.min(options.everyMs, Math.max(0, due)),
  );
  return {
    stop: async () => {
      clearTimeout(timer);
      await running;
    },
  };
};
