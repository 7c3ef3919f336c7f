import type { allocation as api } from '@flotilla/contracts';
import type { AllocationEvent } from '../decide/allocation.events.js';
import type { AllocationState } from '../decide/allocation.state.js';

/** What a saga shows of itself. */
export const toAllocation = (foId: string, { phase, request, winner, confirmedAt, locks }: AllocationState): api.Allocation => ({
  foId,
  state: phase,
  round: request?.round ?? 0,
  warehouse: locks[winner]?.warehouse ?? (['ALLOCATED', 'CONSUMED'].includes(phase) ? confirmedAt : ''),
  locks: Object.entries(locks).map(([lockId, { round, warehouse, state, fence }]) => ({ lockId, round, warehouse, state, fence })),
});

/** Every plan with its candidates and reasons, and what became of it; from the saga's events alone. */
export const explain = (foId: string, events: readonly AllocationEvent[]): api.Explanation => {
  const rounds: { round: number; candidates: readonly api.Candidate[]; outcome: string }[] = [];
  const outcome = (text: string): void => {
    const current = rounds.at(-1);
    if (current) current.outcome = text;
  };
  const quantities = (lines: readonly { readonly sku: string; readonly quantity: number }[]): string => lines.map(({ sku, quantity }) => `${quantity} of ${sku}`).join(', ');
  for (const event of events) {
    switch (event.type) {
      case 'AllocationPlanned': {
        const { lockRound, candidates, unknownSkus } = event.data;
        rounds.push({ round: lockRound, candidates, outcome: unknownSkus.length > 0 ? `UNKNOWN_SKU ${unknownSkus.join(', ')}` : 'ASKING' });
        break;
      }
      case 'RefusalNoted':
        outcome(`REFUSED by ${event.data.warehouse}: ${event.data.reason}${event.data.free.length > 0 ? `, free there: ${quantities(event.data.free)}` : ''}`);
        break;
      case 'AskGivenUp':
        outcome('UNANSWERED, released');
        break;
      case 'AllocationClaimed':
        outcome(`CLAIMED by ${event.data.warehouse}, not confirmed yet`);
        break;
      case 'ConfirmGivenUp':
        outcome('CONFIRM UNANSWERED, released');
        break;
      case 'ExpiryNoted':
        outcome(`EXPIRED at ${event.data.warehouse}`);
        break;
      case 'OrderAllocated':
        outcome(`ALLOCATED to ${event.data.warehouse}`);
        break;
      case 'OrderBackordered':
      case 'BackorderKept': {
        const before = rounds.at(-1)?.outcome ?? '';
        const because = before === '' || before === 'ASKING' ? '' : `; ${before}`;
        outcome(`BACKORDERED: ${quantities(event.data.missing)} missing${because}`);
        break;
      }
      case 'StockDisplaced':
        outcome(`DISPLACED at ${event.data.warehouse}: ${quantities(event.data.missing)} missing`);
        break;
      case 'CancelNoted':
        outcome('CANCELLED');
        break;
      default:
        break;
    }
  }
  return { foId, rounds };
};
