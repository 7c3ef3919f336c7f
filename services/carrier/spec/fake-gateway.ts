import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Booked {
  readonly waybill: string;
  cancelled: boolean;
  readonly asked: Readonly<Record<string, unknown>>;
}

/** What becomes of a call: its effect, its answer, or neither. */
export type Mishap =
  | 'lost' | 'answer-lost' | 'hangs-before' | 'hangs-after' | 'error-500-after' | 'error-503-before' | 'html' | 'empty' | 'cut-off' | 'gateway-closed'
  | 'wrong-number' | 'undeliverable' | 'refused' | 'taken-number';

/** A carrier's gateway, played over real HTTP for specs. */
export interface FakeGateway {
  readonly url: string;
  /** Its operations by our words. */
  readonly operations: { readonly create: string; readonly cancel: string };
  /** Orders by the carrier's own name of a reference. */
  readonly booked: ReadonlyMap<string, Booked>;
  /** What stands in its books under our reference. */
  readonly of: (reference: string) => Booked | undefined;
  /** Operations called, in order. */
  readonly calls: readonly string[];
  /** The next call of an operation suffers this. */
  next(operation: string, mishap: Mishap): void;
  /** Called when a request has arrived, before it has any effect, and when it had its effect, before the answer. */
  watch(watcher: (moment: 'arrived' | 'done', operation: string) => void | Promise<void>): void;
  close(): Promise<void>;
}

export interface Play {
  readonly operations: FakeGateway['operations'];
  /** The carrier's name of our reference. */
  readonly nameOf: (reference: string) => string;
  readonly operationOf: (form: URLSearchParams) => string;
  /** The answer of a gateway that lets nobody through; undefined = by its signature it would. */
  readonly barred: (form: URLSearchParams, closed: boolean) => object | undefined;
  readonly serve: (operation: string, form: URLSearchParams, booked: Map<string, Booked>, mishap: Mishap | undefined) => object;
}

const ofService: readonly (Mishap | undefined)[] = ['wrong-number', 'undeliverable', 'refused', 'taken-number', undefined];

export const fakeGateway = async ({ operations, nameOf, operationOf, barred, serve }: Play): Promise<FakeGateway> => {
  const booked = new Map<string, Booked>();
  const calls: string[] = [];
  const mishaps = new Map<string, Mishap[]>();
  let watcher: (moment: 'arrived' | 'done', operation: string) => void | Promise<void> = () => undefined;

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const form = new URLSearchParams(body);
    const operation = operationOf(form);
    calls.push(operation);
    const mishap = mishaps.get(operation)?.shift();
    await watcher('arrived', operation);
    const text = (status: number, type: string, answer: string): void => void response.writeHead(status, { 'content-type': type }).end(answer);
    const send = (status: number, answer: object): void => text(status, 'application/json', JSON.stringify(answer));
    if (mishap === 'lost') return void request.socket.destroy();
    if (mishap === 'hangs-before') return;
    if (mishap === 'error-503-before') return send(503, { error: 'unavailable' });
    const bar = barred(form, mishap === 'gateway-closed');
    if (bar) return send(200, bar);
    const answer = serve(operation, form, booked, ofService.includes(mishap) ? mishap : undefined);
    await watcher('done', operation);
    switch (mishap) {
      case 'answer-lost': return void request.socket.destroy();
      case 'hangs-after': return;
      case 'error-500-after': return send(500, { error: 'internal' });
      case 'html': return text(200, 'text/html', '<html><body>502 Bad Gateway</body></html>');
      case 'empty': return text(200, 'application/json', '');
      case 'cut-off': return text(200, 'application/json', JSON.stringify(answer).slice(0, -20));
      default: return send(200, answer);
    }
  };

  const server = createServer((request, response) => void handle(request, response).catch(() => response.destroy()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    operations,
    booked,
    of: (reference) => booked.get(nameOf(reference)),
    calls,
    next: (operation, mishap) => void mishaps.set(operation, [...(mishaps.get(operation) ?? []), mishap]),
    watch: (next) => void (watcher = next),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

/** The number that another order has already, for a gateway that gives it twice. */
export const takenNumber = (booked: ReadonlyMap<string, Booked>): string | undefined => [...booked.values()][0]?.waybill;
