import type { EventStore, Follower, Meta, Recorded } from '@flotilla/event-store';
import type { Clock } from '@flotilla/values';
import type { Pool } from 'pg';
import { freeze, type FreezePolicy } from '../decide/freeze.decider.js';
import type { LockEvent } from '../decide/lock.events.js';
import type { StockEvent } from '../decide/stock.events.js';

interface Options {
  readonly pool: Pool;
  readonly store: EventStore;
  readonly clock: Clock;
  readonly policy: FreezePolicy;
  readonly meta: (cause: { readonly actor: string; readonly correlation: string }) => Meta;
}

const WINDOW_MINUTES = 60;

interface Count {
  readonly sku: string;
  readonly minute: string;
  readonly reserved: number;
  readonly failed: number;
}

/** Promises made and broken, per SKU and minute. A promise fails when the goods turn out not to be there; a warehouse that is asked for more than it has breaks none. */
export const reservations = (events: readonly Recorded[], toBusinessMs: (wallMs: number) => number): readonly Count[] => {
  const counts = new Map<string, Count>();
  const add = (event: Recorded, sku: string, reserved: number, failed: number): void => {
    const minute = new Date(Math.floor(toBusinessMs(Date.parse(event.recordedAt)) / 60_000) * 60_000).toISOString();
    const key = `${minute} ${sku}`;
    const before = counts.get(key);
    counts.set(key, { sku, minute, reserved: (before?.reserved ?? 0) + reserved, failed: (before?.failed ?? 0) + failed });
  };
  for (const event of events.filter(({ stream }) => stream.startsWith('lock-'))) {
    const { type, data } = event as unknown as LockEvent;
    if (type === 'StockLocked') for (const { sku } of data.lines) add(event, sku, 1, 0);
    else if (type === 'StockReleased') for (const { sku } of data.missing) add(event, sku, 0, 1);
  }
  return [...counts.values()];
};

/** Watches how often promises fail, and freezes a SKU whose promises fail too often; a count of its shelf unfreezes it. Not a projection that can be rebuilt: it acts. */
export const reservationWatch = ({ pool, store, clock, policy, meta }: Options): Follower => {
  const count = async (events: readonly Recorded[]): Promise<void> => {
    const client = await pool.connect();
    try {
      await client.query('BEGIN');
      const { rows } = await client.query<{ position: string }>('SELECT position FROM read.reservation_mark FOR UPDATE');
      const fresh = events.filter(({ position }) => position > Number(rows[0]!.position));
      const counts = reservations(fresh, (wallMs) => clock.toBusinessMs(wallMs));
      if (counts.length > 0) {
        const old = new Date(clock.business().getTime() - 2 * WINDOW_MINUTES * 60_000).toISOString();
        await client.query(
          `INSERT INTO read.reservation AS r SELECT * FROM jsonb_populate_recordset(NULL::read.reservation, $1)
           ON CONFLICT (sku, minute) DO UPDATE SET reserved = r.reserved + excluded.reserved, failed = r.failed + excluded.failed`,
          [JSON.stringify(counts)],
        );
        await client.query('DELETE FROM read.reservation WHERE minute < $1', [old]);
        await client.query('UPDATE read.reservation_mark SET position = $1', [fresh.at(-1)!.position]);
      }
      await client.query('COMMIT');
    } catch (error) {
      await client.query('ROLLBACK').catch(() => undefined);
      throw error;
    } finally {
      client.release();
    }
  };

  // The window ends with the newest failure, however late it is looked at.
  const judge = async (skus: readonly string[], newest: string): Promise<void> => {
    const at = clock.business().toISOString();
    const since = new Date(Date.parse(newest) - WINDOW_MINUTES * 60_000).toISOString();
    const { rows } = await pool.query<{ sku: string; reserved: string; failed: string }>(
      'SELECT sku, sum(reserved) AS reserved, sum(failed) AS failed FROM read.reservation WHERE sku = ANY ($1) AND minute >= $2 GROUP BY sku HAVING sum(failed) > 0',
      [skus, since],
    );
    await Promise.all(
      rows.map(({ sku, reserved, failed }) =>
        store.execute({
          streams: [[freeze, sku]],
          meta: meta({ actor: 'rule:reservations', correlation: sku }),
          decide: (unit) => unit.run(freeze, sku, { type: 'JudgeReservations', data: { sku, at, reserved: Number(reserved), failed: Number(failed), policy } }),
        }),
      ),
    );
  };

  const thaw = async (counted: ReadonlyMap<string, string>): Promise<void> => {
    const frozen = await store.folded(freeze, [...counted.keys()]);
    await Promise.all(
      [...counted].filter(([sku]) => frozen.get(sku)!.state.frozen).map(([sku, at]) => store.execute({ streams: [[freeze, sku]], meta: meta({ actor: 'rule:count', correlation: sku }), decide: (unit) => unit.run(freeze, sku, { type: 'NoteCount', data: { sku, at } }) })),
    );
  };

  return {
    name: 'reservations',
    outside: async (events) => {
      const locks = events.filter(({ stream, type }) => stream.startsWith('lock-') && (type === 'StockLocked' || type === 'StockReleased'));
      if (locks.length > 0) await count(locks);
      const failed = new Set(locks.flatMap((event) => ((event as unknown as LockEvent).type === 'StockReleased' ? ((event.data as { missing?: readonly { sku: string }[] }).missing ?? []).map(({ sku }) => sku) : [])));
      const business = (event: Recorded): string => new Date(clock.toBusinessMs(Date.parse(event.recordedAt))).toISOString();
      const counted = new Map(events.filter(({ type }) => type === 'StockCounted').map((event) => [(event as unknown as StockEvent).data.sku, business(event)]));
      if (counted.size > 0) await thaw(counted);
      if (failed.size > 0) await judge([...failed], business(locks.at(-1)!));
    },
  };
};
