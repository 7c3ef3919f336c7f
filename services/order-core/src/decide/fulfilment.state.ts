import type { allocation, common } from '@flotilla/contracts';
import type { FulfilmentEvent, Part, Plan, TroubleKind } from './fulfilment.events.js';
import type { Progress } from './order.events.js';
import { minus, together } from './shares.js';

/** One parcel that the carrier was asked for. */
export interface Parcel {
  readonly parcelId: string;
  readonly attempt: number;
  readonly stage: 'RELEASED' | 'WAYBILLED' | 'SHIPPED' | 'DELIVERED' | 'VOIDED' | 'REFUSED';
  readonly addressRevision: number;
  /** Why it was asked not to be shipped; "" if it was not. */
  readonly recall: string;
  /** The carrier said that it has left, though ParcelShipped may still be on its way. */
  readonly left: boolean;
  readonly carrier: string;
  readonly waybill: string;
  readonly change: { readonly changeId: string; readonly revision: number } | null;
  readonly changes: number;
  /** The carrier cannot change it, and it has not left. */
  readonly unchangeable: boolean;
  readonly intercepted: boolean;
  readonly lost: boolean;
  readonly milestone: string;
  readonly milestoneAt: string;
}

/** What one warehouse sends: one parcel, or the next one after it was voided or refused. */
export interface Leg {
  /** "" if somebody else ships it. */
  readonly warehouse: string;
  readonly lockId: string;
  /** Its share of the orders; all shares add up to what was asked for. */
  readonly orders: readonly common.OrderShare[];
  readonly items: readonly allocation.AllocatedItem[];
  /** Of its newest parcel, in minor units. */
  readonly value: number;
  /** By the routing rules. */
  readonly barredCarriers: readonly string[];
  readonly preferredCarrier: string;
  /** A supplier sends it under a number of its own. */
  readonly external?: boolean;
  /** Those that refused it. */
  readonly excludedCarriers: readonly string[];
  /** A person has looked after no carrier was left: what the buyer does not want may be tried. */
  readonly wishWaived?: boolean;
  /** Parcels that carriers refused since a person looked at it last. */
  readonly refusals: number;
  readonly parcel: Parcel | null;
}

export interface Trouble {
  readonly number: number;
  readonly kind: TroubleKind;
  readonly reason: string;
  readonly parcelId: string;
  /** The split that it is of; absent = the order's own fulfilment. */
  readonly part?: number;
}

export interface Stray {
  readonly parcelId: string;
  readonly milestone: string;
  readonly occurredAt: string;
  readonly lost: boolean;
}

export interface FulfilmentState {
  readonly foId: string;
  /** Of which order it was split off, and as which of its parts, from 1; absent = the order's own. */
  readonly split?: { readonly orderId: string; readonly part: number };
  readonly plan: Plan | null;
  /** Raised when the lines that have not left, or where they go to, change. */
  readonly lineRevision: number;
  readonly addressRevision: number;
  readonly round: number;
  readonly roundRevision: number;
  /** What the newest round asked for. */
  readonly asked: readonly common.OrderShare[];
  /** What the newest round lacked, while it waits for it. */
  readonly missing?: readonly common.SkuQuantity[];
  readonly allocation: 'NONE' | 'ASKED' | 'BACKORDERED' | 'GRANTED' | 'FAILED';
  readonly excludedWarehouses: readonly string[];
  /** How many of them allocation knew of when it was asked last. */
  readonly toldExcluded: number;
  readonly attempt: number;
  /** Those that have left, of all rounds, and those of the newest grant. Until the next grant those of the one before stand here, ended. */
  readonly legs: readonly Leg[];
  readonly external: { readonly parcelId: string; readonly carrier: string; readonly waybill: string; readonly shippedAt: string } | null;
  /** Of a parcel that is not ours and does not count yet: its tracking may be faster than our own parcels are voided. */
  readonly stray: Stray | null;
  /** What a person has to look at, and has not yet. */
  readonly troubles: readonly Trouble[];
  readonly troubled: number;
  readonly cancelled: boolean;
  readonly stockReturned: boolean;
  /** Of several as one: some of them wait for their stock to be given back. */
  readonly returning?: boolean;
  /** Of several as one: each of them. */
  readonly of?: readonly FulfilmentState[];
}

