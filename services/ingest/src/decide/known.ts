import { ownOf } from '@flotilla/values';
import type { ContentKey, Facts, Refund } from './channel-order.events.js';

/** Everything that deliveries have said, joined: the same whatever order they came in. */
export interface Known {
  readonly content: ContentKey | null;
  readonly paid: Facts['paid'] & object | null;
  readonly cancelled: Facts['cancelled'] & object | null;
  readonly refunds: Readonly<Record<string, Refund>>;
  readonly frozen: Frozen | null;
}

interface Frozen {
  readonly frozen: boolean;
  readonly reason: string;
  readonly modifiedAt: string;
}

export const nothingKnown: Known = { content: null, paid: null, cancelled: null, refunds: {}, frozen: null };

/** Commutative, associative, idempotent: newest content, and facts that are never unsaid. */
export const join = (known: Known, content: ContentKey | null, facts: Facts): Known => ({
  content: content !== null && isNewer(content, known.content) ? content : known.content,
  paid: earlier(known.paid, facts.paid, (paid) => paid.paidAt),
  cancelled: earlier(known.cancelled, facts.cancelled, (cancelled) => cancelled.cancelledAt),
  refunds: facts.refunds.reduce<Readonly<Record<string, Refund>>>((all, refund) => ({ ...all, [refund.refundId]: stronger(ownOf(all, refund.refundId), refund) }), known.refunds),
  frozen: later(known.frozen, facts.frozen === undefined ? null : { ...facts.frozen, modifiedAt: facts.modifiedAt }),
});

export const isNewer = (content: ContentKey, than: ContentKey | null): boolean => than === null || rank(content) > rank(than);

// Instants are ISO, UTC, milliseconds: they compare as text. What is still the same is ranked by how far the payment has come.
const rank = ({ modifiedAt, source, sentAt, payment, fingerprint }: ContentKey): string => `${modifiedAt} ${sources[source]} ${sentAt.padEnd(24)} ${course.indexOf(payment)} ${fingerprint}`;

// A file is what somebody typed or exported: within one instant of the platform's clock, what the platform itself says holds.
const sources: Readonly<Record<ContentKey['source'], number>> = { FILE: 0, TOPIC: 1, PULL: 2, WEBHOOK: 3 };

const course: readonly ContentKey['payment'][] = [
  'PAYMENT_STATE_UNSPECIFIED', 'PAYMENT_STATE_UNPAID', 'PAYMENT_STATE_AUTHORIZED', 'PAYMENT_STATE_PARTIALLY_PAID', 'PAYMENT_STATE_PAID', 'PAYMENT_STATE_PARTIALLY_REFUNDED', 'PAYMENT_STATE_REFUNDED', 'PAYMENT_STATE_VOIDED',
];

const earlier = <T>(a: T | null, b: T | null, at: (fact: T) => string): T | null => (a === null ? b : b === null || at(a) <= at(b) ? a : b);

// Of one second, the word that holds the goods back.
const later = (a: Frozen | null, b: Frozen | null): Frozen | null => (a === null ? b : b === null || word(a) >= word(b) ? a : b);

const word = ({ modifiedAt, frozen, reason }: Frozen): string => `${modifiedAt} ${frozen ? 1 : 0} ${reason}`;

/** Settled is final; between asked for and taken back the later word holds. */
const stronger = (a: Refund | undefined, b: Refund): Refund => (a !== undefined && strength(a) >= strength(b) ? a : b);

const strength = ({ state, modifiedAt, amount }: Refund): string => `${state === 'settled' ? 1 : 0} ${modifiedAt.padEnd(24)} ${state === 'withdrawn' ? 1 : 0} ${String(amount).padStart(16, '0')}`;
