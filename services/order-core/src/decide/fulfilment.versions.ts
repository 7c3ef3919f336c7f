/*
 * Events of a fulfilment order that were stored in another form. Samples of every form are in spec/stored; a form that
 * was ever written stays readable.
 *
 * type                 1 → 2
 * FulfilmentPlanned    the plan knows what each line costs
 * FulfilmentReplanned  the same
 * AllocationRequested  what was shipped, the value and the service stand in it; 3: the order's tags
 * StockGranted         an allocation has parts
 * FulfilmentCancelled  it may be said when some of its parcels have left
 * TroubleCleared       says whether a parcel is written off
 * InterceptionRequested  says where the parcel is to go instead
 */
import type { allocation, common, order } from '@flotilla/contracts';
import type { FulfilmentEvent, Plan } from './fulfilment.events.js';

type Data<Type extends FulfilmentEvent['type']> = Extract<FulfilmentEvent, { readonly type: Type }>['data'];
type OldPlan = { readonly plan: Omit<Plan, 'prices'> };

type AllocationRequestedV2 = Omit<order.AllocationRequested, 'tags'>;

/** No address: back to the sender. */
export const nowhere: common.Address = { country: '', province: '', city: '', district: '', postcode: '', street: '', company: '', name: '', phone: '', phoneIndex: '', token: '' };

const withPrices = <Old extends OldPlan>(data: Old): Omit<Old, 'plan'> & { readonly plan: Plan } => ({ ...data, plan: { ...data.plan, prices: {} } });

/** The version in which each type is written now. */
export const schemaVersions = { FulfilmentPlanned: 2, FulfilmentReplanned: 2, AllocationRequested: 3, StockGranted: 2, FulfilmentCancelled: 2, TroubleCleared: 2, InterceptionRequested: 2 } as const;

/** Lifts what was stored in older versions. */
export const upcasters = {
  FulfilmentPlanned: { 1: (data: Omit<Data<'FulfilmentPlanned'>, 'plan'> & OldPlan): Data<'FulfilmentPlanned'> => withPrices(data) },
  FulfilmentReplanned: { 1: (data: Omit<Data<'FulfilmentReplanned'>, 'plan'> & OldPlan): Data<'FulfilmentReplanned'> => withPrices(data) },
  AllocationRequested: {
    1: (data: Omit<AllocationRequestedV2, 'shipped' | 'value' | 'service' | 'pickupLocation'>): AllocationRequestedV2 => ({ ...data, shipped: [], value: { amount: 0, currency: '' }, service: 'STANDARD', pickupLocation: '' }),
    2: (data: AllocationRequestedV2): order.AllocationRequested => ({ ...data, tags: [] }),
  },
  StockGranted: {
    1: ({ foId, round, warehouse, items }: { readonly foId: string; readonly round: number; readonly warehouse: string; readonly items: readonly allocation.AllocatedItem[] }): Data<'StockGranted'> => ({
      foId,
      round,
      parts: [{ warehouse, lockId: '', orders: null, items, barredCarriers: [], preferredCarrier: '' }],
    }),
  },
  FulfilmentCancelled: { 1: (data: Omit<order.FulfilmentCancelled, 'shipped'>): order.FulfilmentCancelled => ({ ...data, shipped: [] }) },
  TroubleCleared: { 1: (data: Omit<Data<'TroubleCleared'>, 'writtenOffAt'>): Data<'TroubleCleared'> => ({ ...data, writtenOffAt: '' }) },
  InterceptionRequested: { 1: (data: Omit<order.InterceptionRequested, 'shipTo'>): order.InterceptionRequested => ({ ...data, shipTo: nowhere }) },
};
