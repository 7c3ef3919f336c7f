import { ownOf } from '@flotilla/values';
import type { Milestone } from '../../decide/milestones.js';
import type { Meaning } from '../source.js';

const stages: Readonly<Record<string, Milestone>> = {
  InfoReceived: 'MILESTONE_UNSPECIFIED',
  PickedUp: 'MILESTONE_PICKED_UP',
  Departure: 'MILESTONE_IN_TRANSIT',
  Arrival: 'MILESTONE_IN_TRANSIT',
  AvailableForPickup: 'MILESTONE_READY_FOR_PICKUP',
  OutForDelivery: 'MILESTONE_OUT_FOR_DELIVERY',
  Delivered: 'MILESTONE_DELIVERED',
  Returning: 'MILESTONE_RETURNING',
  Returned: 'MILESTONE_RETURNED',
};

const subStatuses: Readonly<Record<string, Milestone>> = {
  InTransit_PickedUp: 'MILESTONE_PICKED_UP',
  InTransit_CustomsProcessing: 'MILESTONE_CUSTOMS',
  InTransit_CustomsReleased: 'MILESTONE_CUSTOMS',
  Exception_Returning: 'MILESTONE_RETURNING',
  Exception_Returned: 'MILESTONE_RETURNED',
  Exception_Cancel: 'MILESTONE_CANCELLED',
};

const statuses: Readonly<Record<string, Milestone>> = {
  NotFound: 'MILESTONE_UNSPECIFIED',
  InfoReceived: 'MILESTONE_UNSPECIFIED',
  InTransit: 'MILESTONE_IN_TRANSIT',
  OutForDelivery: 'MILESTONE_OUT_FOR_DELIVERY',
  AvailableForPickup: 'MILESTONE_READY_FOR_PICKUP',
  DeliveryFailure: 'MILESTONE_DELIVERY_FAILED',
  Delivered: 'MILESTONE_DELIVERED',
  Exception: 'MILESTONE_EXCEPTION',
  // Nobody has told of it for a month: no progress, and no end either.
  Expired: 'MILESTONE_UNSPECIFIED',
};

/** What an event's stage says; "" says nothing. */
export const meaningOfStage = (stage: string): Meaning => (stage === '' ? { milestone: 'MILESTONE_UNSPECIFIED', known: true } : { milestone: ownOf(stages, stage) ?? 'MILESTONE_UNSPECIFIED', known: Object.hasOwn(stages, stage) });

/** What the parcel's latest status says; an unknown sub-status counts as its status. */
export const meaningOfStatus = (status: string, subStatus: string): Meaning => ({ milestone: ownOf(subStatuses, subStatus) ?? ownOf(statuses, status) ?? 'MILESTONE_UNSPECIFIED', known: Object.hasOwn(subStatuses, subStatus) || Object.hasOwn(statuses, status) });
