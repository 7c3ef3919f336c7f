import type { Logger } from '@flotilla/event-store';

/** Anchors the head of the log every so often, one after the other. */
export const runAnchors = (options: { readonly everyMs: number; readonly anchor: () => Promise<void>; readonly log: Logger }): { stop(): Promise<void> } => {
  let running = Promise.resolve();
  const step = (): Promise<void> => (running = running.then(options.anchor).catch((error: unknown) => options.log.warn({ err: error }, 'the log was not anchored; tried again later')));
  const timer = setInterval(() => void step(), options.everyMs);
  return {
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
};
