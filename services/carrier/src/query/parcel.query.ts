import type { carrier } from '@flotilla/contracts';
import { streamOf } from '@flotilla/decider';
import type { EventStore, Recorded } from '@flotilla/event-store';
import { parcel } from '../decide/parcel.decider.js';
import type { ParcelEvent } from '../decide/parcel.events.js';
import type { Parcel } from '../decide/parcel.state.js';
import { waybill as waybills, waybillIdOf } from '../decide/waybill.decider.js';
import { isNumberOf, type CarrierManifest } from '../perform/carriers/carrier.js';

/** A parcel as it is now, from its own stream; undefined if there is none. */
export const readParcel = async (store: EventStore, parcelId: string): Promise<carrier.Parcel | undefined> => {
  const events = await store.read(streamOf(parcel, parcelId));
  const last = events.at(-1);
  if (!last) return undefined;
  let state = parcel.initial;
  let since = last.recordedAt;
  for (const event of events) {
    const next = parcel.evolve(state, event as unknown as ParcelEvent);
    if (next.status !== state.status) since = event.recordedAt;
    state = next;
  }
  return toParcel(parcelId, state, { since, last, refusal: refusalOf(events) });
};

const toParcel = (parcelId: string, state: Parcel, { since, last, refusal }: { readonly since: string; readonly last: Recorded; readonly refusal: carrier.CarrierRefused | undefined }): carrier.Parcel => ({
  parcelId,
  foId: state.foId,
  orders: state.plan?.orders ?? [],
  state: state.status === 'NONE' ? 'PLANNED' : state.status,
  warehouse: state.plan?.warehouse ?? '',
  carrier: refusal?.carrier ?? state.plan?.choice.carrier ?? '',
  service: state.plan?.choice.service ?? '',
  waybill: state.waybill,
  items: state.plan?.items ?? [],
  quoted: state.plan?.choice.quoted ?? { amount: 0, currency: '' },
  explain: refusal ? `${refusal.reason}: ${refusal.detail}` : (state.plan?.choice.explain ?? ''),
  waitsSince: since,
  version: last.version,
  position: last.position,
  number: state.plan?.number ?? '',
});

const refusalOf = (events: readonly Recorded[]): carrier.CarrierRefused | undefined => events.findLast(({ type }) => type === 'CarrierRefused')?.data as carrier.CarrierRefused | undefined;

/** Whose a scanned number is: the carriers whose numbers look like it are tried. */
export const ownerOf = async (store: EventStore, manifests: readonly CarrierManifest[], number: string): Promise<string | undefined> => {
  const ids = manifests.filter((manifest) => isNumberOf(manifest, number)).map(({ name }) => waybillIdOf(name, number));
  if (ids.length === 0) return undefined;
  const found = await store.folded(waybills, ids);
  return [...found.values()].find(({ state }) => state.parcelId !== '')?.state.parcelId;
};
