import type { Consumer } from '@flotilla/messaging';
import { gauge } from './metrics.js';

interface Observed {
  readonly service: string;
  readonly consumers: ReadonlyMap<string, Consumer>;
  readonly positions: () => ReadonlyMap<string, number>;
}

// The registry is the process's, and a spec may start several services in one: each gauge exists once and asks them all.
const observed = new Set<Observed>();
gauge('flotilla_consumer_lag', 'Messages behind the end of the assigned partitions', ['service', 'consumer'], (set) => {
  for (const { service, consumers } of observed) for (const [name, consumer] of consumers) set({ service, consumer: name }, consumer.lag());
});
gauge('flotilla_follower_position', 'Position of the log that a follower has reached', ['service', 'follower'], (set) => {
  for (const { service, positions } of observed) for (const [follower, position] of positions()) set({ service, follower }, position);
});

/** Shows a service's consumers and followers in /metrics until the answer is called. */
export const observe = (service: string, consumers: ReadonlyMap<string, Consumer>, positions: () => ReadonlyMap<string, number>): (() => void) => {
  const one: Observed = { service, consumers, positions };
  observed.add(one);
  return () => observed.delete(one);
};
