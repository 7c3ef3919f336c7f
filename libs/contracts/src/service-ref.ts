/** Names a gRPC service; the type parameter holds its methods (generated). */
export interface ServiceRef<Rpc> {
  readonly typeName: string;
  readonly rpc?: Rpc;
}

/** One method as the generated `…Rpc` interfaces describe it. */
export interface RpcMethod {
  readonly kind: 'unary' | 'server_streaming' | 'client_streaming' | 'bidi_streaming';
  readonly input: unknown;
  readonly output: unknown;
}
