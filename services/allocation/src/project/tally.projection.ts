import type { Recorded, Transaction } from '@flotilla/event-store';
import type { Pool } from 'pg';

// A lock's first event that ends it is a tombstone: nothing was locked that could be released.
const countOf = ({ stream, type, version }: Recorded): string | undefined => {
  if (stream.startsWith('lock-')) {
    switch (type) {
      case 'StockLocked':
        return 'locked';
      case 'StockLockRefused':
        return 'refused';
      case 'StockConfirmed':
        return 'confirmed';
      case 'StockConsumed':
        return 'consumed';
      case 'StockReleased':
        return version === 1 ? undefined : 'released';
      case 'StockLockExpired':
        return version === 1 ? undefined : 'expired';
      default:
        return undefined;
    }
  }
  return stream.startsWith('allocation-') && type === 'OrderAllocated' ? 'allocated' : undefined;
};

export const projectTally = async (events: readonly Recorded[], tx: Transaction): Promise<void> => {
  const counts = new Map<string, number>();
  for (const event of events) {
    const name = countOf(event);
    if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  if (counts.size === 0) return;
  await tx.query(
    'INSERT INTO read.tally SELECT * FROM unnest($1::text[], $2::bigint[]) ON CONFLICT (name) DO UPDATE SET count = read.tally.count + excluded.count',
    [[...counts.keys()], [...counts.values()]],
  );
};

const names = ['locked', 'released', 'expired', 'confirmed', 'consumed', 'refused', 'allocated'] as const;

/** Counts since the log began; `backorderedNow` is of this moment. */
export const tally = async (pool: Pool): Promise<Readonly<Record<string, number>>> => {
  const { rows } = await pool.query<{ name: string; count: string }>(
    `SELECT name, count FROM read.tally
     UNION ALL SELECT 'backorderedNow', count(*) FROM read.backorder_history WHERE state = 'WAITING'
     UNION ALL SELECT 'backordersServed', count(*) FROM read.backorder_history WHERE state = 'SERVED'`,
  );
  return { ...Object.fromEntries(names.map((name) => [name, 0])), ...Object.fromEntries(rows.map(({ name, count }) => [name, Number(count)])) };
};
