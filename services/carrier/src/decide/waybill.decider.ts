import type { Decider } from '@flotilla/decider';

/** Who holds a number of a carrier. A claim stays for ever, voided or not, but where a pool's number comes back unused and unprinted (`ReleaseWaybill`). */
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

/** Only a number of a pool, whose parcel was voided before any label of it was printed, is free again (CAR-04). */
export interface WaybillReleased {
  readonly carrier: string;
  readonly waybill: string;
  readonly parcelId: string;
}

export type WaybillCommand = { readonly type: 'ClaimWaybill'; readonly data: WaybillClaimed } | { readonly type: 'ReleaseWaybill'; readonly data: WaybillReleased };
export type WaybillEvent = { readonly type: 'WaybillClaimed'; readonly data: WaybillClaimed } | { readonly type: 'WaybillReleased'; readonly data: WaybillReleased };

const nobody: Waybill = { parcelId: '', purchase: 0 };

/** Stream `waybill-<carrier>.<number>`. A claim of another parcel's number is [] here; who claims looks at the state first. */
export const waybill: Decider<Waybill, WaybillCommand, WaybillEvent> = {
  category: 'waybill',
  initial: nobody,
  evolve: (state, event) => {
    switch (event.type) {
      case 'WaybillClaimed': return { parcelId: event.data.parcelId, purchase: event.data.purchase };
      case 'WaybillReleased': return nobody;
      default: return state;
    }
  },
  decide: (command, state) => {
    if (command.type === 'ClaimWaybill') return state.parcelId === '' ? [{ type: 'WaybillClaimed', data: command.data }] : [];
    return state.parcelId === command.data.parcelId ? [{ type: 'WaybillReleased', data: command.data }] : [];
  },
};

/** The id of a waybill's stream. Numbers are checked by their carrier's pattern before, so they are printable ASCII. */
export const waybillIdOf = (carrier: string, number: string): string => `${carrier}.${number}`;
