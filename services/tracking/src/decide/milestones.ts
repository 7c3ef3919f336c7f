import type { tracking } from '@flotilla/contracts';

export type Milestone = tracking.Milestone;

/** From nothing to the end, in the order of the contract's numbers. A shipment's milestone only ever moves to the right. */
const ranks: readonly Milestone[] = [
  'MILESTONE_UNSPECIFIED',
  'MILESTONE_LABEL_CREATED',
  'MILESTONE_PICKED_UP',
  'MILESTONE_IN_TRANSIT',
  'MILESTONE_CUSTOMS',
  'MILESTONE_OUT_FOR_DELIVERY',
  'MILESTONE_READY_FOR_PICKUP',
  'MILESTONE_DELIVERY_FAILED',
  'MILESTONE_EXCEPTION',
  'MILESTONE_RETURNING',
  'MILESTONE_RETURNED',
  'MILESTONE_DELIVERED',
  'MILESTONE_CANCELLED',
];

export const rankOf = (milestone: Milestone): number => ranks.indexOf(milestone);

/** Nothing that a carrier reports later changes these. */
export const isFinal = (milestone: Milestone): boolean => rankOf(milestone) >= rankOf('MILESTONE_RETURNED');

/** Whether a shipment that stands at `from` comes further by `to`. */
export const rises = (from: Milestone, to: Milestone): boolean => !isFinal(from) && rankOf(to) > rankOf(from);
