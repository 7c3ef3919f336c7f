import { sqlMigration } from '@flotilla/service-kit';
import type { Recorded, Transaction } from '@flotilla/event-store';
import type { CancellationEvent } from '../decide/cancellation.events.js';
import type { WriteBackEvent } from '../decide/write-back.events.js';

export const WriteBackTable = sqlMigration('WriteBacks', 1763700000004, [
  `CREATE TABLE read.write_back (
     parcel_id uuid NOT NULL, order_id uuid NOT NULL, state text NOT NULL, fulfilment_id text NOT NULL, reason text NOT NULL, position bigint NOT NULL, PRIMARY KEY (order_id, parcel_id))`,
]);

/** What platforms were told of cancellations of ours. */
export const CancellationTable = sqlMigration('Cancellations', 1764633600001, ['CREATE TABLE read.cancellation (order_id uuid PRIMARY KEY, state text NOT NULL, reason text NOT NULL, position bigint NOT NULL)']);

/** Those that somebody has to look after, or that are under way: few, however many there ever were. */
export const WriteBackQueue = sqlMigration('WriteBackQueue', 1764800000001, [
  "CREATE INDEX write_back_queue ON read.write_back (position DESC) WHERE state IN ('FAILED', 'UNKNOWN', 'PENDING')",
  "CREATE INDEX cancellation_queue ON read.cancellation (position DESC) WHERE state IN ('FAILED', 'UNKNOWN', 'PENDING')",
]);

export interface CancellationRow {
  order_id: string;
  state: 'PENDING' | 'UNKNOWN' | 'DONE' | 'FAILED' | 'NOT_NEEDED';
  reason: string;
  position: number;
}

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

export const projectCancellations = async (events: readonly Recorded[], tx: Transaction): Promise<void> => {
  const last = new Map<string, CancellationRow>();
  for (const { stream, type, data, position } of events) {
    if (!stream.startsWith('cancellation-')) continue;
    const event = { type, data } as CancellationEvent;
    const reason = event.type === 'CancellationUnknown' ? event.data.why : event.type === 'ChannelCancellationRefused' ? `${event.data.reason}: ${event.data.detail}` : '';
    last.set(stream, { order_id: event.data.orderId, state: cancellationStates[event.type], reason, position });
  }
  if (last.size === 0) return;
  await tx.query(
    `INSERT INTO read.cancellation SELECT * FROM jsonb_populate_recordset(NULL::read.cancellation, $1)
     ON CONFLICT (order_id) DO UPDATE SET state = excluded.state, reason = excluded.reason, position = excluded.position WHERE cancellation.position < excluded.position`,
    [JSON.stringify([...last.values()])],
  );
};

const cancellationStates: Readonly<Record<CancellationEvent['type'], CancellationRow['state']>> = {
  CancellationRequested: 'PENDING',
  CancellationNotNeeded: 'NOT_NEEDED',
  CancellationUnknown: 'UNKNOWN',
  ChannelCancellationTold: 'DONE',
  ChannelCancellationRefused: 'FAILED',
};
