import { ownOf } from '@flotilla/values';
import type { Milestone } from '../../decide/milestones.js';
import type { Meaning } from '../source.js';

const table: Readonly<Record<string, Milestone>> = {
  '50': 'MILESTONE_PICKED_UP',
  '54': 'MILESTONE_PICKED_UP',
  '10': 'MILESTONE_IN_TRANSIT',
  '11': 'MILESTONE_IN_TRANSIT',
  '30': 'MILESTONE_IN_TRANSIT',
  '31': 'MILESTONE_IN_TRANSIT',
  '36': 'MILESTONE_IN_TRANSIT',
  '105': 'MILESTONE_IN_TRANSIT',
  '106': 'MILESTONE_IN_TRANSIT',
  '310': 'MILESTONE_IN_TRANSIT',
  '407': 'MILESTONE_IN_TRANSIT',
  '501': 'MILESTONE_IN_TRANSIT',
  '44': 'MILESTONE_IN_TRANSIT',
  '204': 'MILESTONE_OUT_FOR_DELIVERY',
  '33': 'MILESTONE_DELIVERY_FAILED',
  '70': 'MILESTONE_DELIVERY_FAILED',
  '99': 'MILESTONE_RETURNING',
  '648': 'MILESTONE_RETURNING',
  '80': 'MILESTONE_DELIVERED',
  // A picture of the receipt can be had: news, but no progress.
  '8000': 'MILESTONE_UNSPECIFIED',
};

const customsCodes = new Set(['10', '11', '30', '31', '36', '105', '106', '310']);

/**
 * What an opCode of SF says. 44 is "out for delivery" only where the text says so (newer: "a courier is being assigned"), 80
 * is "ready for pick-up" where the text names a locker or a station; clearing customs is told by the secondary status when
 * asked (204, 205), and by the text alone when pushed. A code that is not in the table stays unknown.
 */
export const meaningOf = (opCode: string, text: string, secondary = ''): Meaning => {
  const milestone = ownOf(table, opCode);
  if (milestone === undefined) return { milestone: 'MILESTONE_UNSPECIFIED', known: false };
  const as = (special: Milestone): Meaning => ({ milestone: special, known: true });
  if (opCode === '44' && text.includes('派送途中')) return as('MILESTONE_OUT_FOR_DELIVERY');
  if (opCode === '80' && /派送至.*(?:自助柜|快递柜|驿站|丰巢)/.test(text)) return as('MILESTONE_READY_FOR_PICKUP');
  if (opCode === '80' && /退回.*签收/.test(text)) return as('MILESTONE_RETURNED');
  if (customsCodes.has(opCode) && (secondary === '204' || secondary === '205' || text.includes('清关'))) return as('MILESTONE_CUSTOMS');
  return as(milestone);
};
