import type { Milestone } from './milestones.js';
import type { Scan } from './shipment.events.js';

export type TroubleKind = 'NO_PICKUP' | 'STALLED' | 'CUSTOMS_HOLD' | 'FAILED_ATTEMPT' | 'RETURNED' | 'LOST' | 'DAMAGED' | 'OTHER';

// | trouble        | known by                                                 | over when                        |
// | NO_PICKUP      | nobody has scanned it for so long after it left          | anybody scans it                 |
// | STALLED        | nobody has scanned it for so long on its way             | anybody scans it                 |
// | CUSTOMS_HOLD   | the last scan is of customs, so long ago                 | a scan that is not of customs    |
// | FAILED_ATTEMPT | a scan                                                   | out again, waiting, or delivered |
// | LOST, DAMAGED  | a scan: its code, or the carrier's words beside a problem | delivered                        |
// | OTHER          | a scan of a problem that says no more                    | out again, waiting, or delivered |
// | RETURNED       | a scan: on its way back, or back                         | never                            |

/** Something wrong with a parcel, and how far that was told. */
export interface Trouble {
  readonly kind: TroubleKind;
  /** The how-manieth of its kind, from 1. */
  readonly time: number;
  readonly since: string;
  readonly detail: string;
  readonly place: string;
  /** `new`: not told yet; `over`: its end was not told yet. What was told to its end is kept for its count. */
  readonly phase: 'new' | 'open' | 'over' | 'ended';
  /** When it was over; "" before. */
  readonly endedAt: string;
}

const lostWords = /丢失|遗失|\blost\b/i;
const damagedWords = /破损|损坏|损毁|\bdamaged?\b/i;

/** What a scan says is wrong; undefined if nothing is. */
export const troubleOf = ({ milestone, code, text }: Pick<Scan, 'milestone' | 'code' | 'text'>): TroubleKind | undefined => {
  switch (milestone) {
    case 'MILESTONE_DELIVERY_FAILED':
      return 'FAILED_ATTEMPT';
    case 'MILESTONE_RETURNING':
    case 'MILESTONE_RETURNED':
      return 'RETURNED';
    case 'MILESTONE_EXCEPTION':
      if (code === 'Exception_Lost' || lostWords.test(text)) return 'LOST';
      if (code === 'Exception_Damage' || damagedWords.test(text)) return 'DAMAGED';
      return 'OTHER';
    default:
      return undefined;
  }
};

const arriving: readonly Milestone[] = ['MILESTONE_OUT_FOR_DELIVERY', 'MILESTONE_READY_FOR_PICKUP', 'MILESTONE_DELIVERED'];

const endsBy = (kind: TroubleKind, milestone: Milestone): boolean => {
  switch (kind) {
    case 'NO_PICKUP':
    case 'STALLED':
      return true;
    case 'CUSTOMS_HOLD':
      return milestone !== 'MILESTONE_CUSTOMS';
    case 'FAILED_ATTEMPT':
    case 'OTHER':
      return arriving.includes(milestone) || milestone === 'MILESTONE_RETURNING' || milestone === 'MILESTONE_RETURNED';
    case 'LOST':
    case 'DAMAGED':
      return milestone === 'MILESTONE_DELIVERED';
    case 'RETURNED':
      return false;
  }
};

const alive = ({ phase }: Trouble): boolean => phase === 'new' || phase === 'open';

/** A trouble more, unless one of its kind goes on. */
export const withTrouble = (troubles: readonly Trouble[], kind: TroubleKind, of: Pick<Trouble, 'since' | 'detail' | 'place'>): readonly Trouble[] =>
  troubles.some((one) => one.kind === kind && alive(one)) ? troubles : [...troubles, { kind, time: troubles.filter((one) => one.kind === kind).length + 1, ...of, phase: 'new', endedAt: '' }];

/** After the newest scan: what it ends, and what it begins. What was over before anybody was told is told no more. */
export const afterScan = (troubles: readonly Trouble[], scan: Scan): readonly Trouble[] => {
  const kind = troubleOf(scan);
  const left = troubles.flatMap((one): Trouble[] => {
    if (!alive(one) || one.kind === kind || !endsBy(one.kind, scan.milestone)) return [one];
    return one.phase === 'new' ? [] : [{ ...one, phase: 'over', endedAt: scan.occurredAt }];
  });
  return kind ? withTrouble(left, kind, { since: scan.occurredAt, detail: scan.text, place: scan.place }) : left;
};

const hour = 3_600_000;
/** How long nobody may say anything: a day at home; across borders flights and customs are silent for days. */
const silenceMs = { home: 24 * hour, abroad: 120 * hour, customs: 72 * hour };

/** When the silence after something that was heard becomes a trouble, and which. */
export const silenceOf = (heard: { readonly milestone: Milestone; readonly scanned: boolean; readonly abroad: boolean }, since: string): { readonly kind: TroubleKind; readonly at: string } => {
  const [kind, ms]: readonly [TroubleKind, number] = !heard.scanned ? ['NO_PICKUP', silenceMs.home] : heard.milestone === 'MILESTONE_CUSTOMS' ? ['CUSTOMS_HOLD', silenceMs.customs] : ['STALLED', heard.abroad ? silenceMs.abroad : silenceMs.home];
  return { kind, at: new Date(Date.parse(since) + ms).toISOString() };
};

/** The shortest silence that is looked at. */
export const firstLookMs = silenceMs.home;
