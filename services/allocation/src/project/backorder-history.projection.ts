import type { Recorded, Transaction } from '@flotilla/event-store';
import type { AllocationEvent } from '../decide/allocation.events.js';

/** What became of every fulfilment order that was ever backordered. */
export const projectBackorders = async (events: readonly Recorded[], tx: Transaction): Promise<void> => {
  const waiting = new Set<string>();
  const left = new Map<string, { fo_id: string; state: string }>();
  const flush = async (): Promise<void> => {
    if (waiting.size > 0) {
      await tx.query(`INSERT INTO read.backorder_history SELECT unnest($1::text[]), 'WAITING' ON CONFLICT (fo_id) DO UPDATE SET state = 'WAITING'`, [[...waiting]]);
    }
    if (left.size > 0) {
      // Only of those that were backordered: most fulfilment orders never are.
      await tx.query('UPDATE read.backorder_history h SET state = l.state FROM jsonb_to_recordset($1) AS l(fo_id text, state text) WHERE h.fo_id = l.fo_id', [JSON.stringify([...left.values()])]);
    }
    waiting.clear();
    left.clear();
  };
  for (const event of events.filter(({ stream }) => stream.startsWith('allocation-'))) {
    const { type, data } = event as unknown as AllocationEvent;
    if (type === 'OrderBackordered') {
      if (left.has(data.foId)) await flush();
      waiting.add(data.foId);
    } else if (type === 'OrderAllocated') left.set(data.foId, { fo_id: data.foId, state: 'SERVED' });
    else if (type === 'CancelNoted') left.set(data.foId, { fo_id: data.foId, state: 'CANCELLED' });
  }
  await flush();
};
