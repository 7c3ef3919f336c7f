import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectService, serviceDesc, type CallOptions, type Client, type RpcMethod, type ServiceRef } from '@flotilla/contracts';
import grpc from '@grpc/grpc-js';
import { failureOf } from './failure.js';
import { pagesOf, type AnyRequest, type Paged } from './pages.js';

export interface ConnectOptions {
  /** host:port of one service. */
  readonly address: string;
  /** Goes as `authorization: Bearer …`; a function is asked before every attempt, for tokens that run out. */
  readonly key?: string | (() => string | Promise<string>);
  /** Of a whole call with its repeats; 20 s where absent. */
  readonly deadlineMs?: number;
  /** Goes with every call, beside the key. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** In clear where absent. `true`: the usual authorities; else the one that signed the service, and who we are. */
  readonly tls?: boolean | { readonly ca?: Buffer; readonly cert?: Buffer; readonly key?: Buffer };
}

/** The methods of a service. Lists can be walked: `orders.list.each({ … })`. Failures are `FlotillaError`s. */
export type Api<Rpc> = { readonly [K in keyof Rpc]: Rpc[K] extends RpcMethod ? Client<Rpc>[K] & Paged<Rpc[K]> : never };

export interface Connection {
  /** A service at this address. */
  readonly service: <Rpc>(service: ServiceRef<Rpc>) => Api<Rpc>;
  readonly close: () => void;
}

const longestPauseMs = 2_000;
/** Of the first attempt; each next one has twice as long. */
const attemptMs = 5_000;
// By then it was not done, or nobody knows: what may be repeated is.
const passing: readonly string[] = ['UNAVAILABLE', 'DEADLINE_EXCEEDED'];

/** Spread over its whole length, so that callers who failed together do not come back together. */
const pauseMs = (attempt: number): number => Math.random() * Math.min(100 * 2 ** attempt, longestPauseMs);

/** A method that changes nothing; the contracts call them so. */
export const isQuestion = (method: string): boolean => /^(?:Get|List)(?![a-z])/.test(method);

/**
 * Connects to one service of the fleet.
 *
 * ```ts
 * const { service, close } = connect({ address: '127.0.0.1:9102', key: process.env.FLOTILLA_KEY });
 * const orders = service(order.Orders);
 * await orders.approve({ orderId });                      // once, however often it had to be sent
 * for await (const held of orders.list.each({ state: 'HELD' })) console.log(held.number);
 * ```
 *
 * A request with a `request_id` gets one, if it has none, and keeps it while it is sent again after UNAVAILABLE and DEADLINE_EXCEEDED; so are questions (Get, List).
 * Nothing else is sent twice: streams, and the few commands without a request_id.
 */
export const connect = (options: ConnectOptions): Connection => {
  const { address, tls } = options;
  const { ca, key, cert } = typeof tls === 'object' ? tls : {};
  const credentials = tls ? grpc.credentials.createSsl(ca ?? null, key ?? null, cert ?? null) : grpc.credentials.createInsecure();
  const clients: Client<unknown>[] = [];
  const service = <Rpc>(ref: ServiceRef<Rpc>): Api<Rpc> => {
    const client = connectService(ref, address, { credentials });
    clients.push(client as Client<unknown>);
    const call = client as unknown as Readonly<Record<string, (request: unknown, options: CallOptions) => unknown>>;
    const methods = serviceDesc(ref).methods.map((method): [string, unknown] => {
      const name = `${method.parent.typeName}/${method.name}`;
      const send = call[method.localName]!;
      switch (method.methodKind) {
        case 'unary': {
          const takesId = method.input.fields.some((field) => field.name === 'request_id');
          const unary = calling({ name, send, takesId, repeats: takesId || isQuestion(method.name) }, options);
          return [method.localName, Object.assign(unary, pagesOf(method, unary))];
        }
        case 'client_streaming':
          return [method.localName, streaming(name, send, options)];
        default:
          return [method.localName, reading(name, send, options)];
      }
    });
    return Object.fromEntries(methods) as Api<Rpc>;
  };
  return { service, close: () => clients.forEach((client) => client.close()) };
};

type Send = (request: unknown, options: CallOptions) => unknown;
type Told = Pick<ConnectOptions, 'key' | 'deadlineMs' | 'metadata'>;

const metadataOf = async ({ key, metadata }: Told, { metadata: own }: CallOptions): Promise<Readonly<Record<string, string>>> => {
  const said = typeof key === 'function' ? await key() : key;
  return { ...metadata, ...(said === undefined ? {} : { authorization: `Bearer ${said}` }), ...own };
};

const calling =
  ({ name, send, takesId, repeats }: { readonly name: string; readonly send: Send; readonly takesId: boolean; readonly repeats: boolean }, told: Told) =>
  async (request: AnyRequest = {}, options: CallOptions = {}): Promise<unknown> => {
    const asked = takesId && !request.requestId ? { ...request, requestId: randomUUID() } : request;
    const until = Date.now() + (options.deadlineMs ?? told.deadlineMs ?? 20_000);
    for (let attempt = 1; ; attempt += 1) {
      const left = until - Date.now();
      try {
        return await send(asked, { deadlineMs: repeats ? Math.min(left, attemptMs * 2 ** (attempt - 1)) : left, metadata: await metadataOf(told, options) });
      } catch (error) {
        const failure = failureOf(error, { method: name, attempts: attempt, requestId: takesId ? (asked.requestId ?? '') : '' });
        const pause = pauseMs(attempt);
        if (!repeats || !passing.includes(failure.code) || Date.now() + pause >= until) throw failure;
        await sleep(pause);
      }
    }
  };

// Files take longer than questions.
const streamMs = 10 * 60_000;

const streaming =
  (name: string, send: Send, told: Told) =>
  async (requests: unknown, options: CallOptions = {}): Promise<unknown> => {
    try {
      return await send(requests, { deadlineMs: options.deadlineMs ?? streamMs, metadata: await metadataOf(told, options) });
    } catch (error) {
      throw failureOf(error, { method: name, attempts: 1, requestId: '' });
    }
  };

const reading = (name: string, send: Send, told: Told) =>
  async function* (request: unknown = {}, options: CallOptions = {}): AsyncGenerator<unknown> {
    let stream: (AsyncIterable<unknown> & { cancel(): void }) | undefined;
    try {
      stream = send(request, { deadlineMs: options.deadlineMs ?? streamMs, metadata: await metadataOf(told, options) }) as typeof stream;
      yield* stream!;
    } catch (error) {
      throw failureOf(error, { method: name, attempts: 1, requestId: '' });
    } finally {
      // Whoever has read enough need not be sent the rest.
      stream?.cancel();
    }
  };
