import { Refused } from '@flotilla/decider';
import { StaleOffset, TaskFailed } from './errors.js';
import type { Follower } from './followers.js';
import type { EventStore } from './store.js';
import type { Recorded, Task } from './types.js';

/**
 * A follower that turns this database's own events into tasks (`coordinate/`). They are appended in the order of the log,
 * all or nothing with the position as offset, so that each event reacts once; a repeat would be dropped anyway if
 * `meta.source` names the event. A task that throws stops the reactor, which tries again, unless `refused` takes the
 * refusal: then that task alone is left out.
 */
export const reactor = (
  name: string,
  store: EventStore,
  tasks: (event: Recorded) => readonly Task<unknown>[],
  refused?: (error: Refused, event: Recorded) => void,
): Follower => {
  const consumer = `reactor:${name}`;
  const react = async (events: readonly Recorded[]): Promise<void> => {
    const from = (await store.offset(consumer, 'es', 0)) ?? 0;
    const fresh = events.filter(({ position }) => position >= from);
    const last = fresh.at(-1);
    if (!last) return;
    let due = fresh.flatMap((event) => tasks(event).map((task) => ({ event, task })));
    for (let at = from; ; ) {
      try {
        await store.intake(
          due.map(({ task }) => task),
          { consumer, topic: 'es', partition: 0, from: at, next: last.position + 1 },
          // An event's tasks belong together: the offset passes the event with the last of them.
          due.map(({ event }, i) => (due[i + 1]?.event === event ? event.position : event.position + 1)),
        );
        return;
      } catch (error) {
        if (error instanceof StaleOffset) return react(events);
        if (!(error instanceof TaskFailed) || !(error.cause instanceof Refused) || !refused) throw error;
        const failed = due[error.index];
        if (!failed) throw error;
        refused(error.cause, failed.event);
        at = error.next;
        due = due.filter((one) => one !== failed && one.event.position >= at);
      }
    }
  };
  return { name, outside: react };
};
