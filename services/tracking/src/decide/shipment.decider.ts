import type { tracking } from '@flotilla/contracts';
import { Refused, unreachable, type Decider, type Of } from '@flotilla/decider';
import { isFinal, rises, type Milestone } from './milestones.js';
import { afterScan, silenceOf, withTrouble, type Trouble } from './troubles.js';
import { isAbroad, type Claim, type Contact, type Dispatched, type Scan, type ShipmentEvent, type Via, type Waybill } from './shipment.events.js';

export type ShipmentCommand =
  /** The waybill is a parcel's. */
  | { readonly type: 'Register'; readonly data: Claim & { readonly registeredAt: string } }
  /** The parcel has left the building. */
  | { readonly type: 'Dispatch'; readonly data: Omit<Dispatched, 'over'> }
  | { readonly type: 'Void'; readonly data: Waybill & { readonly parcelId: string } }
  /** What a source has told, in the order in which it told it. */
  | { readonly type: 'RecordScans'; readonly data: Waybill & { readonly scans: readonly Scan[]; readonly via: Via; readonly source: string; readonly receivedAt: string } }
  /** What our own people say of a parcel of the own fleet. `shown`: the pickup code is the parcel's. */
  | { readonly type: 'Record'; readonly data: Waybill & { readonly scan: Scan; readonly shown: boolean; readonly receivedAt: string } }
  /** Business time: whether it should be there by now. */
  | { readonly type: 'LookAtDue'; readonly data: { readonly at: string } }
  /** Business time: whether anybody has told anything of it lately. */
  | { readonly type: 'LookAtSilence'; readonly data: { readonly at: string } }
  /** The buyer says what is to become of what could not be delivered. `address`: sealed, "" unless FORWARD. */
  | { readonly type: 'Choose'; readonly data: { readonly choice: Choice; readonly address: string; readonly at: string } }
  /** The buyer says how it went. `words`: sealed, "" if there are none. */
  | { readonly type: 'GiveFeedback'; readonly data: { readonly rating: number; readonly words: string; readonly at: string } }
  | { readonly type: 'NoteUnreadable'; readonly data: Of<ShipmentEvent, 'ScanUnreadable'>['data'] };

/** To another address, kept where it lies, back to the shop. */
export const choices = ['FORWARD', 'KEEP', 'RETURN'] as const;
export type Choice = (typeof choices)[number];

interface Reached {
  readonly milestone: Milestone;
  readonly occurredAt: string;
  readonly place: string;
  readonly pushed: boolean;
}

export interface Shipment {
  readonly status: 'unknown' | 'registered' | 'dispatched' | 'voided';
  readonly claim: Claim | null;
  readonly contact: Contact | null;
  /** The furthest that was reached. */
  readonly milestone: Milestone;
  /** Reached before anybody said whose parcel this is; published as soon as that is known. */
  readonly pending: readonly Reached[];
  readonly seen: readonly string[];
  /** What each source has told, as far as a double is known by it. */
  readonly told: readonly Told[];
  /** Where the buyer collects it; "" if it is brought. */
  readonly pickupPlace: string;
  /** The newest scan, and when it, or the leaving, was heard of; null before that. */
  readonly heard: { readonly at: string; readonly occurredAt: string; readonly milestone: Milestone; readonly scanned: boolean } | null;
  readonly troubles: readonly Trouble[];
  /** What the buyer wanted done about troubles. */
  readonly chosen: readonly Pick<tracking.BuyerChose, 'trouble' | 'time' | 'choice' | 'address' | 'chosenAt'>[];
  /** Whether the buyer has said how it went. */
  readonly rated: boolean;
  /** The node that sent it. */
  readonly warehouse: string;
  readonly abroad: boolean;
  /** Wrong pickup codes, and when the last one was shown. */
  readonly mistakes: number;
  readonly mistakenAt: string;
  /** The promise, until it is known whether it was kept; null before it left and after that. */
  readonly due: { readonly warehouse: string; readonly dueAt: string } | null;
}

interface Told {
  readonly scanId: string;
  readonly source: string;
  readonly at: string;
  readonly milestone: Milestone;
  /** The other sources that told the same. */
  readonly doubledBy: readonly string[];
}

// Sources write times to the second or to the minute, each in words and codes of its own.
const sameMs = 60_000;