export const noFulfilment: FulfilmentState = {
  foId: '',
  plan: null,
  lineRevision: 0,
  addressRevision: 0,
  round: 0,
  roundRevision: 0,
  asked: [],
  allocation: 'NONE',
  excludedWarehouses: [],
  toldExcluded: 0,
  attempt: 0,
  legs: [],
  external: null,
  stray: null,
  troubles: [],
  troubled: 0,
  cancelled: false,
  stockReturned: false,
};

// ── one leg ──────────────────────────────────────────────────────────────────────────────────────────────────────

/** Its parcel may still be shipped. */
export const alive = ({ parcel }: Leg): boolean => parcel?.stage === 'RELEASED' || parcel?.stage === 'WAYBILLED';

/** Its parcel has left the house, whether or not the word of it has come. */
export const left = (leg: Leg): boolean => gone(leg) || (alive(leg) && leg.parcel!.left);

/** Its parcel can still be stopped. */
export const busy = (leg: Leg): boolean => alive(leg) && !leg.parcel!.left;

export const gone = ({ parcel }: Leg): boolean => parcel?.stage === 'SHIPPED' || parcel?.stage === 'DELIVERED';

export const delivered = ({ parcel }: Leg): boolean => parcel?.stage === 'DELIVERED';

/** It was shipped and will not arrive. */
export const undelivered = (leg: Leg): boolean => gone(leg) && !delivered(leg) && (leg.parcel!.lost || leg.parcel!.milestone === 'MILESTONE_RETURNED');

/** On its way, and nobody has been asked to stop it there. */
export const interceptable = (leg: Leg): boolean => left(leg) && !delivered(leg) && !undelivered(leg) && !leg.parcel!.intercepted;

// ── all of them ──────────────────────────────────────────────────────────────────────────────────────────────────

export const legsThatLeft = ({ legs }: FulfilmentState): readonly Leg[] => legs.filter(left);

/** Those that are still to be shipped, with or without a parcel. */
export const pendingLegs = ({ legs, cancelled }: FulfilmentState): readonly Leg[] => (cancelled ? [] : legs.filter((leg) => !left(leg)));

/** What the plan wants shipped and has not left yet. */
export const remaining = (state: FulfilmentState): readonly common.OrderShare[] => remainingOf(state, state.plan);
export const remainingOf = (state: FulfilmentState, plan: Plan | null): readonly common.OrderShare[] => minus(plan?.orders ?? [], legsThatLeft(state).map(({ orders }) => orders));

/** What it ships: what has left with it (more than was planned, if its parcel outran a cut), and what is still to go. */
export const shippedBy = (state: FulfilmentState): readonly common.OrderShare[] => together([...legsThatLeft(state).flatMap(({ orders }) => orders), ...(state.cancelled ? [] : remaining(state))]);

/** Some of it has left. */
export const begun = (state: FulfilmentState): boolean => state.legs.some(left);

/** All that is to be shipped has left. */
export const complete = (state: FulfilmentState): boolean => begun(state) && pendingLegs(state).length === 0 && (state.cancelled || remaining(state).length === 0);

/** Something has left that was delivered or still may be. */
export const arriving = ({ legs }: FulfilmentState): boolean => legs.some((leg) => left(leg) && !undelivered(leg));

/** A parcel can still be stopped. */
export const stoppable = ({ legs }: FulfilmentState): boolean => legs.some(busy);

/** All has arrived, but for parts that a person has written off. */
export const fulfilled = (state: FulfilmentState): boolean =>
  complete(state) && state.legs.some(delivered) && legsThatLeft(state).every((leg) => delivered(leg) || (undelivered(leg) && !state.troubles.some(({ parcelId }) => parcelId === leg.parcel!.parcelId)));

/** Allocation may hold stock that will not be shipped any more unless it is given back or promised again. */
export const stockHeld = (state: FulfilmentState): boolean =>
  state.round > 0 && !state.cancelled && (pendingLegs(state).length > 0 || state.allocation === 'ASKED' || state.allocation === 'BACKORDERED');

