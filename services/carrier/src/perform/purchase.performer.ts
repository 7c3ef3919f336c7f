import type { EventStore, Logger, Meta, Performed } from '@flotilla/event-store';
import { storable } from '@flotilla/values';
import { lookAgainAt, type ParcelJob } from '../coordinate/parcel-jobs.js';
import { parcel, type PurchaseAnswer } from '../decide/parcel.decider.js';
import { referenceOf, type ParcelPlan } from '../decide/parcel.events.js';
import type { Parcel } from '../decide/parcel.state.js';
import { gramsOf } from '../decide/quote.js';
import { waybill as waybills, waybillIdOf } from '../decide/waybill.decider.js';
import { takeFromPool } from './pool.js';
import { isNumberOf, maskedBy, type CarrierManifest, type CarrierPort, type Issued, type Party, type PurchaseOrder } from './carriers/carrier.js';

export interface ConnectedCarrier {
  readonly manifest: CarrierManifest;
  /** With its own account; undefined without one. */
  readonly port: CarrierPort | undefined;
  /** By the platform that masks the recipient. */
  readonly masked: ReadonlyMap<string, CarrierPort>;
}

export interface Purchasing {
  readonly store: EventStore;
  readonly carriers: ReadonlyMap<string, ConnectedCarrier>;
  /** Sender and recipient in clear; undefined if the recipient was erased. */
  readonly parties: (plan: ParcelPlan) => Promise<{ readonly sender: Party; readonly recipient: Party } | undefined>;
  readonly clock: { business(): Date; machine(): Date };
  /** Of one call, with the waiting for its turn. */
  readonly timeoutMs: number;
  /** How long after its timeout a call may still take effect at the carrier. */
  readonly graceMs: number;
  readonly log: Logger;
}

type Begun = { readonly kind: 'begun'; readonly plan: ParcelPlan } | { readonly kind: 'moved' } | { readonly kind: 'elsewhere' };

/**
 * Buys the waybill of a parcel, once (CAR-12). PurchaseBegun is in the stream before the call goes out, so that after a
 * crash at any moment the stream tells whether the carrier may have been called; if so it is asked, never called again
 * before it has said, later than the call's deadline, that it does not know the purchase.
 */
export const buy = async (p: Purchasing, job: Performed, meta: Meta): Promise<void> => {
  const { parcelId, purchase, ask } = job.payload as ParcelJob;
  for (;;) {
    const { state, version } = await current(p, parcelId);
    if (state.open !== 'PURCHASE' || state.purchase !== purchase || state.plan === null || state.asks !== ask) return;
    if (state.plan.choice.pooled) {
      if ((await takeFromPool(p, job, meta)) === 'moved') continue;
      return;
    }
    if (state.status !== 'PLANNED') return askCarrier(p, job, meta, state, state.plan);
    // Whatever fails here leaves the parcel PLANNED, and the job comes back.
    const parties = await p.parties(state.plan);
    const begun = await begin(p, meta, { parcelId, purchase, version });
    if (begun.kind === 'moved') continue; // a change came in between: other addresses
    if (begun.kind === 'elsewhere') return;
    if (!parties) return settle(p, meta, parcelId, purchase, begun.plan, { kind: 'refused', reason: 'SUBJECT_ERASED', detail: 'the recipient’s data was erased' });
    return call(p, job, meta, begun.plan, parties);
  }
};


const current = async ({ store }: Purchasing, parcelId: string): Promise<{ state: Parcel; version: number }> => {
  const found = (await store.folded(parcel, [parcelId])).get(parcelId);
  return found ?? { state: parcel.initial, version: 0 };
};

const begin = async (p: Purchasing, meta: Meta, { parcelId, purchase, version }: { parcelId: string; purchase: number; version: number }): Promise<Begun> => {
  const { answer } = await p.store.execute<Begun>({
    streams: [[parcel, parcelId]],
    meta,
    decide: (unit) => {
      if (unit.version(parcel, parcelId) !== version) return { kind: 'moved' };
      const { plan } = unit.state(parcel, parcelId);
      const events = unit.run(parcel, parcelId, { type: 'BeginPurchase', data: { parcelId, purchase, deadline: deadline(p) } });
      return events.length > 0 && plan !== null ? { kind: 'begun', plan } : { kind: 'elsewhere' };
    },
  });
  return answer;
};

const deadline = ({ clock, timeoutMs, graceMs }: Purchasing): string => new Date(clock.machine().getTime() + timeoutMs + graceMs).toISOString();

const within = (p: Purchasing, signal: AbortSignal): AbortSignal => AbortSignal.any([signal, AbortSignal.timeout(p.timeoutMs)]);

const carrierOf = ({ carriers }: Pick<Purchasing, 'carriers'>, { choice }: ParcelPlan): ConnectedCarrier => {
  const carrier = carriers.get(choice.carrier);
  if (!carrier) throw new Error(`parcels are planned for carrier ${choice.carrier}, which is not connected`);
  return carrier;
};

/** Where this parcel's number is bought: at the platform that masks its recipient, else at the carrier. */
export const portOf = (p: Pick<Purchasing, 'carriers'>, plan: ParcelPlan): CarrierPort => {
  const { manifest, port, masked } = carrierOf(p, plan);
  const { platform } = maskedBy(plan.shipTo.token);
  const found = platform === '' ? port : masked.get(platform);
  if (!found) throw new Error(`parcel ${plan.parcelId} is planned for ${manifest.name}${platform === '' ? '' : ` through ${platform}`}, which has no account here`);
  return found;
};

