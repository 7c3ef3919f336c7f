import { createHash, randomUUID } from 'node:crypto';
import { access, grpcDefinition, serviceDesc, type RpcMethod, type ServiceRef } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { silentLogger, type Logger, type Meta, type Request } from '@flotilla/event-store';
import { counter, histogram } from '@flotilla/telemetry';
import grpc from '@grpc/grpc-js';
import { context, propagation } from '@opentelemetry/api';
import { HealthImplementation } from 'grpc-health-check';
import { targetsOf, type Audit } from './audited-call.js';
import { BadConfiguration } from './config.js';
import type { Admitted, Door } from './door.js';
import { rateLimit } from './rate-limit.js';
import { addReflection } from './reflection.js';
import { explain, rpcError } from './rpc-status.js';
import type { Gate } from './shedding.js';

/** What a handler knows of its call. */
export interface Call {
  /** For the events that the call causes. */
  readonly meta: Meta;
  /** A person whom a service names, else `service:…` or `key:…`: nobody can call under another's name. */
  readonly caller: string;
  /** The caller's; 30 s from now if it named none. */
  readonly deadline: Date;
  /** Aborted when the caller is gone: cancelled, out of time, connection lost. What is being written is written all the same. */
  readonly signal: AbortSignal;
  /** Makes a command repeatable: the second argument of `store.execute`. Undefined if the request has no request_id. */
  request(body: { readonly requestId: string }): Request | undefined;
}

/** The same for a command that done twice would count twice. Refused REQUEST_ID_REQUIRED without a request_id. */
export const repeatable = (call: Pick<Call, 'request'>, body: { readonly requestId: string }): Request => {
  const request = call.request(body);
  if (!request) throw new Refused('REQUEST_ID_REQUIRED', 'give the request an id, so that it can be repeated');
  return request;
};

type Handler<M extends RpcMethod> = M['kind'] extends 'unary'
  ? (request: M['input'], call: Call) => Promise<M['output']>
  : M['kind'] extends 'client_streaming'
    ? (requests: AsyncIterable<M['input']>, call: Call) => Promise<M['output']>
    : (request: M['input'], call: Call) => AsyncIterable<M['output']>;

export type Handlers<Rpc> = { readonly [K in keyof Rpc]: Rpc[K] extends RpcMethod ? Handler<Rpc[K]> : never };

/** A gRPC service with its handlers, which take and return plain messages. */
export interface Served {
  readonly service: ServiceRef<unknown>;
  readonly handlers: Readonly<Record<string, (request: never, call: Call) => unknown>>;
}

/** `serve(order.Orders, { get: async (request, call) => …, … })`. Every method must be there. */
export const serve = <Rpc>(service: ServiceRef<Rpc>, handlers: Handlers<Rpc>): Served => ({ service, handlers: handlers as unknown as Served['handlers'] });

/** The trace context that is active, as W3C traceparent; absent without tracing. */
export const activeTraceparent = (): { traceparent?: string } => {
  const carrier: Record<string, string> = {};
  propagation.inject(context.active(), carrier);
  return carrier['traceparent'] ? { traceparent: carrier['traceparent'] } : {};
};

const ordinaryDeadlineMs = 30_000;

type AnyCall = grpc.ServerUnaryCall<unknown, unknown> | grpc.ServerReadableStream<unknown, unknown> | grpc.ServerWritableStream<unknown, unknown>;

// grpc-js says Infinity for "none", which makes a Date that throws when it is used.
const deadlineOf = (call: AnyCall): Date => {
  const deadline = Number(call.getDeadline());
  return new Date(Number.isFinite(deadline) ? deadline : Date.now() + ordinaryDeadlineMs);
};

// The door hands on by the metadata that it let pass: the handler's call has the same object.
const letIn = new WeakMap<grpc.Metadata, Admitted>();
const admittedOf = (metadata: grpc.Metadata): Admitted => {
  const admitted = letIn.get(metadata);
  if (!admitted) throw new Error('a call came past the door');
  return admitted;
};

const callOf = (call: AnyCall): Call => {
  const gone = new AbortController();
  (call as NodeJS.EventEmitter).once('cancelled', () => gone.abort(new CallerGone()));
  const header = (name: string): string => String(call.metadata.get(name)[0] ?? '');
  const { caller } = admittedOf(call.metadata);
  const id = randomUUID();
  return {
    caller,
    deadline: deadlineOf(call),
    signal: gone.signal,
    meta: { correlation: header('x-correlation').slice(0, 200) || id, causation: id, actor: `caller:${caller}`, ...activeTraceparent() },
    request: (body) => (body.requestId === '' ? undefined : { caller, id: body.requestId, hash: createHash('sha256').update(JSON.stringify(body)).digest('hex') }),
  };
};

// What grpc-js would answer to bytes that are no message is INTERNAL, without a reason: so they come to the handler's place, which refuses them.
class Unreadable {
  constructor(readonly refusal: Refused) {}
}

