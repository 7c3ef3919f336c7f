import type { tracking } from '@flotilla/contracts';

/** In the order of a parcel's life. */
export const kinds = ['ACCEPTED', 'PICKING', 'PACKED', 'SHIPPED', 'OUT_FOR_DELIVERY', 'READY_FOR_PICKUP', 'DELIVERED', 'EXCEPTION'] as const;
export type NoticeKind = (typeof kinds)[number];
/** Told before a carrier has the parcel, of an order (ACCEPTED) or of a parcel. */
export type EarlyKind = 'ACCEPTED' | 'PICKING' | 'PACKED';
export const early: readonly NoticeKind[] = ['ACCEPTED', 'PICKING', 'PACKED'] satisfies readonly EarlyKind[];

/** A message that the buyer is to have. */
export interface Notice {
  readonly noticeId: string;
  /** "" of ACCEPTED. */
  readonly parcelId: string;
  /** Of ACCEPTED the order's id. */
  readonly foId: string;
  readonly kind: NoticeKind;
  readonly medium: 'EMAIL' | 'SMS';
  /** Sealed; opened only to send it. */
  readonly to: string;
  readonly language: 'zh' | 'en';
  /** "" before a carrier has it. */
  readonly carrier: string;
  readonly waybill: string;
  readonly number: string;
  readonly occurredAt: string;
  /** Whose night it is. */
  readonly country?: string;
  /** The store where it is collected, name and address; absent if it is brought. */
  readonly pickupPlace?: string;
}

export type NoticeEvent =
  | { readonly type: 'NoticeRequested'; readonly data: Notice }
  | { readonly type: 'NoticeAttempted'; readonly data: { readonly noticeId: string; readonly attempt: number; readonly at: string } }
  /** `certain`: the provider did not take it; else nobody knows. */
  | { readonly type: 'NoticeAttemptFailed'; readonly data: { readonly noticeId: string; readonly attempt: number; readonly certain: boolean; readonly final: boolean; readonly detail: string } }
  /** It is night where the buyer is: written when it is over (business time). */
  | { readonly type: 'NoticePostponed'; readonly data: { readonly noticeId: string; readonly until: string } }
  | { readonly type: 'NoticeDue'; readonly data: { readonly noticeId: string; readonly at: string } }
  | { readonly type: 'NoticeSettled'; readonly data: tracking.NoticeSettled };
