import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { reasons, type Reason } from '@flotilla/contracts';
import grpc from '@grpc/grpc-js';

/** Why a call failed. */
export class FlotillaError extends Error {
  override readonly name = 'FlotillaError';

  constructor(
    message: string,
    /** `flotilla.order.v1.Orders/Approve`. */
    readonly method: string,
    /** Name of the gRPC code: `FAILED_PRECONDITION`. */
    readonly code: string,
    /** Of the catalogue; undefined where nobody of the fleet answered, or with a reason that is newer than this client. */
    readonly reason: Reason | undefined,
    /** What the reason is about, by name: `{ order: "…" }`. */
    readonly details: Readonly<Record<string, string>>,
    readonly attempts: number,
    /** Under which it may be asked again, whatever became of it; "" for what takes none. */
    readonly requestId: string,
    cause: unknown,
  ) {
    super(message, { cause });
  }
}

/** `if (isRefused(error, 'ALREADY_SHIPPED')) …` */
export const isRefused = (error: unknown, ...which: readonly Reason[]): error is FlotillaError => error instanceof FlotillaError && error.reason !== undefined && (which.length === 0 || which.includes(error.reason));

export interface Called {
  readonly method: string;
  readonly attempts: number;
  readonly requestId: string;
}

/** What grpc-js rejects with, told in the fleet's words. */
export const failureOf = (error: unknown, { method, attempts, requestId }: Called): FlotillaError => {
  const { code, details = '', metadata } = error as Partial<grpc.ServiceError>;
  const { reason = '', about = {} } = errorInfo(metadata?.get('grpc-status-details-bin')[0]) ?? {};
  const name = code === undefined ? 'UNKNOWN' : (grpc.status[code] ?? 'UNKNOWN');
  const known = Object.hasOwn(reasons, reason) ? (reason as Reason) : undefined;
  return new FlotillaError(`${method}: ${known ?? name}: ${details || String((error as Error).message)}`, method, name, known, about, attempts, requestId, error);
};

interface Info {
  readonly reason: string;
  readonly about: Readonly<Record<string, string>>;
}

// google.rpc.Status { repeated google.protobuf.Any details = 3 } with google.rpc.ErrorInfo { string reason = 1; string domain = 2;
// map<string, string> metadata = 3 }. A proxy on the way may have answered with a status of another kind: what cannot be read says nothing.
const errorInfo = (bytes: unknown): Info | undefined => {
  if (!(bytes instanceof Uint8Array)) return undefined;
  try {
    for (const any of fields(bytes)(3)) {
      const [type, value] = [fields(any)(1)[0], fields(any)(2)[0]];
      if (!type || !value || !text(type).endsWith('/google.rpc.ErrorInfo')) continue;
      const info = fields(value);
      const about = info(3).map((entry) => [text(fields(entry)(1)[0]), text(fields(entry)(2)[0])]);
      return { reason: text(info(1)[0]), about: Object.fromEntries(about) as Record<string, string> };
    }
  } catch {
    // falls through: not a status
  }
  return undefined;
};

const text = (bytes: Uint8Array = new Uint8Array()): string => new TextDecoder().decode(bytes);

/** The length-delimited fields of a message, by number. */
const fields = (bytes: Uint8Array): ((number: number) => readonly Uint8Array[]) => {
  const found = new Map<number, Uint8Array[]>();
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [number, wire] = reader.tag();
    if (wire === WireType.LengthDelimited) found.set(number, [...(found.get(number) ?? []), reader.bytes()]);
    else reader.skip(wire, number);
  }
  return (number) => found.get(number) ?? [];
};