/** What no store of ours takes: NUL in a text, and numbers that are none, of which JSON makes null. */
const unkept = (value: unknown): Refused | undefined => {
  if (typeof value === 'string') return value.includes('\0') ? new Refused('BAD_TEXT', 'a text of the request contains a NUL character') : undefined;
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : new Refused('BAD_REQUEST', 'a number of the request is none');
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return undefined;
  for (const one of Object.values(value)) {
    const found = unkept(one);
    if (found) return found;
  }
  return undefined;
};

/** A message as it may be handled; Unreadable if the bytes are none, or hold what cannot be kept. */
const taken = (decode: (bytes: Buffer) => unknown, bytes: Buffer): unknown => {
  try {
    const request = decode(bytes);
    const refusal = unkept(request);
    return refusal ? new Unreadable(refusal) : request;
  } catch (error) {
    return new Unreadable(error instanceof Refused ? error : new Refused('CONTRACT_VIOLATED', 'the bytes are no message of this method'));
  }
};

const readable = (request: unknown): unknown => {
  if (request instanceof Unreadable) throw request.refusal;
  return request;
};

async function* readableParts(requests: AsyncIterable<unknown>): AsyncGenerator<unknown> {
  for await (const request of requests) yield readable(request);
}

const definitionOf = (service: ServiceRef<unknown>): grpc.ServiceDefinition =>
  Object.fromEntries(Object.entries(grpcDefinition(service)).map(([name, method]) => [name, { ...method, requestDeserialize: (bytes: Buffer) => taken(method.requestDeserialize, bytes) }]));

class CallerGone extends Error {
  override readonly name = 'CallerGone';
  override readonly message = 'the caller is gone';
}

// Nobody reads the answer: what fails then (a stream that ends in the middle) is not our fault and no line in the log.
const failed = (call: AnyCall, error: unknown, log: Logger, name: string): Partial<grpc.StatusObject> =>
  call.cancelled ? { code: grpc.status.CANCELLED, details: 'the caller is gone' } : rpcError(error, log, name);

const duration = histogram('flotilla_grpc_server_seconds');

/** Said at once, in place of an answer that would come too late; clients of gRPC wait for so long before they try again. */
const tooBusy = (): Partial<grpc.StatusObject> => {
  const status = rpcError(new Refused('OVERLOADED', 'more than this process can do; try again in a moment'), silentLogger, '');
  status.metadata?.set('grpc-retry-pushback-ms', '1000');
  return status;
};

// People who look after the service get in however busy it is.
const always = (method: string): boolean => method.startsWith('flotilla.ops.');

/** Writes a call that changes something into the audit log: before it is answered, so that nobody has an answer of which the log knows nothing. */
const audited = async (audit: Audit, name: string, call: AnyCall, known: Call | undefined, error?: unknown): Promise<void> => {
  const { caller, through, roles, access: rule } = admittedOf(call.metadata);
  if (rule.kind !== 'command') return;
  const request = 'request' in call ? call.request : undefined;
  const requestId = (request as { readonly requestId?: unknown } | undefined)?.requestId;
  await audit.write({
    method: name, caller, through, roles, requestId: typeof requestId === 'string' ? requestId.slice(0, 200) : '', targets: targetsOf(request), correlation: known?.meta.correlation ?? '',
    outcome: error === undefined ? 'OK' : call.cancelled ? 'CALLER_GONE' : explain(error).reason,
  });
};

const implementation = (served: Served, log: Logger, audit: Audit, gate: Gate): grpc.UntypedServiceImplementation =>
  Object.fromEntries(
    serviceDesc(served.service).methods.map((method) => {
      const handler = served.handlers[method.localName] as unknown as (request: unknown, call: Call) => unknown;
      const name = `${served.service.typeName}/${method.name}`;
      const enter = (): boolean => always(name) || gate.enter('grpc');
      const settled = (start: number, failure?: Partial<grpc.StatusObject>): void => {
        if (!always(name)) gate.left();
        duration.observe({ method: name, code: grpc.status[failure?.code ?? grpc.status.OK] }, (performance.now() - start) / 1_000);
      };
      if (method.methodKind === 'server_streaming') {
        const stream: grpc.handleServerStreamingCall<unknown, unknown> = (call) => {
          if (!enter()) return void call.emit('error', tooBusy());
          const start = performance.now();
          // A caller that goes away drains nothing any more: without this the handler would wait, and hold what it holds, for ever.
          const over = new Promise<void>((resolve) => call.once('cancelled', () => resolve()));
          void (async () => {
            let known: Call | undefined;
            try {
              known = callOf(call);
              for await (const part of handler(readable(call.request), known) as AsyncIterable<unknown>) {
                if (call.cancelled) break;
                if (!call.write(part)) await Promise.race([once(call, 'drain'), over]);
              }
              if (call.cancelled) throw new CallerGone();
              await audited(audit, name, call, known);
              call.end();
              settled(start);
            } catch (error) {
              const failure = failed(call, error, log, name);
              settled(start, failure);
              await audited(audit, name, call, known, error);
              if (!call.cancelled) call.emit('error', failure);
            }
          })();
        };
        return [method.localName, stream];
      }
      const answer = (call: AnyCall, request: () => unknown, callback: grpc.sendUnaryData<unknown>): void => {
        if (!enter()) return callback(tooBusy());
        const start = performance.now();
        void (async () => {
          let known: Call | undefined;
          try {
            known = callOf(call);
            const value = await handler(request(), known);
            await audited(audit, name, call, known);
            settled(start);
            callback(null, value);
          } catch (error) {
            const failure = failed(call, error, log, name);
            await audited(audit, name, call, known, error);
            settled(start, failure);
            callback(failure);
          }
        })();
      };
      return [
        method.localName,
        method.methodKind === 'unary'
          ? (call: grpc.ServerUnaryCall<unknown, unknown>, callback: grpc.sendUnaryData<unknown>) => answer(call, () => readable(call.request), callback)
          : (call: grpc.ServerReadableStream<unknown, unknown>, callback: grpc.sendUnaryData<unknown>) => answer(call, () => readableParts(call), callback),
      ];
    }),
  );

