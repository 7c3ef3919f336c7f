import { sqlMigration } from '@flotilla/service-kit';
import type { Recorded, Transaction } from '@flotilla/event-store';
import type { WriteBackEvent } from '../decide/write-back.events.js';

export const WriteBackTable = sqlMigration('WriteBacks', 1763700000004, [
  `CREATE TABLE read.write_back (
     parcel_id uuid NOT NULL, order_id uuid NOT NULL, state text NOT NULL, fulfilment_id text NOT NULL, reason text NOT NULL, position bigint NOT NULL, PRIMARY KEY (order_id, parcel_id))`,
]);

export interface WriteBackRow {
  parcel_id: string;
  order_id: string;
  state: 'PENDING' | 'UNKNOWN' | 'DONE' | 'FAILED' | 'NOT_NEEDED';
  fulfilment_id: string;
  reason: string;
  position: number;
}

export const projectWriteBacks = async (events: readonly Recorded[], tx: Transaction): Promise<void> => {
  const last = new Map<string, WriteBackRow>();
  for (const recorded of events.filter(({ stream }) => stream.startsWith('writeBack-')) as readonly Recorded<WriteBackEvent>[]) {
    const { type, data } = { type: recorded.type, data: recorded.data } as WriteBackEvent;
    const row = { parcel_id: data.parcelId, order_id: data.orderId, fulfilment_id: '', reason: '', position: recorded.position };
    const state = states[type];
    last.set(recorded.stream, {
      ...row,
      state,
      ...(type === 'WriteBackSucceeded' ? { fulfilment_id: data.channelFulfilmentId } : {}),
      ...(type === 'WriteBackFailed' ? { reason: data.reason } : type === 'WriteBackUnknown' ? { reason: data.why } : {}),
    });
  }
  if (last.size === 0) return;
  await tx.query(
    `INSERT INTO read.write_back SELECT * FROM jsonb_populate_recordset(NULL::read.write_back, $1)
     ON CONFLICT (order_id, parcel_id) DO UPDATE SET state = excluded.state, fulfilment_id = excluded.fulfilment_id, reason = excluded.reason, position = excluded.position
     WHERE write_back.position < excluded.position`,
    [JSON.stringify([...last.values()])],
  );
};

const states: Readonly<Record<WriteBackEvent['type'], WriteBackRow['state']>> = {
  WriteBackRequested: 'PENDING',
  WriteBackNotNeeded: 'NOT_NEEDED',
  WriteBackUnknown: 'UNKNOWN',
  WriteBackSucceeded: 'DONE',
  WriteBackFailed: 'FAILED',
};
