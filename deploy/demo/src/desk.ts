import { orderIdOf } from '@flotilla/values';
import { pages, patiently, type FleetClients } from './fleet.ts';
import { inLanes } from './floor.ts';
import type { PlanEntry, World } from './world.ts';

const reached: Record<NonNullable<PlanEntry['cancelOn']>, readonly string[]> = {
  allocated: ['ALLOCATED', 'IN_FULFILMENT', 'SHIPPED'],
  waybilled: ['IN_FULFILMENT', 'SHIPPED'],
  shipped: ['SHIPPED', 'DELIVERED', 'CLOSED'],
};

/** Buyers who change their mind at a certain stage: their orders are cancelled on the platform when ours have reached it. */
export const createBuyers = (fleet: FleetClients, world: World, plan: readonly PlanEntry[]) => {
  const waiting = new Map(plan.filter(({ cancelOn }) => cancelOn !== null).map((entry) => [orderIdOf(entry.channel, entry.channelOrderId), entry]));
  const met = new Set<string>();
  const held = new Set<string>();
  return {
    /** Orders that must not be shipped before their cancel is out. */
    keepBack: (orderId: string): boolean => {
      const cancelOn = waiting.get(orderId)?.cancelOn;
      return cancelOn === 'allocated' || cancelOn === 'waybilled';
    },
    step: async (): Promise<void> => {
      await inLanes(4, [...waiting], async ([orderId, entry]) => {
        const found = await patiently(() => fleet.orders.get({ orderId })).catch(() => undefined);
        if (!found) return;
        // Every second is held, so that the cancel meets it between allocation and carrier; a parcel that is asked for
        // already is called back first.
        if (entry.cancelOn === 'allocated' && !met.has(orderId)) {
          met.add(orderId);
          if (met.size % 2 === 0) return;
          held.add(orderId);
          await patiently(() => fleet.orders.hold({ requestId: `hold-${orderId}`, orderId, type: 'MANUAL', blocks: ['RELEASE', 'LABEL', 'SHIP'], reason: 'the buyer called: wait' }));
          return;
        }
        const waybilled = found.fulfilments.some(({ waybill }) => waybill !== '');
        if (!(held.has(orderId) ? ['ALLOCATED', 'SHIPPED'] : reached[entry.cancelOn!]).includes(found.state) || (entry.cancelOn === 'waybilled' && !waybilled)) return;
        await world.cancel(entry.channelOrderId);
        waiting.delete(orderId);
      });
    },
    done: (): boolean => waiting.size === 0,
  };
};

const decodedLater = (index: number): boolean => index % 3 !== 2;

// How long an item that nobody has mapped stays so: its orders are to be seen waiting.
const unmappedMs = 3_000;

/**
 * The order desk: approves what rules left to a person, asks buyers for the address that is missing (the first of them gives
 * up, the second answers, the rest do not), hands corrected input to quarantine (every third stays parked), and maps what a shop sells under a name that nobody
 * has mapped, once an order has waited for it.
 */
export const createDesk = (fleet: FleetClients, world: World) => {
  const answered = new Set<string>();
  const asked = new Set<string>();
  const replayed = new Set<string>();
  const waited = new Set<string>();
  let waitsSince = 0;
  let mapped = 0;
  const address = { country: 'CN', province: '浙江省', city: '杭州市', district: '西湖区', postcode: '310012', street: '文三路478号华星时代广场A座1203室', company: '', name: '林晓雨', phone: '+8613800138000' };
  const askForAddress = async (orderId: string): Promise<void> => {
    asked.add(orderId);
    if (asked.size === 1) await patiently(() => fleet.orders.cancel({ requestId: `desk-${orderId}`, orderId, reason: 'no_address' }));
    if (asked.size === 2) await patiently(() => fleet.orders.changeAddress({ requestId: `desk-${orderId}`, orderId, ...address }));
  };
  return {
    step: async (): Promise<void> => {
      for await (const { orders } of pages((token) => fleet.orders.list({ state: 'AUDITING', page: { size: 200, token } }))) {
        for (const { orderId, waitsFor } of orders) {
          if (waitsFor === 'HOLD:SKU_UNMATCHED') waited.add(orderId);
          if (waitsFor === 'HOLD:ADDRESS' && !asked.has(orderId)) await askForAddress(orderId);
          if (!waitsFor.startsWith('HOLD:RISK') || answered.has(orderId)) continue;
          answered.add(orderId);
          await patiently(() => fleet.orders.approve({ requestId: `desk-${orderId}`, orderId, reason: 'called the buyer' }));
        }
      }
    },
    /** Orders that waited for a mapping. */
    waited: (): readonly string[] => [...waited],
    mapped: (): number => mapped,
    map: async (): Promise<void> => {
      if (waited.size === 0) return;
      waitsSince ||= Date.now();
      if (Date.now() - waitsSince < unmappedMs) return;
      const { tasks } = await patiently(() => fleet.skuMap.listTasks({ page: { size: 100 } }));
      for (const { channel, by, key } of tasks) {
        await patiently(() => fleet.skuMap.map({ requestId: `map-${channel}-${key}`, channel, by, key, parts: [{ sku: 'TOY-PND-30', quantity: 1 }] }));
        mapped += 1;
      }
    },
    correct: async (): Promise<void> => {
      const corrections = (await world.corrections()).filter((_, index) => decodedLater(index));
      for await (const { entries } of pages((token) => fleet.quarantine.list({ page: { size: 100, token } }))) {
        for (const entry of entries) {
          const correction = corrections.find(({ channel, channelOrderId }) => channel === entry.channel && channelOrderId === entry.channelOrderId);
          if (!correction || replayed.has(entry.id)) continue;
          replayed.add(entry.id);
          await patiently(() => fleet.quarantine.replay({ requestId: `fix-${entry.id}`, id: entry.id, correctedPayload: new TextEncoder().encode(correction.payload) }));
        }
      }
    },
  };
};
