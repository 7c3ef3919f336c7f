import type { allocation as api } from '@flotilla/contracts';
import type { Recorded, Transaction } from '@flotilla/event-store';
import type { Pool } from 'pg';
import { inbound, type InboundState } from '../decide/inbound.decider.js';
import type { InboundEvent } from '../decide/inbound.events.js';

/** Goods on their way, as each stands now. */
export const projectInbounds = async (events: readonly Recorded[], tx: Transaction): Promise<void> => {
  const rows = new Map<string, { inbound: string; warehouse: string; open: boolean; described: Omit<api.Inbound, 'overdue'> }>();
  for (const event of events.filter(({ stream }) => stream.startsWith('inbound-'))) {
    // Every event of an inbound says all of it.
    const state = inbound.evolve(null, event as unknown as InboundEvent)!;
    rows.set(state.inbound, { inbound: state.inbound, warehouse: state.warehouse, open: isUnderWay(state), described: toInbound(state) });
  }
  if (rows.size === 0) return;
  await tx.query(
    `INSERT INTO read.inbound SELECT * FROM jsonb_populate_recordset(NULL::read.inbound, $1)
     ON CONFLICT (inbound) DO UPDATE SET warehouse = excluded.warehouse, open = excluded.open, described = excluded.described`,
    [JSON.stringify([...rows.values()])],
  );
};

type Known = NonNullable<InboundState>;

const isUnderWay = ({ phase }: Known): boolean => phase === 'requested' || phase === 'open';

const stateOf = ({ phase, lines }: Known): string => {
  if (phase === 'requested') return 'REQUESTED';
  if (phase === 'cancelled') return 'CANCELLED';
  if (phase === 'closed' && lines.every(({ announced, received }) => announced === received)) return 'RECEIVED';
  if (phase === 'closed') return lines.every(({ received }) => received === 0) ? 'CANCELLED' : 'CLOSED';
  return lines.some(({ received }) => received > 0) ? 'PARTLY_RECEIVED' : 'ANNOUNCED';
};

export const toInbound = (state: Known): Omit<api.Inbound, 'overdue'> => {
  const { inbound: id, phase, kind, warehouse, fromWarehouse, expectedAt, reference, reason, lines } = state;
  return { inbound: id, kind, state: stateOf(state), warehouse, fromWarehouse, expectedAt, reference, reason, lines: lines.map((line) => ({ ...line, requested: line.requested ?? 0, difference: phase === 'closed' ? line.received - line.announced : 0 })) };
};

/** Whether something should have come by now (business time). */
export const withOverdue = (one: Omit<api.Inbound, 'overdue'>, now: string): api.Inbound => ({ ...one, overdue: isOpen(one) && one.expectedAt !== '' && one.expectedAt < now });

const isOpen = ({ state }: Pick<api.Inbound, 'state'>): boolean => state === 'REQUESTED' || state === 'ANNOUNCED' || state === 'PARTLY_RECEIVED';

/** Inbounds by number, after one. */
export const listInbounds = async (pool: Pool, filter: { readonly warehouse: string; readonly open: boolean; readonly overdue: boolean; readonly kind: string; readonly fromWarehouse: string; readonly now: string }, limit: number, after: string | undefined): Promise<readonly api.Inbound[]> => {
  const { rows } = await pool.query<{ described: Omit<api.Inbound, 'overdue'> }>(
    `SELECT described FROM read.inbound WHERE inbound > $1 AND ($2 = '' OR warehouse = $2) AND (open OR NOT $3) AND (NOT $4 OR (open AND described->>'expectedAt' > '' AND described->>'expectedAt' < $5)) AND ($6 = '' OR described->>'kind' = $6) AND ($7 = '' OR described->>'fromWarehouse' = $7) ORDER BY inbound LIMIT $8`,
    [after ?? '', filter.warehouse, filter.open, filter.overdue, filter.now, filter.kind, filter.fromWarehouse, limit],
  );
  // Rows of before transfers could be requested have neither figure.
  return rows.map(({ described }) => withOverdue({ ...described, reason: described.reason ?? '', lines: described.lines.map((line) => ({ ...line, requested: line.requested ?? 0 })) }, filter.now));
};
