import { setTimeout as sleep } from 'node:timers/promises';
import { serviceNames, type ServiceName } from '@flotilla/tasks';
import type { Invariant } from './invariant.ts';
import { openSources, type Sources } from './sources.ts';

interface Read {
  readonly consumer: string;
  readonly topic: string;
  readonly partition: number;
  readonly next: string;
}

export interface Followed {
  readonly name: string;
  readonly position: string;
  readonly head: string;
  readonly led: boolean;
  /** Seconds since 1970 of its last step. */
  readonly moved: string;
}

const everyMs = 250;

/**
 * Waits until every service has read the topics it reads to their ends and has followed its own log to its end, three looks in
 * a row without a new event between them. What holds in the end need not hold on the way there: the log of a service that is a
 * moment behind lacks what another's already has. Returns who is behind, by name: nobody, if the fleet came to rest in time.
 */
export const stillness = async ({ dir, withinMs }: { readonly dir: string; readonly withinMs: number }): Promise<readonly string[]> => {
  const sources = openSources(dir);
  try {
    const until = Date.now() + withinMs;
    for (let still = 0, before = ''; ; await sleep(everyMs)) {
      const { behind, heads } = await look(sources).catch((error: unknown) => ({ behind: [`the fleet cannot be asked: ${(error as Error).message}`], heads: '' }));
      still = behind.length === 0 && (still === 0 || heads === before) ? still + 1 : 0;
      before = heads;
      if (still === 3) return [];
      if (Date.now() > until) return behind.length > 0 ? behind : ['it is at work: its logs grow'];
    }
  } finally {
    await sources.close();
  }
};

/** What `stillness` found, as a promise to be kept: a service that stands still has nothing wrong in its log, and serves nobody. */
export const resting = (behind: readonly string[]): Invariant => ({ name: '7 every service has read and followed to the end', holds: behind.length === 0, checked: serviceNames.length, faults: behind.length > 10 ? [...behind.slice(0, 10), `… and ${behind.length - 10} more`] : behind });

const goneAfterSeconds = 24 * 60 * 60;

/**
 * Those that are somebody's: a checkpoint outlives its follower, which was renamed or dropped. Of those nobody leads one is gone if others of the
 * service have moved for a day since; where the service itself stands still, none is.
 */
export const alive = (followed: readonly Followed[]): readonly Followed[] => {
  const newest = Math.max(...followed.map(({ moved }) => Number(moved)));
  return followed.filter(({ led, moved }) => led || newest - Number(moved) < goneAfterSeconds);
};

// Who follows holds this lock (libs/event-store, leadership).
const followers = `
SELECT c.name, c.position, h.head, extract(epoch FROM c.updated_at) AS moved,
       EXISTS (SELECT FROM pg_locks l WHERE l.locktype = 'advisory' AND l.granted AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND l.classid = 7002 AND l.objid::bigint = hashtext(c.name)::bigint & 4294967295) AS led
  FROM es.checkpoint c, (SELECT coalesce(max(position), 0) AS head FROM es.event) h`;

const look = async (sources: Sources): Promise<{ readonly behind: readonly string[]; readonly heads: string }> => {
  const each = await Promise.all(
    serviceNames.map(async (service) => ({
      service,
      followed: alive(await sources.query<Followed & Record<string, unknown>>(service, followers)),
      read: await sources.query<Read & Record<string, unknown>>(service, "SELECT consumer, topic, partition, next_offset AS next FROM es.consumer_offset WHERE topic <> 'es'"), // a reactor's: it is a follower, too
    })),
  );
  const ends = await sources.ends([...new Set(each.flatMap(({ read }) => read.map(({ topic }) => topic)))]);
  return {
    behind: each.flatMap(({ service, followed, read }) => [
      ...followed.filter(({ position, head }) => Number(position) < Number(head)).map(({ name, position, head }) => `${service}'s follower ${name} is at ${position} of ${head}`),
      ...unread(service, read, ends),
    ]),
    heads: JSON.stringify([each.map(({ followed }) => followed[0]?.head), [...ends]]),
  };
};

/** A partition of which nothing was ever read has no row: the rows name the topics of a consumer, the ends their partitions. */
const unread = (service: ServiceName, read: readonly Read[], ends: ReadonlyMap<string, number>): readonly string[] => {
  const at = new Map(read.map(({ consumer, topic, partition, next }) => [`${consumer} ${topic}/${partition}`, Number(next)]));
  const topics = new Map(read.map(({ consumer, topic }) => [`${consumer} ${topic}`, { consumer, topic }]));
  return [...topics.values()].flatMap(({ consumer, topic }) =>
    [...ends].filter(([place, end]) => place.startsWith(`${topic}/`) && (at.get(`${consumer} ${place}`) ?? 0) < end).map(([place, end]) => `${service} (${consumer}) has read ${place} to ${at.get(`${consumer} ${place}`) ?? 0} of ${end}`),
  );
};