/** The scan of another source that a scan tells again: of the same minute, saying the same or one of them nothing. Each is told again once per source. */
const doubled = (told: readonly Told[], source: string, { occurredAt, milestone }: Pick<Scan, 'occurredAt' | 'milestone'>): Told | undefined =>
  told.find(
    (one) =>
      one.source !== source &&
      !one.doubledBy.includes(source) &&
      Math.abs(Date.parse(one.at) - Date.parse(occurredAt)) < sameMs &&
      (one.milestone === milestone || one.milestone === 'MILESTONE_UNSPECIFIED' || milestone === 'MILESTONE_UNSPECIFIED'),
  );

const claimOf = ({ parcelId, foId, orders, carrier, waybill }: Claim): Claim => ({ parcelId, foId, orders, carrier, waybill });

const dueOf = ({ warehouse, dueAt }: Pick<Dispatched, 'warehouse' | 'dueAt'>): Shipment['due'] => (dueAt ? { warehouse, dueAt } : null);

const labelled = (milestone: Milestone): Milestone => (rises(milestone, 'MILESTONE_LABEL_CREATED') ? 'MILESTONE_LABEL_CREATED' : milestone);

/** A scan that is older than the newest one, or comes after the end. */
const isLate = ({ milestone, heard }: Shipment, { occurredAt }: Pick<Scan, 'occurredAt'>): boolean => isFinal(milestone) || occurredAt < (heard?.occurredAt ?? '');

const initial: Shipment = { status: 'unknown', claim: null, contact: null, milestone: 'MILESTONE_UNSPECIFIED', pending: [], seen: [], told: [], heard: null, troubles: [], chosen: [], rated: false, warehouse: '', abroad: false, pickupPlace: '', mistakes: 0, mistakenAt: '', due: null };

const evolve = (state: Shipment, event: ShipmentEvent): Shipment => {
  switch (event.type) {
    case 'ShipmentRegistered': {
      // A number that came back unused begins anew.
      const from = state.status === 'voided' ? initial : state;
      return { ...from, status: 'registered', claim: claimOf(event.data), milestone: labelled(from.milestone) };
    }
    case 'ShipmentDispatched':
      return {
        ...state,
        status: 'dispatched',
        claim: claimOf(event.data),
        contact: event.data.contact,
        milestone: labelled(state.milestone),
        pickupPlace: event.data.pickupPlace ?? '',
        abroad: isAbroad(event.data.country),
        warehouse: event.data.warehouse,
        heard: state.heard ?? { at: event.data.shippedAt, occurredAt: '', milestone: 'MILESTONE_LABEL_CREATED', scanned: false },
        due: event.data.over ? null : dueOf(event.data),
      };
    case 'ShipmentVoided':
      return { ...state, status: 'voided', milestone: 'MILESTONE_CANCELLED', pending: [] };
    case 'ScanRecorded': {
      const { scanId, milestone, occurredAt, place, carrier, source = carrier, doubleOf } = event.data;
      const seen = [...state.seen, scanId];
      const told = doubleOf === undefined ? [...state.told, { scanId, source, at: occurredAt, milestone, doubledBy: [] }] : state.told.map((one) => (one.scanId === doubleOf ? { ...one, doubledBy: [...one.doubledBy, source] } : one));
      const news = doubleOf === undefined && !isLate(state, event.data);
      const heard = news ? { at: event.data.receivedAt, occurredAt, milestone, scanned: true } : state.heard;
      const after = { ...state, seen, told, heard, troubles: news ? afterScan(state.troubles, event.data) : state.troubles };
      if (!rises(state.milestone, milestone)) return after;
      // What comes together with the first word is the parcel's history, however prompt its source is.
      const pushed = event.data.via === 'push' && state.heard?.scanned === true && state.heard.at !== event.data.receivedAt;
      return { ...after, milestone, pending: [...state.pending, { milestone, occurredAt, place, pushed }] };
    }
    case 'ShipmentTroubled': {
      const { trouble, time, since, detail, place } = event.data;
      const kind = trouble as Trouble['kind'];
      const known = withTrouble(state.troubles, kind, { since, detail, place });
      return { ...state, troubles: known.map((one) => (one.kind === kind && one.time === time ? { ...one, phase: 'open' } : one)) };
    }
    case 'TroubleEnded':
      return { ...state, troubles: state.troubles.map((one) => (one.kind === event.data.trouble && one.time === event.data.time ? { ...one, phase: 'ended' } : one)) };
    case 'BuyerChose': {
      const { trouble, time, choice, address, chosenAt } = event.data;
      return { ...state, chosen: [...state.chosen, { trouble, time, choice, address, chosenAt }] };
    }
    case 'FeedbackGiven':
      return { ...state, rated: true };
    case 'PickupRefused':
      return { ...state, mistakes: state.mistakes + 1, mistakenAt: event.data.at };
    case 'ScanUnreadable':
      return { ...state, seen: [...state.seen, event.data.scanId] };
    case 'MilestoneReached':
      return { ...state, pending: state.pending.filter(({ milestone }) => milestone !== event.data.milestone) };
    case 'DeliveryLate':
    case 'DeliveryOnTime':
      return { ...state, due: null };
    default:
      return state;
  }
};

