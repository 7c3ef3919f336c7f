import type { Meta, Performed } from '@flotilla/event-store';
import { lookAgainAt, type ParcelJob } from '../coordinate/parcel-jobs.js';
import { parcel, type VoidAnswer } from '../decide/parcel.decider.js';
import { referenceOf } from '../decide/parcel.events.js';
import { giveBack } from './pool.js';
import { portOf, shortOf, type Purchasing } from './purchase.performer.js';

/** Voids a waybill at the carrier. Voiding twice is voiding once there, so that an unknown outcome is simply tried again. */
export const voidWaybill = async (p: Purchasing, job: Performed, meta: Meta): Promise<void> => {
  const { parcelId, purchase, ask } = job.payload as ParcelJob;
  const state = (await p.store.folded(parcel, [parcelId])).get(parcelId)?.state;
  if (!state || state.open !== 'VOID' || state.purchase !== purchase || state.plan === null || state.voidTries !== ask) return;
  if (state.plan.choice.pooled) return giveBack(p, job, meta);
  const said = await portOf(p, state.plan).cancel(referenceOf(parcelId, purchase), state.waybill, AbortSignal.any([job.signal, AbortSignal.timeout(p.timeoutMs)]));
  const answer: VoidAnswer =
    said.kind === 'unclear' ? { kind: 'unclear', detail: shortOf(said.detail), after: lookAgainAt(p.clock.machine(), ask) } : said.kind === 'refused' ? { ...said, detail: shortOf(said.detail) } : said;
  await p.store.execute({
    streams: [[parcel, parcelId]],
    meta,
    decide: (unit) => void unit.run(parcel, parcelId, { type: 'SettleVoid', data: { parcelId, purchase, answer, at: p.clock.business().toISOString() } }),
  });
  if (answer.kind === 'refused') p.log.error({ parcelId, waybill: state.waybill, detail: answer.detail }, 'the carrier did not void the waybill: it has the parcel');
};