/** Allocation has to be asked, or asked again: never yet, other lines, or the stock turned out not to be there. */
export const needsRound = (state: FulfilmentState): boolean => state.round === 0 || state.roundRevision !== state.lineRevision || state.allocation === 'FAILED';

export const progressOf = (state: FulfilmentState): Progress => {
  if (fulfilled(state)) return 'DELIVERED';
  const sent = legsThatLeft(state);
  if (sent.length > 0) {
    if (!complete(state)) return 'PARTIALLY_SHIPPED';
    if (!sent.every(undelivered)) return 'SHIPPED';
    return sent.every(({ parcel }) => parcel!.lost) ? 'LOST' : 'RETURNED';
  }
  const released = state.legs.filter(alive);
  if (released.length > 0) return released.some(({ parcel }) => parcel!.stage === 'WAYBILLED') ? 'WAYBILLED' : 'RELEASED';
  return state.allocation === 'GRANTED' && !needsRound(state) && !state.cancelled ? 'ALLOCATED' : 'NONE';
};

// ── several of one order ─────────────────────────────────────────────────────────────────────────────────────────

/** Stopped, and its stock is still to be given back. */
export const returning = (state: FulfilmentState): boolean => state.returning ?? (state.cancelled && !state.stockReturned);

/** It may still ship something. */
export const open = (state: FulfilmentState): boolean => state.plan !== null && !state.cancelled && !complete(state);

/** The fulfilment orders that a state is made of. */
export const eachOf = (state: FulfilmentState): readonly FulfilmentState[] => state.of ?? [state];

/** The name of the hold with which a trouble waits for a person. */
export const troubleHold = ({ number, part }: Trouble): string => (part ? `EXCEPTION:${part}.${number}` : `EXCEPTION:${number}`);

const asked = (state: FulfilmentState): number => (needsRound(state) ? 0 : state.allocation === 'GRANTED' ? 2 : 1);

/**
 * The fulfilment orders of an order as one, for everything that is asked of the order: all their parcels, all that they plan. How far the stock
 * is, the one says that is farthest behind of those that still ship something. One alone is itself.
 */
export const joined = (all: readonly FulfilmentState[]): FulfilmentState => {
  const [first = noFulfilment, ...others] = all;
  if (others.length === 0) return first;
  const behind = all.filter(open).toSorted((a, b) => asked(a) - asked(b))[0] ?? first;
  return {
    ...behind,
    foId: first.foId,
    plan: first.plan && { ...first.plan, orders: together(all.flatMap(({ plan }) => plan?.orders ?? [])) },
    legs: all.flatMap((state) => (state.cancelled ? legsThatLeft(state) : state.legs)),
    external: all.find(({ external }) => external !== null)?.external ?? null,
    troubles: all.flatMap(({ troubles }) => troubles),
    cancelled: all.every(({ cancelled }) => cancelled),
    stockReturned: all.every(({ stockReturned }) => stockReturned),
    returning: all.some(returning),
    of: all,
  };
};

// ── evolve ───────────────────────────────────────────────────────────────────────────────────────────────────────

const newLeg = (part: Omit<Part, 'orders'> & Pick<Leg, 'orders'>, before?: Leg): Leg => ({ ...part, value: 0, excludedCarriers: before?.excludedCarriers ?? [], refusals: before?.refusals ?? 0, ...(before?.wishWaived ? { wishWaived: true } : {}), parcel: null });

const newParcel = (state: FulfilmentState, parcelId: string, attempt: number, stage: Parcel['stage']): Parcel => ({
  parcelId,
  attempt,
  stage,
  addressRevision: state.addressRevision,
  recall: '',
  left: false,
  carrier: '',
  waybill: '',
  change: null,
  changes: 0,
  unchangeable: false,
  intercepted: false,
  lost: false,
  milestone: '',
  milestoneAt: '',
});

/** The leg of this parcel, if it is the newest one of a leg. */
export const legOf = ({ legs }: FulfilmentState, parcelId: string): Leg | undefined => legs.find(({ parcel }) => parcel?.parcelId === parcelId);