const publishPending = (claim: Claim, pending: readonly Reached[], due: Shipment['due']): readonly ShipmentEvent[] =>
  pending.flatMap((reached): ShipmentEvent[] => [{ type: 'MilestoneReached', data: { ...claim, ...reached } }, ...judged(claim, reached, due)]);

// Whether the promise was kept, once the parcel has arrived.
const judged = (claim: Claim, { milestone, occurredAt }: Reached, due: Shipment['due']): readonly ShipmentEvent[] => {
  if (due === null || milestone !== 'MILESTONE_DELIVERED') return [];
  return occurredAt > due.dueAt ? [late(claim, due, occurredAt)] : [{ type: 'DeliveryOnTime', data: { ...promised(claim, due), deliveredAt: occurredAt } }];
};

const promised = ({ parcelId, foId, carrier, waybill }: Claim, due: NonNullable<Shipment['due']>) => ({ parcelId, foId, carrier, waybill, ...due });
const late = (claim: Claim, due: NonNullable<Shipment['due']>, knownAt: string): ShipmentEvent => ({ type: 'DeliveryLate', data: { ...promised(claim, due), knownAt } });

const tellTroubles = (claim: Claim, troubles: readonly Trouble[]): readonly ShipmentEvent[] => {
  const { parcelId, foId, orders, carrier, waybill } = claim;
  return troubles.flatMap(({ kind, time, since, detail, place, phase, endedAt }): ShipmentEvent[] => {
    if (phase === 'new') return [{ type: 'ShipmentTroubled', data: { parcelId, foId, orders, carrier, waybill, trouble: kind, time, since, detail, place } }];
    return phase === 'over' ? [{ type: 'TroubleEnded', data: { parcelId, foId, carrier, waybill, trouble: kind, time, endedAt } }] : [];
  });
};

const sameParcel = (state: Shipment, { parcelId, waybill }: { readonly parcelId: string; readonly waybill: string }): boolean => {
  if (state.claim === null) return false;
  if (state.claim.parcelId !== parcelId) throw new Refused('CONFLICT', `waybill ${waybill} is parcel ${state.claim.parcelId}'s, and now parcel ${parcelId} claims it; one of them has the wrong label`);
  return true;
};

const register = ({ data }: Of<ShipmentCommand, 'Register'>, state: Shipment): readonly ShipmentEvent[] =>
  !(state.status === 'voided' && state.claim?.parcelId !== data.parcelId) && sameParcel(state, data) ? [] : [{ type: 'ShipmentRegistered', data }, ...publishPending(claimOf(data), state.pending, state.due), ...tellTroubles(claimOf(data), state.troubles)];

const dispatch = ({ data }: Of<ShipmentCommand, 'Dispatch'>, state: Shipment): readonly ShipmentEvent[] => {
  sameParcel(state, data);
  switch (state.status) {
    case 'unknown':
    case 'registered':
    {
      const left: ShipmentEvent = { type: 'ShipmentDispatched', data: { ...data, over: isFinal(state.milestone) } };
      return [left, ...publishPending(claimOf(data), state.pending, dueOf(data)), ...tellTroubles(claimOf(data), state.troubles)];
    }
    case 'dispatched':
    case 'voided':
      return [];
  }
};

const void_ = ({ data }: Of<ShipmentCommand, 'Void'>, { status, claim }: Shipment): readonly ShipmentEvent[] =>
  status === 'registered' && claim?.parcelId === data.parcelId ? [{ type: 'ShipmentVoided', data }] : [];

