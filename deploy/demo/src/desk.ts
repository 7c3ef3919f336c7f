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

/**
 * The order desk: approves what rules left to a person, asks buyers for the address that is missing (the first of them gives
 * up, the second answers, the rest do not), and hands corrected input to quarantine; every third stays parked.
 */
export const createDesk = (fleet: FleetClients, world: World) => {
  const answered = new Set<string>();
  const asked = new Set<string>();
  const replayed = new Set<string>();
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
          if (waitsFor === 'HOLD:ADDRESS' && !asked.has(orderId)) await askForAddress(orderId);
          if (!waitsFor.startsWith('HOLD:RISK') || answered.has(orderId)) continue;
          answered.add(orderId);
          await patiently(() => fleet.orders.approve({ requestId: `desk-${orderId}`, orderId, reason: 'called the buyer' }));
        }
      }
    },
    correct: async (): Promise<void> => {
      const corrections = (await world.corrections()).filter((_, index) => decodedLater(index));
      for await (const { entries } of pages((token) => fleet.quarantine.list({ page: { size: 100, token } }))) {
        for (const entry of entries) {
          const correction = corrections.find(({ channel, channelOrderId, deliveryId }) => channel === entry.channel && (channelOrderId === entry.channelOrderId || entry.id.includes(deliveryId)));
          if (!correction || replayed.has(entry.id)) continue;
          replayed.add(entry.id);
          await patiently(() => fleet.quarantine.replay({ requestId: `fix-${entry.id}`, id: entry.id, correctedPayload: new TextEncoder().encode(correction.body) }));
        }
      }
    },
  };
};
