import { BinaryReader } from '@bufbuild/protobuf/wire';
import type grpc from '@grpc/grpc-js';

export interface ErrorInfo {
  readonly code: number;
  readonly message: string;
  readonly type: string;
  readonly reason: string;
  readonly domain: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Reads google.rpc.Status with one ErrorInfo as any other client would: from the bytes alone. */
export const errorInfo = (trailers: grpc.Metadata): ErrorInfo => {
  const read = (bytes: Uint8Array): Map<number, (Uint8Array | number)[]> => {
    const fields = new Map<number, (Uint8Array | number)[]>();
    const reader = new BinaryReader(bytes);
    while (reader.pos < reader.len) {
      const [field, wire] = reader.tag();
      fields.set(field, [...(fields.get(field) ?? []), wire === 0 ? reader.int32() : reader.bytes()]);
    }
    return fields;
  };
  const text = (value: unknown): string => new TextDecoder('utf-8', { fatal: true }).decode(value as Uint8Array);
  const status = read(trailers.get('grpc-status-details-bin')[0] as Buffer);
  const [detail, ...others] = status.get(3) ?? [];
  if (others.length > 0) throw new Error('more than one detail');
  const any = read(detail as Uint8Array);
  const info = read(any.get(2)?.[0] as Uint8Array);
  const entries = (info.get(3) ?? []).map((entry) => read(entry as Uint8Array));
  return {
    code: status.get(1)?.[0] as number,
    message: text(status.get(2)?.[0]),
    type: text(any.get(1)?.[0]),
    reason: text(info.get(1)?.[0]),
    domain: text(info.get(2)?.[0]),
    metadata: Object.fromEntries(entries.map((entry) => [text(entry.get(1)?.[0]), text(entry.get(2)?.[0] ?? new Uint8Array())])),
  };
};