// Signed for on the way back: the sender has it, not the buyer.
const meaningOf = (told: Milestone, before: Milestone): Milestone => (told === 'MILESTONE_DELIVERED' && before === 'MILESTONE_RETURNING' ? 'MILESTONE_RETURNED' : told);

const recordScans = ({ data }: Of<ShipmentCommand, 'RecordScans'>, state: Shipment): readonly ShipmentEvent[] => {
  const { carrier, waybill, via, source, receivedAt } = data;
  const events: ShipmentEvent[] = [];
  let now = state;
  const take = (event: ShipmentEvent): void => {
    events.push(event);
    now = evolve(now, event);
  };
  // Stable: two scans of one second stay as they were told.
  for (const scan of data.scans.toSorted((a, b) => (a.occurredAt < b.occurredAt ? -1 : a.occurredAt > b.occurredAt ? 1 : 0))) {
    if (now.seen.includes(scan.scanId)) continue;
    const other = doubled(now.told, source, scan);
    take({ type: 'ScanRecorded', data: { ...scan, milestone: meaningOf(scan.milestone, now.milestone), carrier, waybill, via, source, ...(other ? { doubleOf: other.scanId } : {}), ...(isLate(now, scan) ? { late: true } : {}), receivedAt } });
    if (now.claim) [...publishPending(now.claim, now.pending, now.due), ...tellTroubles(now.claim, now.troubles)].forEach(take);
  }
  return events;
};

const collected: readonly Milestone[] = ['MILESTONE_READY_FOR_PICKUP', 'MILESTONE_DELIVERED', 'MILESTONE_RETURNED'];
const brought: readonly Milestone[] = ['MILESTONE_OUT_FOR_DELIVERY', 'MILESTONE_DELIVERED', 'MILESTONE_DELIVERY_FAILED', 'MILESTONE_RETURNED'];
const short = (milestone: Milestone): string => milestone.replace('MILESTONE_', '');

/** After so many wrong codes nobody is believed for a while: to try a million of them takes years. */
const mostMistakes = 5;
const pauseMs = 600_000;

const recordByStaff = ({ data }: Of<ShipmentCommand, 'Record'>, state: Shipment): readonly ShipmentEvent[] => {
  const { scan, shown, receivedAt, carrier, waybill } = data;
  const { milestone } = scan;
  if (state.seen.includes(scan.scanId)) return [];
  if (state.status !== 'dispatched') throw new Refused('CONFLICT', `${waybill} is ${state.status}; it can be recorded once it was shipped`);
  const possible = state.pickupPlace === '' ? brought : collected;
  if (!possible.includes(milestone)) throw new Refused('BAD_REQUEST', `${waybill} is ${state.pickupPlace === '' ? 'brought to the buyer' : 'collected by the buyer'}; say one of ${possible.map(short).join(', ')}`);
  if (isFinal(state.milestone)) throw new Refused('CONFLICT', `${waybill} is ${short(state.milestone)} already`);
  if (milestone === 'MILESTONE_DELIVERED' && state.pickupPlace !== '') {
    const until = state.mistakes > 0 && state.mistakes % mostMistakes === 0 ? new Date(Date.parse(state.mistakenAt) + pauseMs).toISOString() : '';
    if (receivedAt < until) throw new Refused('WRONG_PICKUP_CODE', `too many wrong codes for ${waybill}; try again after ${until}`);
    if (!shown) return [{ type: 'PickupRefused', data: { carrier, waybill, at: receivedAt } }];
  }
  return recordScans({ type: 'RecordScans', data: { carrier, waybill, scans: [scan], via: 'staff', source: carrier, receivedAt } }, state);
};

// Late is said once; of a parcel that has arrived, or comes back, the promise is judged already or void.
const lookAtDue = ({ data: { at } }: Of<ShipmentCommand, 'LookAtDue'>, { status, claim, due, milestone }: Shipment): readonly ShipmentEvent[] =>
  status === 'dispatched' && claim !== null && due !== null && at >= due.dueAt && !isFinal(milestone) ? [late(claim, due, at)] : [];

