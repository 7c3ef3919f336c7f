import type { DescMethod, DescService } from '@bufbuild/protobuf';
import grpc from '@grpc/grpc-js';
import { audienceOf, presenting, type Caller } from './caller.js';
import { decodeMessage, encodeMessage, registry } from './plain-codec.js';
import type { RpcMethod, ServiceRef } from './service-ref.js';

/** The descriptor of a service, for reflection and documentation. */
export const serviceDesc = (service: ServiceRef<unknown>): DescService => {
  const desc = registry.getService(service.typeName);
  if (!desc) throw new Error(`no service ${service.typeName} in proto/`);
  return desc;
};

/** What grpc-js needs to serve or call a service with plain messages. */
export const grpcDefinition = (service: ServiceRef<unknown>): grpc.ServiceDefinition =>
  Object.fromEntries(serviceDesc(service).methods.map((method) => [method.localName, methodDefinition(method)]));

const methodDefinition = (method: DescMethod): grpc.MethodDefinition<unknown, unknown> => ({
  path: `/${method.parent.typeName}/${method.name}`,
  requestStream: method.methodKind === 'client_streaming' || method.methodKind === 'bidi_streaming',
  responseStream: method.methodKind === 'server_streaming' || method.methodKind === 'bidi_streaming',
  requestSerialize: (plain) => Buffer.from(encodeMessage(method.input, plain)),
  requestDeserialize: (bytes) => decodeMessage(method.input, bytes),
  responseSerialize: (plain) => Buffer.from(encodeMessage(method.output, plain)),
  responseDeserialize: (bytes) => decodeMessage(method.output, bytes),
});

/** What may be left out of a request: everything. */
export type Deep<T> = T extends Uint8Array ? T : T extends readonly (infer E)[] ? readonly Deep<E>[] : T extends object ? { readonly [K in keyof T]?: Deep<T[K]> } : T;

/** A typed client: what is left out of a request takes its default. Errors are grpc `ServiceError`s. */
export type Client<Rpc> = {
  readonly [K in keyof Rpc]: Rpc[K] extends RpcMethod ? ClientMethod<Rpc[K]> : never;
} & { readonly close: () => void };

type ClientMethod<M extends RpcMethod> = M['kind'] extends 'unary'
  ? (request: Deep<M['input']>, options?: CallOptions) => Promise<M['output']>
  : M['kind'] extends 'client_streaming'
    ? (requests: AsyncIterable<Deep<M['input']>> | Iterable<Deep<M['input']>>, options?: CallOptions) => Promise<M['output']>
    : (request: Deep<M['input']>, options?: CallOptions) => AsyncIterable<M['output']>;

export interface CallOptions {
  /** From now; 5 s where absent. */
  readonly deadlineMs?: number;
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface ConnectOptions {
  readonly credentials?: grpc.ChannelCredentials;
  /** Of every call of which nothing else is said. */
  readonly deadlineMs?: number;
  /** Who calls; without it whoever `callAs` named. */
  readonly caller?: Caller;
  /** Which service a token is for, where the package does not say it: `flotilla.ops.v1`, a participant of the lock protocol. */
  readonly audience?: string;
}

/**
 * Connects to a service. Unary calls are tried again only while the connection cannot be made (UNAVAILABLE before the
 * request left), by gRPC's own policy. A service that was away is connected to again within two seconds of its return: by
 * default it would be up to two minutes, in which every call fails at once.
 *
 * ```ts
 * const orders = connect(order.Orders, '127.0.0.1:9102');
 * const found = await orders.get({ orderId });
 * ```
 */
export const connect = <Rpc>(service: ServiceRef<Rpc>, address: string, options: ConnectOptions = {}): Client<Rpc> => {
  const Constructor = grpc.makeGenericClientConstructor(grpcDefinition(service), service.typeName);
  const client = new Constructor(address, options.credentials ?? grpc.credentials.createInsecure(), {
    interceptors: [presenting(() => options.audience ?? audienceOf(service), options.caller)],
    'grpc.max_receive_message_length': 16 * 1024 * 1024,
    'grpc.enable_retries': 1,
    'grpc.initial_reconnect_backoff_ms': 200,
    'grpc.max_reconnect_backoff_ms': 2_000,
    // A connection on which nothing arrives any more is noticed, and replaced.
    'grpc.keepalive_time_ms': 20_000,
    'grpc.keepalive_timeout_ms': 5_000,
  });
  const call = (call_: CallOptions = {}): [grpc.Metadata, grpc.CallOptions] => {
    const metadata = new grpc.Metadata();
    for (const [key, value] of Object.entries(call_.metadata ?? {})) metadata.set(key, value);
    return [metadata, { deadline: Date.now() + (call_.deadlineMs ?? options.deadlineMs ?? 5_000) }];
  };
  const methods = serviceDesc(service).methods.map((method): [string, unknown] => {
    const definition = methodDefinition(method);
    const { path, requestSerialize, responseDeserialize } = definition;
    switch (method.methodKind) {
      case 'unary':
        return [
          method.localName,
          (request: unknown, options_?: CallOptions) =>
            new Promise((resolve, reject) => {
              client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, ...call(options_), (error, answer) => (error ? reject(error) : resolve(answer)));
            }),
        ];
      case 'client_streaming':
        return [
          method.localName,
          async (requests: AsyncIterable<unknown>, options_?: CallOptions) => {
            let stream!: grpc.ClientWritableStream<unknown>;
            const answer = new Promise((resolve, reject) => {
              stream = client.makeClientStreamRequest(path, requestSerialize, responseDeserialize, ...call(options_), (error, value) => (error ? reject(error) : resolve(value)));
            });
            answer.catch(() => undefined);
            for await (const request of requests) if (!stream.write(request)) await Promise.race([new Promise((resolve) => stream.once('drain', resolve)), answer]);
            stream.end();
            return answer;
          },
        ];
      default:
        return [method.localName, (request: unknown, options_?: CallOptions) => client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request, ...call(options_))];
    }
  });
  return { ...Object.fromEntries(methods), close: () => client.close() } as unknown as Client<Rpc>;
};
