import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { reasonOf, reasons } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { Conflict, type Logger } from '@flotilla/event-store';
import { isTransient } from '@flotilla/messaging';
import grpc from '@grpc/grpc-js';

export interface Explained {
  readonly reason: string;
  readonly message: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** What a caller may know of an error. What is not a refusal is UNAVAILABLE if it passes by itself, else INTERNAL, and says no more. */
export const explain = (error: unknown): Explained => {
  if (error instanceof Refused) return { reason: error.reason, message: error.message, metadata: error.metadata };
  if (error instanceof Conflict) return { reason: 'CONFLICT', message: reasons.CONFLICT.en, metadata: {} };
  // SQLSTATE class 22: a value that was sent is not of the kind or size that is stored; the log says which.
  if (/^22[0-9A-Z]{3}$/.test(String((error as { readonly code?: unknown } | null)?.code))) return { reason: 'BAD_REQUEST', message: 'a value of the request is not of the kind or size that is kept here', metadata: {} };
  // The database restarts, another service is away: worth another attempt, with the same request_id.
  if (isTransient(error)) return { reason: 'UNAVAILABLE', message: reasons.UNAVAILABLE.en, metadata: {} };
  return { reason: 'INTERNAL', message: 'something went wrong on our side; the log has the details under this trace', metadata: {} };
};

/** The error as grpc-js sends it: code, message and google.rpc.Status with one ErrorInfo (AIP-193). */
export const rpcError = (error: unknown, log: Logger, method: string): grpc.StatusObject => {
  const { reason, message: whole, metadata } = explain(error);
  if (!(error instanceof Refused)) log[reason === 'INTERNAL' ? 'error' : 'warn']({ err: error, method }, 'call failed');
  const message = clipped(whole);
  const code = grpc.status[reasonOf(reason).grpc as keyof typeof grpc.status];
  const trailers = new grpc.Metadata();
  trailers.set('grpc-status-details-bin', Buffer.from(statusBytes(code, message, reason, metadata)));
  return { code, details: message, metadata: trailers };
};

// Trailers are bounded by every client (8 KiB in some), and this text stands in two of them, once percent-encoded.
const clipped = (text: string): string => {
  const characters = Array.from(text);
  return characters.length <= 500 ? text : `${characters.slice(0, 499).join('')}…`;
};

// google.rpc.Status { int32 code = 1; string message = 2; repeated google.protobuf.Any details = 3; } holding
// google.rpc.ErrorInfo { string reason = 1; string domain = 2; map<string, string> metadata = 3; }
const statusBytes = (code: number, message: string, reason: string, metadata: Readonly<Record<string, string>>): Uint8Array => {
  const info = new BinaryWriter();
  info.tag(1, WireType.LengthDelimited).string(reason).tag(2, WireType.LengthDelimited).string('flotilla');
  for (const [key, value] of Object.entries(metadata)) {
    info.tag(3, WireType.LengthDelimited).fork().tag(1, WireType.LengthDelimited).string(key).tag(2, WireType.LengthDelimited).string(value).join();
  }
  return new BinaryWriter()
    .tag(1, WireType.Varint)
    .int32(code)
    .tag(2, WireType.LengthDelimited)
    .string(message)
    .tag(3, WireType.LengthDelimited)
    .fork()
    .tag(1, WireType.LengthDelimited)
    .string('type.googleapis.com/google.rpc.ErrorInfo')
    .tag(2, WireType.LengthDelimited)
    .bytes(info.finish())
    .join()
    .finish();
};
