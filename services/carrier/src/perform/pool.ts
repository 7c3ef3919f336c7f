import type { Meta, Unit } from '@flotilla/event-store';
import type { Performed } from '@flotilla/event-store';
import type { ParcelJob } from '../coordinate/parcel-jobs.js';
import { parcel } from '../decide/parcel.decider.js';
import { allPools, nextNumber, pool, poolIdOf, pools } from '../decide/pool.decider.js';
import { waybill as waybills, waybillIdOf } from '../decide/waybill.decider.js';
import type { Purchasing } from './purchase.performer.js';

// So many numbers that others have already are passed over in one append.
const mostSkipped = 50;

/** `moved`: a change came in between, and it is to be bought of a carrier. */
type Taken = 'taken' | 'elsewhere' | 'moved' | 'empty' | 'more';

/**
 * Takes the waybill of a parcel out of its pool (CAR-04). Nobody is asked: the number leaves the pool, is claimed and is the parcel's in one append, or
 * nothing of it has happened; so no crash and no other process gives it twice. `moved`: the parcel is no pool's any more.
 */
export const takeFromPool = async (p: Pick<Purchasing, 'store' | 'clock' | 'log'>, { payload }: Performed, meta: Meta): Promise<'done' | 'moved'> => {
  const { parcelId, purchase } = payload as ParcelJob;
  for (;;) {
    const { answer } = await p.store.execute<{ readonly kind: Taken; readonly low?: number }>({ streams: [[parcel, parcelId]], meta, decide: (unit) => take(unit, { parcelId, purchase, at: p.clock.business().toISOString() }) });
    if (answer.low !== undefined) p.log.warn({ parcelId, left: answer.low }, 'a pool of waybill numbers runs low; load more with Pools/Import');
    if (answer.kind === 'empty') p.log.error({ parcelId }, 'a pool of waybill numbers is empty; load more with Pools/Import');
    if (answer.kind !== 'more') return answer.kind === 'moved' ? 'moved' : 'done';
  }
};

const take = (unit: Unit, { parcelId, purchase, at }: { readonly parcelId: string; readonly purchase: number; readonly at: string }): { readonly kind: Taken; readonly low?: number } => {
  const state = unit.state(parcel, parcelId);
  if (state.open !== 'PURCHASE' || state.purchase !== purchase || state.status !== 'PLANNED' || state.plan === null) return { kind: 'elsewhere' };
  if (!state.plan.choice.pooled) return { kind: 'moved' };
  const { carrier } = state.plan.choice;
  const { warehouse } = state.plan;
  const id = poolIdOf(carrier, warehouse);
  for (let skipped = 0; skipped < mostSkipped; skipped += 1) {
    const number = nextNumber(unit.state(pool, id));
    if (number === undefined) {
      unit.run(pools, allPools, { type: 'Empty', data: { carrier, warehouse } });
      begin(unit, parcelId, purchase, at);
      unit.run(parcel, parcelId, { type: 'SettlePurchase', data: { parcelId, purchase, answer: { kind: 'refused', reason: 'NO_NUMBERS', detail: `the pool of ${carrier} in ${warehouse} is empty` }, at } });
      return { kind: 'empty' };
    }
    if (unit.state(waybills, waybillIdOf(carrier, number)).parcelId !== '') {
      unit.run(pool, id, { type: 'SkipNumber', data: { parcelId } });
      continue;
    }
    const events = unit.run(pool, id, { type: 'IssueNumber', data: { parcelId, purchase } });
    begin(unit, parcelId, purchase, at);
    unit.run(parcel, parcelId, { type: 'SettlePurchase', data: { parcelId, purchase, answer: { kind: 'issued', waybill: number, routing: { origin: '', destination: '', sorting: '', matrix: '' }, valid: true }, at } });
    unit.run(waybills, waybillIdOf(carrier, number), { type: 'ClaimWaybill', data: { carrier, waybill: number, parcelId, purchase } });
    const low = events.find((event) => event.type === 'PoolRanLow');
    return { kind: 'taken', ...(low ? { low: low.data.left } : {}) };
  }
  return { kind: 'more' };
};

const begin = (unit: Unit, parcelId: string, purchase: number, at: string): void => void unit.run(parcel, parcelId, { type: 'BeginPurchase', data: { parcelId, purchase, deadline: at } });

/** Voids a number of a pool: it is burnt, or given back where the pool says so and no label of it was ever printed. */
export const giveBack = async ({ store, clock }: Pick<Purchasing, 'store' | 'clock'>, { payload }: Performed, meta: Meta): Promise<void> => {
  const { parcelId, purchase } = payload as ParcelJob;
  await store.execute({
    streams: [[parcel, parcelId]],
    meta,
    decide: (unit) => {
      const { plan, waybill, prints } = unit.state(parcel, parcelId);
      if (plan === null) return;
      const settled = unit.run(parcel, parcelId, { type: 'SettleVoid', data: { parcelId, purchase, answer: { kind: 'voided' }, at: clock.business().toISOString() } });
      if (settled.length === 0) return;
      const { choice: { carrier }, warehouse } = plan;
      const back = unit.run(pool, poolIdOf(carrier, warehouse), { type: 'GiveBack', data: { number: waybill, parcelId, printed: prints > 0 } });
      if (!back.some(({ type }) => type === 'NumberReturned')) return;
      unit.run(waybills, waybillIdOf(carrier, waybill), { type: 'ReleaseWaybill', data: { carrier, waybill, parcelId } });
      unit.run(pools, allPools, { type: 'Open', data: { carrier, warehouse } });
    },
  });
};
