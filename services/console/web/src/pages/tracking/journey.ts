import type { tracking } from '@flotilla/contracts';

export const milestones = [
  'MILESTONE_LABEL_CREATED', 'MILESTONE_PICKED_UP', 'MILESTONE_IN_TRANSIT', 'MILESTONE_CUSTOMS', 'MILESTONE_OUT_FOR_DELIVERY', 'MILESTONE_READY_FOR_PICKUP', 'MILESTONE_DELIVERY_FAILED',
  'MILESTONE_EXCEPTION', 'MILESTONE_RETURNING', 'MILESTONE_RETURNED', 'MILESTONE_DELIVERED', 'MILESTONE_CANCELLED',
] as const satisfies readonly tracking.Milestone[];

export interface ScanDay {
  /** YYYY-MM-DD in the reader's zone. */
  readonly day: string;
  readonly scans: readonly tracking.Scan[];
}

const dayOf = (iso: string, zone?: string): string => new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', ...(zone === undefined ? {} : { timeZone: zone }) }).format(new Date(iso));

/** Scans by day, the newest day and the newest scan first. */
export const daysOf = (scans: readonly tracking.Scan[], zone?: string): readonly ScanDay[] =>
  [...Map.groupBy(scans.toReversed(), ({ occurredAt }) => dayOf(occurredAt, zone))].map(([day, own]) => ({ day, scans: own })).toSorted((a, b) => (a.day > b.day ? -1 : 1));

/** A scan that told nothing of progress: its code is not known, or says nothing. */
export const saysNothing = ({ milestone }: Pick<tracking.Scan, 'milestone'>): boolean => milestone === 'MILESTONE_UNSPECIFIED';

/** How long a parcel was or has been on its way, in seconds; undefined before it left. */
export const underWay = ({ shippedAt, deliveredAt }: Pick<tracking.Shipment, 'shippedAt' | 'deliveredAt'>, now: number): number | undefined =>
  shippedAt === '' ? undefined : Math.max(0, ((deliveredAt === '' ? now : Date.parse(deliveredAt)) - Date.parse(shippedAt)) / 1_000);

/** Whether what is typed is looked up as a parcel's id; anything else is a waybill. */
export const isParcelId = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
