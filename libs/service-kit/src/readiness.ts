import type { Consumer } from '@flotilla/messaging';

type Watched = Pick<Consumer, 'ready' | 'stopped'>;

/** What `/readyz` says of the consumers of a service. */
export interface Readiness {
  /** Those that have not had partitions yet: until then a rollout waits, and calls go to whoever was there before. */
  readonly late: () => readonly string[];
  /** What is told, and takes nobody out of traffic. */
  readonly remarks: () => readonly string[];
}

/**
 * A service takes calls from when each of its consumers first had partitions. That they are dealt anew later, or that one stands still, is no reason to
 * take none any more: every replica loses its partitions at the same time, and who frees a full parking lot calls the very service.
 */
export const readinessOf = (consumers: ReadonlyMap<string, Watched>): Readiness => {
  const waited = new Set(consumers.keys());
  const standing = (consumer: Watched): readonly string[] => consumer.stopped().map(({ topic, partition, reason }) => `${topic}/${partition} stands still: ${reason}`);
  return {
    late: () => {
      for (const group of waited) {
        const consumer = consumers.get(group)!;
        if (consumer.ready() || consumer.stopped().length > 0) waited.delete(group);
      }
      return [...waited].map((group) => `consumer ${group} has no partitions yet`);
    },
    remarks: () => [...consumers].flatMap(([group, consumer]) => standing(consumer).map((line) => `consumer ${group}: ${line}`)),
  };
};