const withLeg = (state: FulfilmentState, parcelId: string, change: (leg: Leg, parcel: Parcel) => Partial<Leg>): FulfilmentState => ({
  ...state,
  legs: state.legs.map((leg) => (leg.parcel?.parcelId === parcelId ? { ...leg, ...change(leg, leg.parcel) } : leg)),
});

const withParcel = (state: FulfilmentState, parcelId: string, change: (parcel: Parcel) => Partial<Parcel>): FulfilmentState =>
  withLeg(state, parcelId, (_leg, parcel) => ({ parcel: { ...parcel, ...change(parcel) } }));

/** What is known of a parcel that does not count yet. */
export const strayOf = (state: FulfilmentState, parcelId: string): Stray => (state.stray?.parcelId === parcelId ? state.stray : { parcelId, milestone: '', occurredAt: '', lost: false });

/** A parcel's newest trouble stands for those before it. */
const troubled = (state: FulfilmentState, parcelId: string, kind: TroubleKind | '', reason: string): FulfilmentState => {
  if (kind === '') return state;
  const number = state.troubled + 1;
  return { ...state, troubled: number, troubles: [...state.troubles.filter((one) => one.parcelId !== parcelId), { number, kind, reason, parcelId, ...(state.split ? { part: state.split.part } : {}) }] };
};