// A silence is told once; until it is long enough it is looked at again.
const lookAtSilence = ({ data: { at } }: Of<ShipmentCommand, 'LookAtSilence'>, { status, claim, heard, milestone, abroad, troubles }: Shipment): readonly ShipmentEvent[] => {
  if (status !== 'dispatched' || claim === null || heard === null || isFinal(milestone)) return [];
  // It lies in the store, shop or locker until the buyer comes.
  if (heard.milestone === 'MILESTONE_READY_FOR_PICKUP') return [];
  const { kind, at: due } = silenceOf({ ...heard, abroad }, heard.at);
  if (at < due) return [{ type: 'SilenceNoted', data: { carrier: claim.carrier, waybill: claim.waybill, nextAt: due } }];
  return tellTroubles(claim, withTrouble(troubles, kind, { since: heard.at, detail: '', place: '' }));
};

/** The trouble that the buyer may decide about: it could not be delivered, and nobody has been told yet what to do. */
export const undecided = ({ status, milestone, troubles, chosen }: Shipment): Trouble | undefined =>
  status !== 'dispatched' || isFinal(milestone)
    ? undefined
    : troubles.findLast(({ kind, time, phase }) => phase === 'open' && (kind === 'FAILED_ATTEMPT' || kind === 'OTHER') && !chosen.some((one) => one.trouble === kind && one.time === time));

const choose = ({ data: { choice, address, at } }: Of<ShipmentCommand, 'Choose'>, state: Shipment): readonly ShipmentEvent[] => {
  const trouble = undecided(state);
  // Decided already, or on its way again since the page was loaded: the page says so.
  if (state.claim === null || !trouble) return [];
  return [{ type: 'BuyerChose', data: { ...claimOf(state.claim), trouble: trouble.kind, time: trouble.time, choice, address: choice === 'FORWARD' ? address : '', chosenAt: at } }];
};

/** Whether the buyer may still say how it went. */
export const mayRate = ({ claim, milestone, rated }: Shipment): boolean => claim !== null && milestone === 'MILESTONE_DELIVERED' && !rated;

const giveFeedback = ({ data: { rating, words, at } }: Of<ShipmentCommand, 'GiveFeedback'>, state: Shipment): readonly ShipmentEvent[] =>
  state.claim === null || !mayRate(state) ? [] : [{ type: 'FeedbackGiven', data: { ...claimOf(state.claim), warehouse: state.warehouse, rating, words, givenAt: at } }];

const noteUnreadable = ({ data }: Of<ShipmentCommand, 'NoteUnreadable'>, { seen }: Shipment): readonly ShipmentEvent[] =>
  seen.includes(data.scanId) ? [] : [{ type: 'ScanUnreadable', data }];

/** One waybill on its way: every scan kept, the milestone only ever further. */
export const shipment: Decider<Shipment, ShipmentCommand, ShipmentEvent> = {
  category: 'shipment',
  initial,
  evolve,
  decide: (command, state) => {
    switch (command.type) {
      case 'Register':
        return register(command, state);
      case 'Dispatch':
        return dispatch(command, state);
      case 'Void':
        return void_(command, state);
      case 'RecordScans':
        return recordScans(command, state);
      case 'Record':
        return recordByStaff(command, state);
      case 'LookAtDue':
        return lookAtDue(command, state);
      case 'LookAtSilence':
        return lookAtSilence(command, state);
      case 'Choose':
        return choose(command, state);
      case 'GiveFeedback':
        return giveFeedback(command, state);
      case 'NoteUnreadable':
        return noteUnreadable(command, state);
      default:
        return unreachable(command);
    }
  },
};

/**
 * Stream id of a shipment. By waybill, not by parcel: a carrier's scan may come before we hear of the parcel, and must find its place.
 * Refused BAD_REQUEST for what cannot be a waybill.
 */
export const shipmentId = ({ carrier, waybill }: Waybill): string => {
  if (!/^[a-z0-9_]{1,30}$/.test(carrier) || !/^[A-Z0-9-]{4,60}$/.test(waybill)) throw new Refused('BAD_REQUEST', `"${carrier}" and "${waybill}" name no carrier and waybill`);
  return `${carrier}.${waybill}`;
};

/** One way of writing carrier and waybill, whoever writes them. */
export const waybillOf = (carrier: string, waybill: string): Waybill => ({ carrier: carrier.trim().toLowerCase(), waybill: waybill.normalize('NFKC').replace(/\s+/g, '').toUpperCase() });
