import type { allocation, common } from '@flotilla/contracts';
import type { FulfilmentEvent, Plan, TroubleKind } from './fulfilment.events.js';
import type { Progress } from './order.events.js';

/** One parcel that the carrier was asked for. At most one is alive: requested or waybilled, and neither ended nor shipped. */
export interface Parcel {
  readonly parcelId: string;
  readonly attempt: number;
  readonly stage: 'RELEASED' | 'WAYBILLED' | 'SHIPPED' | 'DELIVERED' | 'VOIDED' | 'REFUSED';
  readonly orders: readonly common.OrderShare[];
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

export interface Trouble {
  readonly number: number;
  readonly kind: TroubleKind;
  readonly reason: string;
  readonly open: boolean;
}

export interface Stray {
  readonly parcelId: string;
  readonly milestone: string;
  readonly occurredAt: string;
  readonly lost: boolean;
}

export interface FulfilmentState {
  readonly foId: string;
  readonly plan: Plan | null;
  /** Raised when the lines, or where they go to, change. */
  readonly lineRevision: number;
  readonly addressRevision: number;
  readonly round: number;
  readonly roundRevision: number;
  readonly allocation: 'NONE' | 'ASKED' | 'BACKORDERED' | 'GRANTED' | 'FAILED';
  readonly warehouse: string;
  readonly items: readonly allocation.AllocatedItem[];
  readonly excludedWarehouses: readonly string[];
  /** How many of them allocation knew of when it was asked last. */
  readonly toldExcluded: number;
  readonly attempt: number;
  readonly excludedCarriers: readonly string[];
  /** Parcels that carriers refused since a person looked at it last. */
  readonly refusals: number;
  readonly parcel: Parcel | null;
  readonly external: { readonly parcelId: string; readonly carrier: string; readonly waybill: string; readonly shippedAt: string } | null;
  /** Of a parcel that is not ours and does not count yet: its tracking may be faster than our own parcel is voided. */
  readonly stray: Stray | null;
  readonly trouble: Trouble | null;
  readonly cancelled: boolean;
  readonly stockReturned: boolean;
}

export const noFulfilment: FulfilmentState = {
  foId: '',
  plan: null,
  lineRevision: 0,
  addressRevision: 0,
  round: 0,
  roundRevision: 0,
  allocation: 'NONE',
  warehouse: '',
  items: [],
  excludedWarehouses: [],
  toldExcluded: 0,
  attempt: 0,
  excludedCarriers: [],
  refusals: 0,
  parcel: null,
  external: null,
  stray: null,
  trouble: null,
  cancelled: false,
  stockReturned: false,
};

const newParcel = (state: FulfilmentState, parcelId: string, stage: Parcel['stage']): Parcel => ({
  parcelId,
  attempt: state.attempt,
  stage,
  orders: state.plan?.orders ?? [],
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

const withParcel = (state: FulfilmentState, change: (parcel: Parcel) => Partial<Parcel>): FulfilmentState =>
  state.parcel ? { ...state, parcel: { ...state.parcel, ...change(state.parcel) } } : state;

/** What is known of a parcel that does not count yet. */
export const strayOf = (state: FulfilmentState, parcelId: string): Stray => (state.stray?.parcelId === parcelId ? state.stray : { parcelId, milestone: '', occurredAt: '', lost: false });

const troubled = (state: FulfilmentState, kind: TroubleKind | '', reason: string): Trouble | null =>
  kind === '' ? state.trouble : { number: (state.trouble?.number ?? 0) + 1, kind, reason, open: true };

export const evolveFulfilment = (state: FulfilmentState, event: FulfilmentEvent): FulfilmentState => {
  switch (event.type) {
    case 'FulfilmentPlanned':
      return { ...state, foId: event.data.foId, plan: event.data.plan, lineRevision: 1, addressRevision: 1 };
    case 'FulfilmentReplanned': {
      const { plan, linesChanged, addressChanged } = event.data;
      return { ...state, plan, lineRevision: state.lineRevision + (linesChanged ? 1 : 0), addressRevision: state.addressRevision + (addressChanged ? 1 : 0) };
    }
    case 'AllocationRequested':
      return { ...state, round: event.data.round, roundRevision: state.lineRevision, allocation: 'ASKED', warehouse: '', items: [], toldExcluded: state.excludedWarehouses.length };
    case 'StockGranted':
      return { ...state, allocation: 'GRANTED', warehouse: event.data.warehouse, items: event.data.items };
    case 'StockAwaited':
      return { ...state, allocation: 'BACKORDERED' };
    case 'StockFailed': {
      const { warehouse } = event.data;
      const concerned = state.allocation === 'GRANTED' && state.warehouse === warehouse;
      return { ...state, allocation: concerned ? 'FAILED' : state.allocation, excludedWarehouses: state.excludedWarehouses.includes(warehouse) ? state.excludedWarehouses : [...state.excludedWarehouses, warehouse] };
    }
    case 'FulfilmentReleased': {
      const { parcelId, attempt } = event.data;
      return { ...state, attempt, parcel: { ...newParcel(state, parcelId, 'RELEASED'), attempt } };
    }
    case 'WaybillNoted':
      return withParcel(state, () => ({ stage: 'WAYBILLED', carrier: event.data.carrier, waybill: event.data.waybill }));
    case 'FulfilmentChangeRequested':
      return withParcel(state, ({ changes }) => ({ change: { changeId: event.data.changeId, revision: state.addressRevision }, changes: changes + 1 }));
    case 'ChangeAnswered': {
      const { refused } = event.data;
      // Refused or not, this revision has been answered; what cannot be changed is voided and made anew.
      return withParcel(state, ({ change, addressRevision }) => ({ change: null, addressRevision: change?.revision ?? addressRevision, unchangeable: refused !== '' && refused !== 'SHIPPED' }));
    }
    case 'FulfilmentCancelRequested':
      return withParcel(state, () => ({ recall: event.data.reason }));
    case 'RecallRefused':
      return withParcel(state, () => ({ left: true }));
    case 'ParcelEnded': {
      const { how, carrier, reason, trouble } = event.data;
      const refused = how === 'REFUSED';
      return {
        ...withParcel(state, () => ({ stage: how, change: null })),
        refusals: state.refusals + (refused ? 1 : 0),
        excludedCarriers: refused && carrier !== '' && !state.excludedCarriers.includes(carrier) ? [...state.excludedCarriers, carrier] : state.excludedCarriers,
        trouble: troubled(state, trouble, reason),
      };
    }
    case 'FulfilmentShipped': {
      const { parcelId } = event.data;
      if (state.parcel?.parcelId === parcelId) return withParcel(state, () => ({ stage: 'SHIPPED', left: true, change: null }));
      const { carrier = '', waybill = '' } = state.external ?? {};
      const { milestone, occurredAt } = strayOf(state, parcelId);
      return { ...state, stray: null, parcel: { ...newParcel(state, parcelId, 'SHIPPED'), left: true, carrier, waybill, milestone, milestoneAt: occurredAt } };
    }
    case 'FulfilmentDelivered':
      return { ...withParcel(state, () => ({ stage: 'DELIVERED', lost: false })), trouble: state.trouble && { ...state.trouble, open: false } };
    case 'MilestoneNoted': {
      const { parcelId, milestone, occurredAt, trouble } = event.data;
      if (state.parcel?.parcelId !== parcelId) return { ...state, stray: { ...strayOf(state, parcelId), milestone, occurredAt } };
      return { ...withParcel(state, () => ({ milestone, milestoneAt: occurredAt })), trouble: troubled(state, trouble, 'the parcel came back') };
    }
    case 'ParcelMissed':
      if (state.parcel?.parcelId !== event.data.parcelId) return { ...state, stray: { ...strayOf(state, event.data.parcelId), lost: true } };
      return { ...withParcel(state, () => ({ lost: true })), trouble: troubled(state, 'LOST', 'the carrier lost the parcel') };
    case 'InterceptionRequested':
      return withParcel(state, () => ({ intercepted: true }));
    case 'ExternalParcelNoted': {
      const { parcelId, carrier, waybill, shippedAt } = event.data;
      return { ...state, external: { parcelId, carrier, waybill, shippedAt } };
    }
    case 'TroubleCleared':
      // A person has looked: every carrier may be tried again.
      return { ...state, trouble: state.trouble && { ...state.trouble, open: false }, refusals: 0, excludedCarriers: [] };
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

/** A parcel that may still be shipped. */
export const alive = (state: FulfilmentState): boolean => state.parcel?.stage === 'RELEASED' || state.parcel?.stage === 'WAYBILLED';

/** The parcel has left the house. */
export const gone = (state: FulfilmentState): boolean => state.parcel?.stage === 'SHIPPED' || state.parcel?.stage === 'DELIVERED';

export const returned = (state: FulfilmentState): boolean => state.parcel?.milestone === 'MILESTONE_RETURNED';

/** Allocation has to be asked, or asked again: never yet, other lines, or the stock turned out not to be there. */
export const needsRound = (state: FulfilmentState): boolean => state.round === 0 || state.roundRevision !== state.lineRevision || state.allocation === 'FAILED';

export const progressOf = (state: FulfilmentState): Progress => {
  const { parcel } = state;
  if (parcel?.stage === 'DELIVERED') return 'DELIVERED';
  if (gone(state)) return parcel!.lost ? 'LOST' : returned(state) ? 'RETURNED' : 'SHIPPED';
  if (alive(state)) return parcel!.left ? 'SHIPPED' : parcel!.stage === 'WAYBILLED' ? 'WAYBILLED' : 'RELEASED';
  return state.allocation === 'GRANTED' && !needsRound(state) && !state.cancelled ? 'ALLOCATED' : 'NONE';
};
