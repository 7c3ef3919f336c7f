/*
 * Events of the saga that were stored in another form. Samples of every form are in spec/stored; a form that was ever
 * written stays readable.
 *
 * type               1 → 2
 * RequestNoted       order-core names what was shipped, the value and the service; 3: the order's tags
 * AllocationPlanned  the plans stand in it, not only the warehouses that can serve all; the policy says what becomes of parts
 * AllocationClaimed  a claim has parts
 * RoundEnded         parts may be kept, plans may be left
 * OrderAllocated     an allocation has parts; 3: a part names carriers that are kept away, and the one preferred
 * ShipmentNoted      a parcel leaves one warehouse
 * ShippedUncovered   the same
 */
import type { allocation, order } from '@flotilla/contracts';
import type { AllocationEvent, Planned, Policy } from './allocation.events.js';

type Data<Type extends AllocationEvent['type']> = Extract<AllocationEvent, { readonly type: Type }>['data'];

type PlannedV1 = Omit<Planned, 'plans' | 'policy'> & { readonly policy: Omit<Policy, 'partial'> };

type RequestNotedV2 = Omit<order.AllocationRequested, 'tags'>;

type OrderAllocatedV2 = Omit<allocation.OrderAllocated, 'parts'> & { readonly parts: readonly Omit<allocation.AllocatedPart, 'excludedCarriers' | 'preferredCarrier' | 'external'>[] };

const linesOf = (items: readonly allocation.AllocatedItem[]): Planned['plans'][number]['parts'][number]['lines'] => items.map(({ sku, quantity }) => ({ sku, quantity }));

/** The version in which each type is written now. */
export const schemaVersions = { RequestNoted: 3, AllocationPlanned: 2, AllocationClaimed: 2, RoundEnded: 2, OrderAllocated: 3, ShipmentNoted: 2, ShippedUncovered: 2 } as const;

/** Lifts what was stored in an older form. */
export const upcasters = {
  RequestNoted: {
    1: (data: Omit<RequestNotedV2, 'shipped' | 'value' | 'service' | 'pickupLocation'>): RequestNotedV2 => ({ ...data, shipped: [], value: { amount: 0, currency: '' }, service: 'STANDARD', pickupLocation: '' }),
    2: (data: RequestNotedV2): Data<'RequestNoted'> => ({ ...data, tags: [] }),
  },
  AllocationPlanned: {
    1: (data: PlannedV1): Data<'AllocationPlanned'> => ({
      ...data,
      policy: { ...data.policy, partial: 'all' },
      plans: data.candidates.filter(({ rank }) => rank > 0).map(({ warehouse, reason }) => ({ parts: [{ warehouse, lines: linesOf(data.items) }], reason })),
    }),
  },
  AllocationClaimed: {
    1: (data: Omit<Data<'AllocationClaimed'>, 'parts'>): Data<'AllocationClaimed'> => ({ ...data, parts: [{ warehouse: data.warehouse, lockId: data.lockId, fence: data.fence }] }),
  },
  RoundEnded: { 1: (data: Omit<Data<'RoundEnded'>, 'kept' | 'further'>): Data<'RoundEnded'> => ({ ...data, kept: [], further: false }) },
  OrderAllocated: {
    1: (data: Omit<allocation.OrderAllocated, 'parts'>): OrderAllocatedV2 => ({ ...data, parts: [{ warehouse: data.warehouse, lockId: data.lockId, lines: linesOf(data.items) }] }),
    2: (data: OrderAllocatedV2): Data<'OrderAllocated'> => ({ ...data, parts: data.parts.map((part) => ({ ...part, excludedCarriers: [], preferredCarrier: '', external: false })) }),
  },
  ShipmentNoted: { 1: (data: Omit<Data<'ShipmentNoted'>, 'warehouse'>): Data<'ShipmentNoted'> => ({ ...data, warehouse: '' }) },
  ShippedUncovered: { 1: (data: Omit<Data<'ShippedUncovered'>, 'warehouse'>): Data<'ShippedUncovered'> => ({ ...data, warehouse: '' }) },
};
