import { allocation, carrier, connect, ingest, ops, order, settlement, tracking, type Client, type ServiceRef } from '@flotilla/contracts';

/** The fleet as the people of the demo see it: gRPC, nothing else. */
export const callFleet = (addresses: Readonly<Record<string, string>>) => {
  const opened: { close(): void }[] = [];
  const to = <Rpc>(service: ServiceRef<Rpc>, name: string): Client<Rpc> => {
    const client = connect(service, addresses[name]!, { deadlineMs: 10_000, audience: name.split('.')[0]! });
    opened.push(client);
    return client;
  };
  return {
    channels: to(ingest.Channels, 'ingest'),
    channelOrders: to(ingest.ChannelOrders, 'ingest'),
    quarantine: to(ingest.Quarantine, 'ingest'),
    imports: to(ingest.Imports, 'ingest'),
    mappings: to(ingest.Mappings, 'ingest'),
    skuMap: to(ingest.SkuMap, 'ingest'),
    orders: to(order.Orders, 'order-core'),
    shippingRules: to(order.ShippingRules, 'order-core'),
    catalogue: to(allocation.Catalogue, 'allocation'),
    warehouses: to(allocation.Warehouses, 'allocation'),
    stock: to(allocation.Stock, 'allocation'),
    routing: to(allocation.Routing, 'allocation'),
    parcels: to(carrier.Parcels, 'carrier'),
    rateCards: to(carrier.RateCards, 'carrier'),
    shipments: to(tracking.Shipments, 'tracking'),
    statements: to(settlement.Statements, 'settlement'),
    tally: (name: string) => tallyOf(to(ops.Tallies, name)),
    close: () => opened.forEach((client) => client.close()),
  };
};

export type FleetClients = ReturnType<typeof callFleet>;

const tallyOf = async (client: Client<ops.TalliesRpc>): Promise<Readonly<Record<string, number>>> => {
  try {
    return (await client.get({})).counts;
  } finally {
    client.close();
  }
};

/** How long the demo's people wait for a service that is away. */
export const patienceMs = 180_000;

/**
 * Asks again while a service is down or has too much to do: in rough weather any of them may be, and a person at a desk would press the key
 * again. Gives up after three minutes with the last error: on a busy machine the broker alone needs one to come back from SIGKILL.
 */
export const patiently = async <T>(ask: () => Promise<T>): Promise<T> => {
  for (const until = Date.now() + patienceMs; ; await new Promise((resolve) => setTimeout(resolve, 250))) {
    try {
      return await ask();
    } catch (error) {
      const transient = [1, 4, 8, 10, 14].includes((error as { code?: number }).code ?? -1);
      if (!transient || Date.now() > until) throw error;
    }
  }
};

/** Every page of a list. */
export async function* pages<Answer extends { readonly nextToken: string }>(ask: (token: string) => Promise<Answer>): AsyncGenerator<Answer> {
  for (let token = ''; ; ) {
    const answer = await patiently(() => ask(token));
    yield answer;
    token = answer.nextToken;
    if (token === '') return;
  }
}
