import { setTimeout as sleep } from 'node:timers/promises';
import { serviceNames, type ServiceName } from '@flotilla/tasks';
import { openSources, type Sources } from './sources.ts';

interface Read {
  readonly consumer: string;
  readonly topic: string;
  readonly partition: number;
  readonly next: string;
}

interface Followed {
  readonly name: string;
  readonly position: string;
  readonly head: string;
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

const look = async (sources: Sources): Promise<{ readonly behind: readonly string[]; readonly heads: string }> => {
  const each = await Promise.all(
    serviceNames.map(async (service) => ({
      service,
      followed: await sources.query<Followed & Record<string, string>>(service, 'SELECT c.name, c.position, h.head FROM es.checkpoint c, (SELECT coalesce(max(position), 0) AS head FROM es.event) h'),
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
