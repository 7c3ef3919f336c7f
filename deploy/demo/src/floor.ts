import { patiently, type FleetClients } from './fleet.ts';
import type { World } from './world.ts';

/**
 * The warehouse floor: ships whatever has a waybill and gives it to the carrier's driver, except the parcels of orders
 * that somebody is about to cancel.
 */
export const workTheFloor = async (fleet: FleetClients, world: World, keepBack: (orderId: string) => boolean): Promise<number> => {
  const { parcels } = await patiently(() => fleet.parcels.list({ state: 'WAYBILLED', page: { size: 200 } }));
  const mine = parcels.filter(({ orders }) => !orders.some(({ orderId }) => keepBack(orderId)));
  await inLanes(8, mine, async ({ parcelId, waybill }) => {
    try {
      await patiently(() => fleet.parcels.ship({ requestId: `floor-${parcelId}-${waybill}`, parcelId, weighedGrams: 0 }));
    } catch (error) {
      if ((error as { code?: number }).code === 9) return; // voided in the meantime: it goes back to the shelf
      throw error;
    }
    await world.handOver(waybill);
  });
  return mine.length;
};

/** Runs `act` over items, so many at once. */
export const inLanes = async <T>(lanes: number, items: readonly T[], act: (item: T) => Promise<void>): Promise<void> => {
  const left = [...items];
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      for (let item = left.shift(); item !== undefined; item = left.shift()) await act(item);
    }),
  );
};
