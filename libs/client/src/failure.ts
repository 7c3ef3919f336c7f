import { errorInfoOf, reasons, type Reason } from '@flotilla/contracts';
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
  const { reason, metadata: about } = errorInfoOf(metadata) ?? { reason: '', metadata: {} };
  const name = code === undefined ? 'UNKNOWN' : (grpc.status[code] ?? 'UNKNOWN');
  const known = Object.hasOwn(reasons, reason) ? (reason as Reason) : undefined;
  return new FlotillaError(`${method}: ${known ?? name}: ${details || String((error as Error).message)}`, method, name, known, about, attempts, requestId, error);
};
