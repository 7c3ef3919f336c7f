import type { Decider } from '@flotilla/decider';

/** Who holds a number of a carrier. The first claim stays for ever, voided or not: a number is never issued twice. */
export interface WaybillClaimed {
  readonly carrier: string;
  readonly waybill: string;
  readonly parcelId: string;
  readonly purchase: number;
}

export interface Waybill {
  readonly parcelId: string;
  readonly purchase: number;
}

export type WaybillCommand = { readonly type: 'ClaimWaybill'; readonly data: WaybillClaimed };
export type WaybillEvent = { readonly type: 'WaybillClaimed'; readonly data: WaybillClaimed };

/** Stream `waybill-<carrier>.<number>`. A claim of another parcel's number is [] here; who claims looks at the state first. */
export const waybill: Decider<Waybill, WaybillCommand, WaybillEvent> = {
  category: 'waybill',
  initial: { parcelId: '', purchase: 0 },
  evolve: (state, event) => (event.type === 'WaybillClaimed' ? { parcelId: event.data.parcelId, purchase: event.data.purchase } : state),
  decide: (command, state) => (state.parcelId === '' ? [{ type: 'WaybillClaimed', data: command.data }] : []),
};

/** The id of a waybill's stream. Numbers are checked by their carrier's pattern before, so they are printable ASCII. */
export const waybillIdOf = (carrier: string, number: string): string => `${carrier}.${number}`;
