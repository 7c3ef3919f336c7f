import type { allocation as api } from '@flotilla/contracts';
import type { Recorded, Transaction } from '@flotilla/event-store';
import type { Pool } from 'pg';
import { inbound } from '../decide/inbound.decider.js';
import type { InboundEvent, InboundHead } from '../decide/inbound.events.js';

/** Goods on their way, as each stands now. */
export const projectInbounds = async (events: readonly Recorded[], tx: Transaction): Promise<void> => {
  const rows = new Map<string, { inbound: string; warehouse: string; open: boolean; described: api.Inbound }>();
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
  if (closed) return lines.every(({ announced, received }) => announced === received) ? 'RECEIVED' : 'CLOSED';
  return lines.some(({ received }) => received > 0) ? 'PARTLY_RECEIVED' : 'ANNOUNCED';
};

export const toInbound = (head: InboundHead, closed: boolean): api.Inbound => {
  const { inbound: id, kind, warehouse, fromWarehouse, expectedAt, reference, lines } = head;
  return { inbound: id, kind, state: stateOf(head, closed), warehouse, fromWarehouse, expectedAt, reference, lines: lines.map((line) => ({ ...line, difference: closed ? line.received - line.announced : 0 })) };
};

/** Inbounds by number, after one. */
export const listInbounds = async (pool: Pool, filter: { readonly warehouse: string; readonly open: boolean }, limit: number, after: string | undefined): Promise<readonly api.Inbound[]> => {
  const { rows } = await pool.query<{ described: api.Inbound }>(
    `SELECT described FROM read.inbound WHERE inbound > $1 AND ($2 = '' OR warehouse = $2) AND (open OR NOT $3) ORDER BY inbound LIMIT $4`,
    [after ?? '', filter.warehouse, filter.open, limit],
  );
  return rows.map(({ described }) => described);
};
