import { streamOf } from '@flotilla/decider';
import type { Recorded } from '@flotilla/event-store';
import type { ServiceContext } from '@flotilla/service-kit';
import { BUYERS, buyerSettings, settingsOf, type PublicName } from '../decide/buyer-settings.decider.js';
import { rankOf, type Milestone } from '../decide/milestones.js';
import { provenance, type EarlyStep, type ProvenanceEvent } from '../decide/provenance.decider.js';
import type { Claim, ShipmentEvent } from '../decide/shipment.events.js';

/** The event that says so, in the log of the service that wrote it. */
export interface Witness {
  readonly stream: string;
  readonly version: number;
  readonly id: string;
  readonly hash: string;
}

export interface ProvenStep {
  readonly step: EarlyStep | 'SHIPPED' | Milestone;
  readonly at: string;
  /** The warehouse (RELEASED, PACKED), the carrier (SHIPPED) or the place. */
  readonly detail: string;
  /** Null where it was not kept which event said so. */
  readonly event: Witness | null;
}

/** What `…/provenance.json` is; `npm run verify -- --provenance FILE` holds it against the logs. */
export interface Provenance {
  readonly format: 'flotilla.provenance.v1';
  readonly parcelId: string;
  readonly orders: readonly string[];
  readonly carrier: string;
  readonly waybill: string;
  readonly steps: readonly ProvenStep[];
}

/** Of so many orders in one parcel it is told; a merge has a few. */
const mostOrders = 20;

const order: readonly string[] = ['PLACED', 'PAID', 'RELEASED', 'PACKED', 'SHIPPED'] satisfies readonly ProvenStep['step'][];
const placeOf = ({ step }: ProvenStep): number => (order.includes(step) ? order.indexOf(step) : order.length + rankOf(step as Milestone));

// The second message of one event is of a stream `…#1` to whoever drops repeats, and has the event's id with another ending.
const sourceOf = ({ meta: { source } }: Recorded): Witness | null =>
  source === undefined || source.hash === '' ? null : { stream: source.stream.replace(/#\d+$/, ''), version: source.version, id: source.id.split('/')[0]!, hash: source.hash };

const ownOf = ({ stream, version, id, hash }: Recorded): Witness => ({ stream, version, id, hash });

/** The steps that a shipment's stream tells of its parcel, as it is claimed now. */
const carried = (claim: Claim, events: readonly Recorded[]): readonly ProvenStep[] =>
  events.flatMap((recorded): readonly ProvenStep[] => {
    const { type, data } = recorded as unknown as ShipmentEvent;
    if (type === 'ShipmentDispatched' && data.parcelId === claim.parcelId) return [{ step: 'SHIPPED', at: data.shippedAt, detail: data.carrier, event: sourceOf(recorded) }];
    return type === 'MilestoneReached' && data.parcelId === claim.parcelId ? [{ step: data.milestone, at: data.occurredAt, detail: data.place, event: ownOf(recorded) }] : [];
  });

/** What was packed anew was packed when it was packed last. */
const early = (events: readonly Recorded[]): readonly ProvenStep[] => {
  const steps = events.flatMap((recorded): readonly (ProvenStep & { readonly id: string })[] => {
    const { type, data } = recorded as unknown as ProvenanceEvent;
    return type === 'StepKept' ? [{ id: data.id, step: data.step, at: data.at, detail: data.detail, event: sourceOf(recorded) }] : [];
  });
  return [...new Map(steps.map(({ id, ...step }) => [`${step.step} ${id}`, step])).values()];
};

export const stepsOf = (claim: Claim, shipped: readonly Recorded[], kept: readonly Recorded[]): readonly ProvenStep[] =>
  [...early(kept), ...carried(claim, shipped)].toSorted((a, b) => placeOf(a) - placeOf(b) || (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));

export interface Shown {
  readonly provenance: Provenance;
  readonly warehouseNames: readonly PublicName[];
}

/** Undefined where the shop does not show it, or nobody knows yet whose parcel it is. */
export const provenanceOf = async ({ store }: ServiceContext, claim: Claim | null, shipped: readonly Recorded[]): Promise<Shown | undefined> => {
  if (claim === null) return undefined;
  const { provenance: isShown, warehouseNames } = settingsOf((await store.folded(buyerSettings, [BUYERS])).get(BUYERS)!.state)!;
  if (!isShown) return undefined;
  const { parcelId, carrier, waybill } = claim;
  const orders = claim.orders.map(({ orderId }) => orderId).slice(0, mostOrders);
  const kept = await store.readAll([...orders, parcelId].map((id) => streamOf(provenance, id)));
  return { warehouseNames, provenance: { format: 'flotilla.provenance.v1', parcelId, orders, carrier, waybill, steps: stepsOf(claim, shipped, kept) } };
};
