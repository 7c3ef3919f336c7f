// The topics of the fleet, from topics.json. Brokers never make one by themselves.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Admin } from 'kafkajs';
import { kafkaClient } from './kafka.ts';

export interface Topic {
  readonly name: string;
  readonly partitions: number;
  /** -1 keeps for ever. */
  readonly retentionMs: number;
}

const dayMs = 86_400_000;

/** Every topic, each consumed one with its `.dlq`. */
export function topics(): Topic[] {
  const { partitions, dlqRetentionDays, topics: list } = JSON.parse(readFileSync(join(import.meta.dirname, 'topics.json'), 'utf8')) as {
    partitions: number;
    dlqRetentionDays: number;
    topics: { name: string; retentionDays: number | null; consumed: boolean }[];
  };
  return list.flatMap(({ name, retentionDays, consumed }) => [
    { name, partitions, retentionMs: retentionDays === null ? -1 : retentionDays * dayMs },
    ...(consumed ? [{ name: `${name}.dlq`, partitions, retentionMs: dlqRetentionDays * dayMs }] : []),
  ]);
}

/** Creates what is missing; answers the names it created. `fresh`: for specs, drops what is there with all its messages first. */
export async function createTopics({ brokers, wanted = topics(), replication = 1, minInSync = 1, fresh = false }: { brokers: string; wanted?: readonly Topic[]; replication?: number; minInSync?: number; fresh?: boolean }): Promise<string[]> {
  const admin = kafkaClient(brokers).admin();
  await admin.connect();
  try {
    if (fresh) await dropTopics(admin, wanted);
    const there = new Set(await admin.listTopics());
    const missing = wanted.filter(({ name }) => !there.has(name));
    if (missing.length === 0) return [];
    await admin.createTopics({
      waitForLeaders: false, // the loop below does
      timeout: 30_000,
      topics: missing.map(({ name, partitions, retentionMs }) => ({
        topic: name,
        numPartitions: partitions,
        replicationFactor: replication,
        configEntries: [
          { name: 'cleanup.policy', value: 'delete' },
          { name: 'retention.ms', value: String(retentionMs) },
          { name: 'min.insync.replicas', value: String(minInSync) },
        ],
      })),
    });
    // A leader that is chosen is not one that answers yet: whoever reads now is told "not the leader" for a moment; on a machine with much else to do for a minute.
    const until = Date.now() + 180_000;
    for (const { name } of missing) {
      for (;;) {
        try {
          await admin.fetchTopicOffsets(name);
          break;
        } catch (error) {
          if (Date.now() > until) throw error;
          await sleep(50);
        }
      }
    }
    return missing.map(({ name }) => name);
  } finally {
    await admin.disconnect();
  }
}

async function dropTopics(admin: Admin, unwanted: readonly Topic[]): Promise<void> {
  const names = new Set(unwanted.map(({ name }) => name));
  const there = async (): Promise<string[]> => (await admin.listTopics()).filter((name) => names.has(name));
  const doomed = await there();
  if (doomed.length > 0) await admin.deleteTopics({ topics: doomed, timeout: 30_000 });
  // Gone from the list is not gone from the disk, but a new one of the name may be made.
  for (const until = Date.now() + 30_000; (await there()).length > 0 && Date.now() < until; ) await sleep(50);
}
