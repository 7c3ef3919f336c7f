import { BinaryReader } from '@bufbuild/protobuf/wire';

/** What a refusal of gRPC says of itself (AIP-193). */
export interface ErrorInfo {
  readonly reason: string;
  readonly metadata: Readonly<Record<string, string>>;
}

type Fields = ReadonlyMap<number, readonly Uint8Array[]>;

const fieldsOf = (bytes: Uint8Array): Fields => {
  const fields = new Map<number, Uint8Array[]>();
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    if (wire === 2) fields.set(field, [...(fields.get(field) ?? []), reader.bytes()]);
    else reader.skip(wire);
  }
  return fields;
};

const text = (fields: Fields, field: number): string => new TextDecoder().decode(fields.get(field)?.[0] ?? new Uint8Array());

/** The ErrorInfo in the trailers of a failed call; undefined where there is none, or no readable one. */
export const errorInfoOf = (trailers: { get(name: string): readonly (string | Buffer)[] } | undefined): ErrorInfo | undefined => {
  const bytes = trailers?.get('grpc-status-details-bin')[0];
  if (bytes === undefined || typeof bytes === 'string') return undefined;
  try {
    for (const detail of fieldsOf(bytes).get(3) ?? []) {
      const any = fieldsOf(detail);
      if (!text(any, 1).endsWith('/google.rpc.ErrorInfo')) continue;
      const info = fieldsOf(any.get(2)?.[0] ?? new Uint8Array());
      return { reason: text(info, 1), metadata: Object.fromEntries((info.get(3) ?? []).map(fieldsOf).map((entry) => [text(entry, 1), text(entry, 2)])) };
    }
  } catch {
    // Not of ours.
  }
  return undefined;
};