export const evolveFulfilment = (state: FulfilmentState, event: FulfilmentEvent): FulfilmentState => {
  switch (event.type) {
    case 'FulfilmentPlanned':
      return { ...state, foId: event.data.foId, plan: event.data.plan, lineRevision: 1, addressRevision: 1, ...(event.data.split ? { split: event.data.split } : {}) };
    case 'FulfilmentReplanned': {
      const { plan, linesChanged, addressChanged } = event.data;
      return { ...state, plan, lineRevision: state.lineRevision + (linesChanged ? 1 : 0), addressRevision: state.addressRevision + (addressChanged ? 1 : 0) };
    }
    case 'AllocationRequested':
      return { ...state, round: event.data.round, roundRevision: state.lineRevision, asked: event.data.orders, allocation: 'ASKED', toldExcluded: state.excludedWarehouses.length };
    case 'StockGranted': {
      // What a warehouse's carriers refused once they are not asked again in the next round.
      const ended = pendingLegs(state);
      const legs = event.data.parts.map((part) => newLeg({ ...part, orders: part.orders ?? state.asked }, ended.find(({ warehouse }) => warehouse === part.warehouse)));
      return { ...state, allocation: 'GRANTED', legs: [...legsThatLeft(state), ...legs] };
    }
    case 'StockAwaited':
      return { ...state, allocation: 'BACKORDERED', missing: event.data.missing };
    case 'StockFailed': {
      const { warehouse } = event.data;
      const concerned = state.allocation === 'GRANTED' && pendingLegs(state).some((leg) => leg.warehouse === warehouse);
      return { ...state, allocation: concerned ? 'FAILED' : state.allocation, excludedWarehouses: state.excludedWarehouses.includes(warehouse) ? state.excludedWarehouses : [...state.excludedWarehouses, warehouse] };
    }
    case 'FulfilmentReleased': {
      const { parcelId, attempt, warehouse, orders, items, value } = event.data;
      const released = (leg: Leg): Leg => ({ ...leg, orders, items, value: value.amount, parcel: newParcel(state, parcelId, attempt, 'RELEASED') });
      return { ...state, attempt, legs: state.legs.map((leg) => (leg.warehouse === warehouse && !alive(leg) && !gone(leg) ? released(leg) : leg)) };
    }
    case 'WaybillNoted':
      return withParcel(state, event.data.parcelId, () => ({ stage: 'WAYBILLED', carrier: event.data.carrier, waybill: event.data.waybill }));
    case 'FulfilmentChangeRequested':
      return withParcel(state, event.data.parcelId, ({ changes }) => ({ change: { changeId: event.data.changeId, revision: state.addressRevision }, changes: changes + 1 }));
    case 'ChangeAnswered': {
      const { refused } = event.data;
      // Refused or not, this revision has been answered; what cannot be changed is voided and made anew.
      return withParcel(state, event.data.parcelId, ({ change, addressRevision }) => ({ change: null, addressRevision: change?.revision ?? addressRevision, unchangeable: refused !== '' && refused !== 'SHIPPED' }));
    }
    case 'FulfilmentCancelRequested':
      return withParcel(state, event.data.parcelId, () => ({ recall: event.data.reason }));
    case 'RecallRefused':
      return withParcel(state, event.data.parcelId, () => ({ left: true }));
    case 'ParcelEnded': {
      const { parcelId, how, carrier, reason, trouble } = event.data;
      const refused = how === 'REFUSED';
      const ended = withLeg(state, parcelId, ({ refusals, excludedCarriers }, parcel) => ({
        parcel: { ...parcel, stage: how, change: null },
        refusals: refusals + (refused ? 1 : 0),
        excludedCarriers: refused && carrier !== '' && !excludedCarriers.includes(carrier) ? [...excludedCarriers, carrier] : excludedCarriers,
      }));
      return troubled(ended, parcelId, trouble, reason);
    }
    case 'FulfilmentShipped': {
      const { parcelId } = event.data;
      if (legOf(state, parcelId)) return withParcel(state, parcelId, () => ({ stage: 'SHIPPED', left: true, change: null }));
      // Somebody else has shipped all that was left.
      const { carrier = '', waybill = '' } = state.external ?? {};
      const { milestone, occurredAt } = strayOf(state, parcelId);
      const parcel: Parcel = { ...newParcel(state, parcelId, state.attempt, 'SHIPPED'), left: true, carrier, waybill, milestone, milestoneAt: occurredAt };
      return { ...state, stray: null, legs: [...legsThatLeft(state), { ...newLeg({ warehouse: '', lockId: '', orders: remaining(state), items: [], barredCarriers: [], preferredCarrier: '' }), parcel }] };
    }
    case 'FulfilmentDelivered': {
      const { parcelId } = event.data;
      return { ...withParcel(state, parcelId, () => ({ stage: 'DELIVERED', lost: false })), troubles: state.troubles.filter((one) => one.parcelId !== parcelId) };
    }
    case 'MilestoneNoted': {
      const { parcelId, milestone, occurredAt, trouble } = event.data;
      if (!legOf(state, parcelId)) return { ...state, stray: { ...strayOf(state, parcelId), milestone, occurredAt } };
      return troubled(withParcel(state, parcelId, () => ({ milestone, milestoneAt: occurredAt })), parcelId, trouble, 'the parcel came back');
    }
    case 'ParcelMissed': {
      const { parcelId } = event.data;
      if (!legOf(state, parcelId)) return { ...state, stray: { ...strayOf(state, parcelId), lost: true } };
      return troubled(withParcel(state, parcelId, () => ({ lost: true })), parcelId, 'LOST', 'the carrier lost the parcel');
    }
    case 'InterceptionRequested':
      return withParcel(state, event.data.parcelId, () => ({ intercepted: true }));
    case 'ExternalParcelNoted': {
      const { parcelId, carrier, waybill, shippedAt } = event.data;
      return { ...state, external: { parcelId, carrier, waybill, shippedAt } };
    }
    case 'TroubleCleared': {
      // A person has looked: every carrier may be tried again.
      const waived = state.troubles.some(({ number, kind }) => number === event.data.trouble && kind === 'CARRIER') ? { wishWaived: true } : {};
      return {
        ...state,
        legs: state.legs.map((leg) => (left(leg) ? leg : { ...leg, refusals: 0, excludedCarriers: [], ...waived })),
        troubles: state.troubles.filter(({ number }) => number !== event.data.trouble),
      };
    }
    case 'FulfilmentCancelled':
      return { ...state, cancelled: true };
    case 'FulfilmentAbandoned':
      return { ...state, cancelled: true, stockReturned: true };
    case 'StockGivenBack':
      return { ...state, stockReturned: true };
    default:
      // A type that a later version wrote: it leaves the state as it is.
      return state;
  }
};