/** Probes of a cluster ask health without a key, and reflection tells no more than the published protos; it can be switched off. */
const openToAll = /^\/grpc\.(?:health\.v1\.Health|reflection\.v1(?:alpha)?\.ServerReflection)\//;
const refusals = counter('flotilla_grpc_refused_total');

/** Asks the door before anything of a message is read. */
const doorkeeper = (door: Door, audit: Audit, log: Logger): grpc.ServerInterceptor => {
  const mayLog = rateLimit({ most: 60, now: Date.now }); // strangers must not fill the log
  const mayNote = rateLimit({ most: 60, now: Date.now });
  return ({ path }, call) =>
    openToAll.test(path)
      ? new grpc.ServerInterceptingCall(call)
      : new grpc.ServerInterceptingCall(call, {
          start: (next) =>
            next(
              new grpc.ServerListenerBuilder()
                .withOnReceiveMetadata((metadata, pass) => {
                  door.admit(path, metadata).then(
                    (admitted) => {
                      letIn.set(metadata, admitted);
                      pass(metadata);
                    },
                    (error: unknown) => {
                      const { reason, message, metadata: about } = explain(error);
                      refusals.inc({ reason });
                      if (mayLog(reason)) log.warn({ method: path.slice(1, 200), reason, detail: message, peer: call.getPeer() }, 'call not let in');
                      call.sendStatus(rpcError(error, log, path));
                      // Known callers who reach for what is not theirs; of strangers only the log tells.
                      if (about['caller'] !== undefined && access.has(path) && mayNote(about['caller'])) {
                        void audit.write({ method: path.slice(1), caller: about['caller'], through: about['through'] ?? '', roles: [], requestId: '', targets: [], correlation: '', outcome: reason });
                      }
                    },
                  );
                })
                .build(),
            ),
        });
};

const once = (call: NodeJS.EventEmitter, event: string): Promise<void> => new Promise((resolve) => call.once(event, () => resolve()));

export interface GrpcServer {
  readonly port: number;
  /** Health says NOT_SERVING at once; calls under way may finish within 3 s. */
  stop(): Promise<void>;
}

/** How long a connection without a call is kept. Who has none under way connects again when there is one. */
const idleMs = 300_000;

/** Serves, with health (overall and per service) and, if wanted, reflection. */
export const startGrpc = async (options: { readonly idleMs?: number; readonly services: readonly Served[]; readonly host: string; readonly port: number; readonly reflection: boolean; readonly door: Door; readonly audit: Audit; readonly log: Logger; readonly gate: Gate }): Promise<GrpcServer> => {
  grpc.setLogVerbosity(grpc.logVerbosity.NONE); // it would write to stderr what we are told anyway, in a form of its own
  const server = new grpc.Server({ 'grpc.max_receive_message_length': 4 * 1024 * 1024, 'grpc.max_connection_idle_ms': options.idleMs ?? idleMs, 'grpc.max_concurrent_streams': 1_000, interceptors: [doorkeeper(options.door, options.audit, options.log)] });
  const names = options.services.map(({ service }) => service.typeName);
  for (const served of options.services) server.addService(definitionOf(served.service), implementation(served, options.log, options.audit, options.gate));
  const health = new HealthImplementation(Object.fromEntries(['', ...names].map((name) => [name, 'SERVING' as const])));
  health.addToServer(server);
  if (options.reflection) addReflection(server, [...names, 'grpc.health.v1.Health']);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`${options.host}:${options.port}`, grpc.ServerCredentials.createInsecure(), (error, bound) => (error ? reject(new BadConfiguration(`gRPC cannot listen on ${options.host}:${options.port}: ${error.message}`)) : resolve(bound)));
  });
  return {
    port,
    stop: async () => {
      for (const name of ['', ...names]) health.setStatus(name, 'NOT_SERVING');
      await new Promise<void>((resolve) => {
        const force = setTimeout(() => {
          server.forceShutdown();
          resolve();
        }, 3_000);
        server.tryShutdown(() => {
          clearTimeout(force);
          resolve();
        });
      });
    },
  };
};
