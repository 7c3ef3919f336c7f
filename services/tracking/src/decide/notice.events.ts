import type { tracking } from '@flotilla/contracts';

export type NoticeKind = 'SHIPPED' | 'OUT_FOR_DELIVERY' | 'READY_FOR_PICKUP' | 'DELIVERED' | 'EXCEPTION';

/** A message that the buyer is to have. */
export interface Notice {
  readonly noticeId: string;
  readonly parcelId: string;
  readonly foId: string;
  readonly kind: NoticeKind;
  readonly medium: 'EMAIL' | 'SMS';
  /** Sealed; opened only to send it. */
  readonly to: string;
  readonly language: 'zh' | 'en';
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
