import type { Recorded, Transaction } from '@flotilla/event-store';
import { gauge, histogram, sqlMigration } from '@flotilla/service-kit';
import type pg from 'pg';
import type { AllocationEvent } from '../decide/allocation.events.js';

export const SagaTable = sqlMigration('Sagas', 1764720000001, [
  // Those that have not ended alone: /metrics counts them every few seconds.
  'CREATE TABLE read.saga (fo_id text PRIMARY KEY, phase text NOT NULL, since timestamptz NOT NULL, begun_at timestamptz NOT NULL) WITH (fillfactor = 70)',
]);

const phases = ['ASKING', 'CONFIRMING', 'BACKORDERED', 'RELEASING', 'DISPLACED'] as const;
type Phase = (typeof phases)[number];
type Outcome = 'allocated' | 'backordered' | 'released' | 'uncovered';

interface Step {
  readonly phase?: Phase;
  readonly outcome?: Outcome;
  /** What is measured begins with it. */
  readonly begins?: boolean;
}

const stepOf = ({ type }: AllocationEvent): Step | undefined => {
  switch (type) {
    case 'RequestNoted':
      return { phase: 'ASKING', begins: true };
    case 'AllocationPlanned':
    case 'RoundOpened':
      return { phase: 'ASKING' };
    case 'AllocationClaimed':
      return { phase: 'CONFIRMING' };
    case 'OrderBackordered':
      return { phase: 'BACKORDERED', outcome: 'backordered' };
    case 'BackorderKept':
      return { phase: 'BACKORDERED' };
    case 'CancelNoted':
      return { phase: 'RELEASING', begins: true };
    case 'StockDisplaced':
      return { phase: 'DISPLACED', begins: true };
    case 'OrderAllocated':
      return { outcome: 'allocated' };
    case 'StockReleased':
      return { outcome: 'released' };
    case 'ShippedUncovered':
      return { outcome: 'uncovered' };
    default:
      return undefined;
  }
};

interface Row {
  readonly fo_id: string;
  readonly phase: Phase;
  readonly since: string;
  readonly begun_at: string;
}

const seconds = histogram('flotilla_saga_seconds');
/** Older news is a log that is followed again, and was measured when it was new. */
const freshMs = 3_600_000;

export const projectSagas = async (events: readonly Recorded[], tx: Transaction): Promise<void> => {
  const steps = events.filter(({ stream }) => stream.startsWith('allocation-')).flatMap((event) => {
    const own = event as unknown as AllocationEvent & { readonly recordedAt: string };
    const step = stepOf(own);
    return step ? [{ ...step, foId: own.data.foId, at: own.recordedAt }] : [];
  });
  if (steps.length === 0) return;
  const foIds = [...new Set(steps.map(({ foId }) => foId))];
  const { rows } = await tx.query<Row>('SELECT fo_id, phase, since::text, begun_at::text FROM read.saga WHERE fo_id = ANY ($1)', [foIds]);
  const live = new Map<string, Row>(rows.map((row) => [row.fo_id, row]));
  for (const { foId, at, phase, outcome, begins } of steps) {
    const known = live.get(foId);
    const begun = begins ? at : (known?.begun_at ?? at);
    if (outcome && known && Date.now() - Date.parse(at) < freshMs) seconds.observe({ outcome }, Math.max(0, Date.parse(at) - Date.parse(begun)) / 1_000);
    if (phase) live.set(foId, { fo_id: foId, phase, since: known?.phase === phase ? known.since : at, begun_at: begun });
    else live.delete(foId);
  }
  const ended = foIds.filter((foId) => !live.has(foId));
  if (ended.length > 0) await tx.query('DELETE FROM read.saga WHERE fo_id = ANY ($1)', [ended]);
  if (live.size > 0) {
    await tx.query(
      `INSERT INTO read.saga SELECT * FROM json_to_recordset($1) AS s(fo_id text, phase text, since timestamptz, begun_at timestamptz)
       ON CONFLICT (fo_id) DO UPDATE SET phase = excluded.phase, since = excluded.since, begun_at = excluded.begun_at`,
      [JSON.stringify([...live.values()])],
    );
  }
};

const count = gauge('flotilla_sagas');
const age = gauge('flotilla_saga_age_seconds');

/** Shows the sagas that have not ended in /metrics until the answer is called: those of every phase, also where there is none. */
export const showSagas = (pool: pg.Pool): (() => void) => {
  const ask = async (): Promise<ReadonlyMap<string, { readonly sagas: number; readonly age: number }>> => {
    const { rows } = await pool.query<{ phase: string; sagas: number; age: number }>('SELECT phase, count(*)::int AS sagas, extract(epoch FROM clock_timestamp() - min(since))::float8 AS age FROM read.saga GROUP BY 1');
    return new Map(rows.map((row) => [row.phase, row]));
  };
  const ends = [
    count(async (set) => {
      const found = await ask();
      for (const phase of phases) set({ phase }, found.get(phase)?.sagas ?? 0);
    }),
    age(async (set) => {
      const found = await ask();
      for (const phase of phases) set({ phase }, found.get(phase)?.age ?? 0);
    }),
  ];
  return () => {
    for (const end of ends) end();
  };
};
