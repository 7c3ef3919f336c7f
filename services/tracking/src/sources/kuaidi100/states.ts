import { ownOf } from '@flotilla/values';
import type { Milestone } from '../../decide/milestones.js';
import type { Meaning } from '../source.js';

// Main states and their sub-states. What says nothing about progress is known and moves nothing: ordered, waiting to be collected.
const table: Readonly<Record<string, Milestone>> = {
  '0': 'MILESTONE_IN_TRANSIT', '1001': 'MILESTONE_IN_TRANSIT', '1002': 'MILESTONE_IN_TRANSIT', '1003': 'MILESTONE_IN_TRANSIT',
  '1': 'MILESTONE_PICKED_UP', '101': 'MILESTONE_UNSPECIFIED', '102': 'MILESTONE_UNSPECIFIED', '103': 'MILESTONE_PICKED_UP',
  '2': 'MILESTONE_EXCEPTION',
  '3': 'MILESTONE_DELIVERED', '301': 'MILESTONE_DELIVERED', '302': 'MILESTONE_DELIVERED', '303': 'MILESTONE_DELIVERED', '304': 'MILESTONE_DELIVERED',
  '4': 'MILESTONE_RETURNED', '401': 'MILESTONE_CANCELLED',
  '5': 'MILESTONE_OUT_FOR_DELIVERY', '501': 'MILESTONE_READY_FOR_PICKUP',
  '6': 'MILESTONE_RETURNING',
  '7': 'MILESTONE_IN_TRANSIT',
  '8': 'MILESTONE_CUSTOMS', '10': 'MILESTONE_CUSTOMS', '11': 'MILESTONE_CUSTOMS', '12': 'MILESTONE_CUSTOMS', '13': 'MILESTONE_EXCEPTION',
  '14': 'MILESTONE_DELIVERY_FAILED',
};

/** What a state or sub-state says; one that is not in the table stays unknown. "" says nothing. */
export const meaningOf = (state: string): Meaning => {
  if (state === '') return { milestone: 'MILESTONE_UNSPECIFIED', known: true };
  const milestone = ownOf(table, state);
  return milestone === undefined ? { milestone: 'MILESTONE_UNSPECIFIED', known: false } : { milestone, known: true };
};
