import type { SfParcels } from '../carriers/sf/parcels.js';

/** One event of a number, as a tracker tells it. `stage`: what it means, in 17TRACK's words. */
export interface Event {
  /** Epoch ms. */
  readonly at: number;
  readonly text: string;
  readonly place: string;
  readonly stage: string;
}

export interface Number {
  readonly number: string;
  /** The tracker's name of the carrier. */
  readonly carrier: string;
  readonly tag: string;
  /** Where news is pushed to; "" where the account says that. */
  readonly callback: string;
  readonly salt: string;
}

const stageOf = (opCode: string, remark: string): string => {
  if (opCode === '50') return 'PickedUp';
  if (opCode === '106' || opCode === '105') return remark.includes('清关') ? 'InTransit_CustomsProcessing' : 'Departure';
  if (opCode === '204' || opCode === '44') return 'OutForDelivery';
  if (opCode === '70') return 'DeliveryFailure';
  if (opCode === '80') return remark.includes('自助柜') ? 'AvailableForPickup' : 'Delivered';
  return 'Departure';
};

/** What a tracker knows of numbers: those that were planted here, and SF's own parcels, which every tracker sees. */
export class Numbers {
  readonly #followed = new Map<string, Number>();
  readonly #planted = new Map<string, Event[]>();
  /** Calls, by number: a tracker is asked for one number at most every half hour. */
  readonly asked = new Map<string, number>();

  constructor(private readonly parcels: SfParcels) {}

  /** False if it is followed already. */
  follow(number: Number): boolean {
    if (this.#followed.has(number.number)) return false;
    this.#followed.set(number.number, number);
    return true;
  }

  followed(number: string): Number | undefined {
    return this.#followed.get(number);
  }

  plant(number: string, events: readonly Event[]): void {
    this.#planted.set(number, [...(this.#planted.get(number) ?? []), ...events]);
  }

  /** Oldest first. */
  events(number: string): readonly Event[] {
    const parcel = this.parcels.byWaybill(number);
    const seen = parcel === undefined ? [] : this.parcels.scans(parcel).map(({ at, remark, place, opCode }) => ({ at, text: remark, place, stage: stageOf(opCode, remark) }));
    return [...seen, ...(this.#planted.get(number) ?? [])].toSorted((a, b) => a.at - b.at);
  }
}