const orderOf = (plan: ParcelPlan, purchase: number, parties: { readonly sender: Party; readonly recipient: Party }): PurchaseOrder => ({
  reference: referenceOf(plan.parcelId, purchase), service: plan.choice.service, ...parties, items: plan.items, grams: gramsOf(plan.items), orders: plan.orders, token: maskedBy(plan.shipTo.token).token,
});

const call = async (p: Purchasing, job: Performed, meta: Meta, plan: ParcelPlan, parties: { readonly sender: Party; readonly recipient: Party }): Promise<void> => {
  const { parcelId, purchase } = job.payload as ParcelJob;
  const port = portOf(p, plan);
  const answer = await port.create(orderOf(plan, purchase, parties), within(p, job.signal));
  if (answer.kind === 'known') {
    const { state } = await current(p, parcelId);
    return askCarrier(p, job, meta, state, plan);
  }
  return settle(p, meta, parcelId, purchase, plan, answer);
};

const askCarrier = async (p: Purchasing, job: Performed, meta: Meta, state: Parcel, plan: ParcelPlan): Promise<void> => {
  const { parcelId, purchase } = job.payload as ParcelJob;
  const port = portOf(p, plan);
  const reference = referenceOf(parcelId, purchase);
  const askedAt = p.clock.machine().toISOString();
  const wanted = state.cancel === null && state.pending.length === 0;
  let answer = await port.ask({ reference, wanted }, within(p, job.signal));
  if (answer.kind !== 'not-known' && answer.kind !== 'again') return settle(p, meta, parcelId, purchase, plan, answer);
  // The recipient may be needed for another call; whatever fails here changes nothing, and the job comes back.
  const parties = await p.parties(plan);
  // Nobody is left to order it for: what stands under the reference is not wanted either.
  if (answer.kind === 'again' && !parties) answer = await port.ask({ reference, wanted: false }, within(p, job.signal));
  if (answer.kind === 'again' && !parties) answer = { kind: 'unclear', detail: 'the recipient was erased, and the carrier answers only to the order itself' };
  if (answer.kind !== 'not-known' && answer.kind !== 'again') return settle(p, meta, parcelId, purchase, plan, answer);
  const repeatable = answer.kind === 'again';
  const { answer: again } = await p.store.execute({
    streams: [[parcel, parcelId]],
    meta,
    decide: (unit) => {
      const events = unit.run(parcel, parcelId, { type: 'NotKnown', data: { parcelId, purchase, askedAt, deadline: deadline(p), askAfter: lookAgainAt(p.clock.machine(), state.asks), repeatable } });
      return events.some(({ type }) => type === 'PurchaseBegun');
    },
  });
  if (!again) return;
  p.log.warn({ parcelId, purchase }, repeatable ? 'the outcome of a purchase is unknown: the same order is placed again, which the carrier takes once' : 'the carrier does not know the purchase: its first call never arrived, it is called again');
  if (!parties) return settle(p, meta, parcelId, purchase, plan, { kind: 'refused', reason: 'SUBJECT_ERASED', detail: 'the recipient’s data was erased' });
  return call(p, job, meta, plan, parties);
};

type Outcome = Issued | { readonly kind: 'refused'; readonly reason: string; readonly detail: string } | { readonly kind: 'unclear'; readonly detail: string };

/** Writes what the carrier said, and claims the number in the same unit: it is written for one parcel or not at all. */
const settle = async (p: Purchasing, meta: Meta, parcelId: string, purchase: number, plan: ParcelPlan, outcome: Outcome): Promise<void> => {
  const { manifest } = carrierOf(p, plan);
  const number = outcome.kind === 'issued' && isNumberOf(manifest, outcome.waybill) ? outcome.waybill : '';
  const claim = waybillIdOf(manifest.name, number);
  await p.store.execute({
    streams: number === '' ? [[parcel, parcelId]] : [[parcel, parcelId], [waybills, claim]],
    meta,
    decide: (unit) => {
      const owner = number === '' ? undefined : unit.state(waybills, claim);
      const free = !owner || owner.parcelId === '';
      const answer = answerOf(p, unit.state(parcel, parcelId), outcome, number, free ? undefined : owner?.parcelId);
      const events = unit.run(parcel, parcelId, { type: 'SettlePurchase', data: { parcelId, purchase, answer, at: p.clock.business().toISOString() } });
      if (events.length > 0 && answer.kind === 'issued' && number !== '') unit.run(waybills, claim, { type: 'ClaimWaybill', data: { carrier: manifest.name, waybill: number, parcelId, purchase } });
    },
  });
  if (outcome.kind === 'unclear') p.log.warn({ parcelId, purchase, detail: outcome.detail }, 'the outcome of a purchase is unknown; the carrier will be asked');
};

/** What a carrier said, as much as is kept of it: it may quote what it was asked. Digits of a phone's length are left out. */
export const shortOf = (detail: string): string => storable(detail, 300).replace(/\d{7,}/g, (digits) => `${digits.slice(0, 3)}…`);

const answerOf = (p: Purchasing, state: Parcel, outcome: Outcome, number: string, holder: string | undefined): PurchaseAnswer => {
  switch (outcome.kind) {
    case 'issued':
      return holder === undefined
        ? { kind: 'issued', waybill: outcome.waybill, routing: outcome.routing, printData: outcome.printData ?? '', valid: number !== '' }
        : { kind: 'refused', reason: 'DUPLICATE_WAYBILL', detail: `the carrier gave ${number}, which parcel ${holder} has` };
    case 'refused':
      return { ...outcome, detail: shortOf(outcome.detail) };
    default:
      return { kind: 'unclear', detail: shortOf(outcome.detail), askAfter: lookAgainAt(p.clock.machine(), state.asks) };
  }
};
