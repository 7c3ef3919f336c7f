import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** What the next POST of a fulfilment meets. */
export type Fault = 'rate-limit' | 'error-500' | 'timeout-after-effect' | 'refused';

interface Fulfilment {
  readonly id: string;
  readonly number: string;
  readonly company: string;
  readonly lines: readonly { readonly id: string; readonly quantity: number }[];
}

/** A shop's admin API on real HTTP: fulfilment orders and fulfilments, with ids above 2^53, and faults in a queue. */
export class FakeShopify {
  readonly orders = new Map<string, { readonly lines: readonly { readonly id: string; readonly quantity: number }[]; readonly fulfilments: Fulfilment[] }>();
  readonly faults: Fault[] = [];
  readonly calls: string[] = [];
  /** Told when a POST has arrived and when it has taken effect; the server waits for the answer. */
  watch: (moment: 'arrived' | 'done') => Promise<void> | void = () => undefined;
  #next = 9_007_199_254_740_993n;
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  constructor(private readonly token: string) {}

  async start(): Promise<string> {
    await new Promise<void>((listening) => this.#server.listen(0, '127.0.0.1', listening));
    return `http://127.0.0.1:${(this.#server.address() as { port: number }).port}/shopify/shop`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((closed) => this.#server.close(closed));
  }

  place(id: string, lines: readonly { readonly id: string; readonly quantity: number }[]): void {
    this.orders.set(id, { lines, fulfilments: [] });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const path = (request.url ?? '').replace('/shopify/shop/admin/api/2025-10/', '');
    this.calls.push(`${request.method} ${path}`);
    const send = (status: number, text: string, headers: Record<string, string> = {}): void => void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text);
    if (request.headers['x-shopify-access-token'] !== this.token) return send(401, '{"errors":"[API] Invalid API key or access token"}');
    const [, id = '', kind] = /^orders\/(\d+)\/(\w+)\.json$/.exec(path) ?? [];
    const order = this.orders.get(id);
    if (request.method === 'GET') {
      if (order === undefined) return send(404, '{"errors":"Not Found"}');
      return send(200, kind === 'fulfillments' ? `{"fulfillments":[${order.fulfilments.map(shown).join(',')}]}` : `{"fulfillment_orders":[${this.#fulfilmentOrder(id)}]}`);
    }
    const fault = this.faults.shift();
    if (fault === 'rate-limit') return send(429, '{"errors":"Exceeded 2 calls per second"}', { 'retry-after': '0.2' });
    if (fault === 'error-500') return send(500, 'oops');
    if (fault === 'refused') return send(422, '{"errors":["Fulfillment order 1 has an unfulfillable status= cancelled."]}');
    await this.watch('arrived');
    const made = this.#fulfil(Buffer.concat(chunks).toString());
    await this.watch('done');
    if (fault === 'timeout-after-effect') return void request.socket.destroy();
    return made === undefined ? send(422, '{"errors":["already been fulfilled"]}') : send(201, `{"fulfillment":${shown(made)}}`);
  }

  #fulfilmentOrder(id: string): string {
    const { lines, fulfilments } = this.orders.get(id)!;
    const left = lines.map((line) => ({ ...line, left: line.quantity - fulfilments.flatMap((one) => one.lines).reduce((sum, done) => sum + (done.id === line.id ? done.quantity : 0), 0) }));
    const items = left.map((line) => `{"id":1${line.id},"line_item_id":${line.id},"quantity":${line.quantity},"fulfillable_quantity":${line.left}}`);
    return `{"id":1${id},"order_id":${id},"assigned_location_id":24826418,"status":"${left.every((line) => line.left === 0) ? 'closed' : 'open'}","line_items":[${items.join(',')}]}`;
  }

  #fulfil(body: string): Fulfilment | undefined {
    const [, fulfilmentOrder = ''] = /"fulfillment_order_id":1(\d+)/.exec(body) ?? [];
    const order = this.orders.get(fulfilmentOrder)!;
    const lines = [...body.matchAll(/\{"id":1(\d+),"quantity":(\d+)\}/g)].map(([, id = '', quantity]) => ({ id, quantity: Number(quantity) }));
    const done = (id: string): number => order.fulfilments.flatMap((one) => one.lines).reduce((sum, line) => sum + (line.id === id ? line.quantity : 0), 0);
    if (lines.length === 0 || lines.some((line) => done(line.id) + line.quantity > (order.lines.find(({ id }) => id === line.id)?.quantity ?? 0))) return undefined;
    const { tracking_info: tracking } = (JSON.parse(body) as { fulfillment: { tracking_info: { number: string; company: string } } }).fulfillment;
    const made = { id: String((this.#next += 2n)), number: tracking.number, company: tracking.company, lines };
    order.fulfilments.push(made);
    return made;
  }
}

const shown = ({ id, number, company, lines }: Fulfilment): string =>
  `{"id":${id},"status":"success","tracking_company":"${company}","tracking_number":"${number}","tracking_numbers":["${number}"],"line_items":[${lines.map((line) => `{"id":${line.id},"quantity":${line.quantity}}`).join(',')}]}`;
