import type { Choice, Floor, ParcelContent, ParcelEvent, ParcelPlan, Routing, VoidCause } from './parcel.events.js';

export type ParcelStatus = 'NONE' | 'PLANNED' | 'BUYING' | 'UNKNOWN' | 'WAYBILLED' | 'SHIPPED' | 'VOIDING' | 'VOIDED' | 'REFUSED' | 'EXTERNAL';

export interface PendingChange {
  readonly changeId: string;
  readonly content: ParcelContent;
  /** null only for a change that came before the parcel itself: chosen together with it. */
  readonly choice: Choice | null;
}

export interface Parcel {
  readonly status: ParcelStatus;
  readonly foId: string;
  readonly plan: ParcelPlan | null;
  readonly purchase: number;
  /** Which intent has no outcome yet. */
  readonly open: '' | 'PURCHASE' | 'VOID';
  readonly calls: number;
  readonly deadline: string;
  readonly asks: number;
  readonly voidTries: number;
  readonly voidBecause: VoidCause | '';
  /** The number that the carrier gave last, voided or not. */
  readonly waybill: string;
  readonly routing: Routing;
  readonly printData: string;
  /** WaybillIssued was said for this number: the floor may hold a label of it. */
  readonly announced: boolean;
  readonly cancel: string | null;
  /** Changes that wait for the next purchase, oldest first; content of the newest holds. */
  readonly pending: readonly PendingChange[];
  /** Changes that are in the plan but whose waybill is not issued yet. */
  readonly applied: readonly string[];
  /** "" = changed, else the reason of the refusal. */
  readonly answered: Readonly<Record<string, string>>;
  readonly prints: number;
  readonly floor: Floor;
}

export const nothing: Parcel = {
  status: 'NONE', foId: '', plan: null, purchase: 0, open: '', calls: 0, deadline: '', asks: 0, voidTries: 0, voidBecause: '', waybill: '',
  routing: { origin: '', destination: '', sorting: '', matrix: '' }, printData: '', announced: false, cancel: null, pending: [], applied: [], answered: {}, prints: 0, floor: 'NONE',
};

/** Folds one event onto a parcel. */
export const evolve = (state: Parcel, event: ParcelEvent): Parcel => {
  switch (event.type) {
    case 'ParcelPlanned':
      return { ...state, status: 'PLANNED', foId: event.data.foId, plan: event.data, applied: state.pending.map(({ changeId }) => changeId), pending: [] };
    case 'ExternalParcelPlanned':
      return { ...state, status: 'EXTERNAL', foId: event.data.foId, plan: event.data };
    case 'ParcelReplanned': {
      const { parcelId: _, changeIds, ...content } = event.data;
      if (state.plan === null) return state;
      return { ...state, status: 'PLANNED', plan: { ...state.plan, ...content }, applied: [...state.applied, ...changeIds], pending: state.pending.filter((change) => !changeIds.includes(change.changeId)) };
    }
    case 'WaybillRequested':
      return { ...state, purchase: event.data.purchase, open: 'PURCHASE', calls: 0, deadline: '', asks: 0, waybill: '', announced: false, prints: 0 };
    case 'PurchaseBegun':
      return { ...state, status: state.status === 'VOIDING' ? 'VOIDING' : 'BUYING', calls: event.data.call, deadline: event.data.deadline };
    case 'WaybillUnknown':
      return { ...state, status: state.status === 'VOIDING' ? 'VOIDING' : 'UNKNOWN', asks: event.data.ask };
    case 'PurchaseSettled':
      return { ...state, open: '', waybill: event.data.waybill, routing: event.data.routing, printData: event.data.printData ?? '' };
    case 'WaybillIssued':
      return { ...state, status: 'WAYBILLED', announced: true };
    case 'VoidRequested':
      return { ...state, status: 'VOIDING', open: 'VOID', voidTries: 0, voidBecause: event.data.because };
    case 'VoidUnknown':
      return { ...state, voidTries: event.data.attempt };
    case 'VoidSettled':
      // Refused: the number lives on. Whether it was announced is decided with the same command.
      return { ...state, open: '', voidBecause: '', status: event.data.outcome === 'REFUSED' ? 'WAYBILLED' : state.status, cancel: event.data.outcome === 'REFUSED' ? null : state.cancel };
    case 'CancelNoted':
      return { ...state, status: 'VOIDING', cancel: event.data.reason };
    case 'ChangeNoted': {
      const { changeId, content, choice, foId } = event.data;
      return { ...state, foId, pending: [...state.pending, { changeId, content, choice }] };
    }
    case 'ParcelChanged':
      return answer(state, event.data.changeId, '');
    case 'ChangeRefused':
      return answer(state, event.data.changeId, event.data.reason);
    case 'ParcelShippedExternally':
      return { ...state, status: 'SHIPPED', foId: event.data.foId, waybill: event.data.waybill, plan: state.plan && { ...state.plan, choice: { ...state.plan.choice, carrier: event.data.carrier } } };
    case 'ParcelShipped':
      return { ...state, status: 'SHIPPED' };
    case 'ParcelVoided':
      return { ...state, status: 'VOIDED', foId: event.data.foId, cancel: event.data.reason };
    case 'CarrierRefused':
      return { ...state, status: 'REFUSED', foId: event.data.foId };
    case 'CancelRefused':
    case 'ParcelWeighed':
      return state;
    case 'FloorNoted':
      return { ...state, floor: event.data.floor };
    case 'LabelPrinted':
    case 'LabelReprinted':
      return { ...state, prints: event.data.count };
    default:
      return later(event, state);
  }
};

// Closed for the compiler; an event type of a later version leaves the state as it is.
const later = (_: never, state: Parcel): Parcel => state;

const answer = (state: Parcel, changeId: string, how: string): Parcel => ({
  ...state,
  pending: state.pending.filter((change) => change.changeId !== changeId),
  applied: state.applied.filter((applied) => applied !== changeId),
  answered: { ...state.answered, [changeId]: how },
});
