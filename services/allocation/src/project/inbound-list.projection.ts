import type { allocation as api } from '@flotilla/contracts';
import type { Recorded, Transaction } from '@flotilla/event-store';
import type { Pool } from 'pg';
import { inbound } from '../decide/inbound.decider.js';
import type { InboundEvent, InboundHead } from '../decide/inbound.events.js';

/** Goods on their way, as each stands now. */
export const projectInbounds = async (events: readonly Recorded[], tx: Transaction): Promise<void> => {
  const rows = new Map<string, { inbound: string; warehouse: string; open: boolean; described: Omit<api.Inbound, 'overdue'> }>();
  for (const event of events.filter(({ stream }) => stream.startsWith('inbound-'))) {
    // Every event of an inbound says all of it.
    const { closed, ...head } = inbound.evolve(null, event as unknown as InboundEvent)!;
    rows.set(head.inbound, { inbound: head.inbound, warehouse: head.warehouse, open: !closed, described: toInbound(head, closed) });
  }
  if (rows.size === 0) return;
  await tx.query(
    `INSERT INTO read.inbound SELECT * FROM jsonb_populate_recordset(NULL::read.inbound, $1)
     ON CONFLICT (inbound) DO UPDATE SET warehouse = excluded.warehouse, open = excluded.open, described = excluded.described`,
    [JSON.stringify([...rows.values()])],
  );
};

const stateOf = ({ lines }: InboundHead, closed: boolean): string => {
  if (closed && lines.every(({ announced, received }) => announced === received)) return 'RECEIVED';
  if (closed) return lines.every(({ received }) => received === 0) ? 'CANCELLED' : 'CLOSED';
  return lines.some(({ received }) => received > 0) ? 'PARTLY_RECEIVED' : 'ANNOUNCED';
};

export const toInbound = (head: InboundHead, closed: boolean): Omit<api.Inbound, 'overdue'> => {
  const { inbound: id, kind, warehouse, fromWarehouse, expectedAt, reference, lines } = head;
  return { inbound: id, kind, state: stateOf(head, closed), warehouse, fromWarehouse, expectedAt, reference, lines: lines.map((line) => ({ ...line, difference: closed ? line.received - line.announced : 0 })) };
};

/** Whether something should have come by now (business time). */
export const withOverdue = (one: Omit<api.Inbound, 'overdue'>, now: string): api.Inbound => ({ ...one, overdue: isOpen(one) && one.expectedAt !== '' && one.expectedAt < now });

const isOpen = ({ state }: Pick<api.Inbound, 'state'>): boolean => state === 'ANNOUNCED' || state === 'PARTLY_RECEIVED';

/** Inbounds by number, after one. */
export const listInbounds = async (pool: Pool, filter: { readonly warehouse: string; readonly open: boolean; readonly overdue: boolean; readonly now: string }, limit: number, after: string | undefined): Promise<readonly api.Inbound[]> => {
  const { rows } = await pool.query<{ described: Omit<api.Inbound, 'overdue'> }>(
    `SELECT described FROM read.inbound WHERE inbound > $1 AND ($2 = '' OR warehouse = $2) AND (open OR NOT $3) AND (NOT $4 OR (open AND described->>'expectedAt' > '' AND described->>'expectedAt' < $5)) ORDER BY inbound LIMIT $6`,
    [after ?? '', filter.warehouse, filter.open, filter.overdue, filter.now, limit],
  );
  return rows.map(({ described }) => withOverdue(described, filter.now));
};
