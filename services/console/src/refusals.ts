import { randomUUID } from 'node:crypto';
import { errorInfoOf, reasonOf, reasons } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { ProblemFilter, type Told } from '@flotilla/service-kit';

interface RpcFailure {
  readonly code: number;
  readonly details: string;
  readonly metadata: { get(name: string): readonly (string | Buffer)[] };
}

const isRpcFailure = (error: unknown): error is RpcFailure => {
  const { code, metadata } = (error ?? {}) as Partial<RpcFailure>;
  return typeof code === 'number' && typeof metadata?.get === 'function';
};

// Of failures that carry no reason: nobody of ours said them, but gRPC itself.
const reasonOfCode: Readonly<Record<number, keyof typeof reasons>> = { 3: 'BAD_REQUEST', 4: 'UNKNOWN_OUTCOME', 5: 'NOT_FOUND', 8: 'OVERLOADED', 10: 'CONFLICT', 14: 'UNAVAILABLE' };

/** What failed at a service, in the words of the registry. */
export const refusalOf = (error: unknown): { readonly reason: string; readonly message: string; readonly metadata: Readonly<Record<string, string>> } | undefined => {
  if (error instanceof Refused) return error;
  if (!isRpcFailure(error)) return undefined;
  const info = errorInfoOf(error.metadata);
  // That a service does not take the gateway's word is no matter of who is signed in here.
  if (error.code === 16) return { reason: 'INTERNAL', message: reasons.INTERNAL.en, metadata: {} };
  if (info && info.reason in reasons) return { ...info, message: error.details };
  const reason = reasonOfCode[error.code] ?? 'INTERNAL';
  return { reason, message: reasons[reason].en, metadata: {} };
};

/** Errors as pages read them: problems of RFC 9457 with gRPC's code, the reason, and fields at fault. */
export class RefusalFilter extends ProblemFilter {
  protected override describe(error: unknown): Told {
    const refusal = refusalOf(error);
    if (!refusal) return super.describe(error);
    return { code: refusal.reason, status: reasonOf(refusal.reason).http, detail: refusal.message };
  }

  protected override body({ code, detail }: Told, error: unknown): object {
    const metadata = refusalOf(error)?.metadata ?? {};
    const violations = metadata['field'] === undefined ? [] : [{ field: metadata['field'], description: detail }];
    return { code: reasonOf(code).grpc, reason: code, message: detail, violations, metadata, requestId: randomUUID() };
  }
}
