import { pages, patiently, type FleetClients } from '@flotilla/demo';

/** A SKU that everybody wants, and how much of it lies where. */
export interface HotStock {
  readonly sku: string;
  readonly shelves: Readonly<Record<string, number>>;
}

/** Brings it in through the imports that a merchant has. */
export const stockUp = async (fleet: FleetClients, { sku, shelves }: HotStock): Promise<void> => {
  const csv = (...rows: readonly string[]): { data: Uint8Array }[] => [{ data: new TextEncoder().encode(`${rows.join('\n')}\n`) }];
  const skus = csv('sku,name_zh,name_en,grams,length_mm,width_mm,height_mm,barcodes,hs_code,flags', `${sku},抢购商品,Hot item,300,100,100,100,,,`);
  const stock = csv('warehouse,sku,on_hand', ...Object.entries(shelves).map(([warehouse, units]) => `${warehouse},${sku},${units}`));
  const options = { deadlineMs: 30_000 };
  for (const { refused, errors } of [await patiently(() => fleet.catalogue.import(skus, options)), await patiently(() => fleet.stock.import(stock, options))]) {
    if (refused > 0) throw new Error(`${sku}: ${errors[0]?.reason} ${errors[0]?.detail}`);
  }
};

/** How orders stand: who has stock, who waits for it, who is still on the way to one of the two, who is over. */
export interface Standing {
  readonly allocated: readonly string[];
  readonly backordered: readonly string[];
  readonly cancelled: readonly string[];
  readonly underway: readonly string[];
}

const withStock = new Set(['ALLOCATED', 'IN_FULFILMENT', 'PARTIALLY_SHIPPED', 'SHIPPED', 'PARTIALLY_DELIVERED', 'DELIVERED', 'CLOSED']);

/** As order-core answers over gRPC; an order that it does not know yet is under way. */
export const standingOf = async (fleet: FleetClients, orderIds: readonly string[]): Promise<Standing> => {
  const wanted = new Set(orderIds);
  const states = new Map<string, 'allocated' | 'backordered' | 'cancelled' | 'underway'>();
  for await (const { orders } of pages((token) => fleet.orders.list({ page: { size: 500, token } }))) {
    for (const { orderId, state, waitsFor } of orders) {
      if (wanted.has(orderId)) states.set(orderId, withStock.has(state) ? 'allocated' : waitsFor === 'BACKORDER' ? 'backordered' : state === 'CANCELLED' ? 'cancelled' : 'underway');
    }
  }
  const of = (which: string): readonly string[] => orderIds.filter((id) => (states.get(id) ?? 'underway') === which);
  return { allocated: of('allocated'), backordered: of('backordered'), cancelled: of('cancelled'), underway: of('underway') };
};
