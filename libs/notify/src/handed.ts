/**
 * How a handing-over to a provider ended. `certain`: it did not take it; else nobody knows. `final`: it would not take it the
 * next time either. `retryAfterMs`: before that it takes nothing. The detail is codes alone: a provider's words hold addresses.
 */
export type Handed = { readonly accepted: true } | NotTaken;

export interface NotTaken {
  readonly accepted: false;
  readonly certain: boolean;
  readonly final: boolean;
  readonly detail: string;
  readonly retryAfterMs?: number;
}

/** Not taken, for certain. */
export const notTaken = (detail: string, options: { readonly final?: boolean; readonly retryAfterMs?: number } = {}): NotTaken => ({
  accepted: false,
  certain: true,
  final: options.final ?? false,
  detail,
  ...(options.retryAfterMs === undefined ? {} : { retryAfterMs: options.retryAfterMs }),
});

/** A call that broke: before it reached anybody nothing can have been taken, after that nobody knows. */
export const broken = (error: unknown): NotTaken => {
  const { name = 'Error', code, cause } = error as { readonly name?: string; readonly code?: unknown; readonly cause?: { readonly code?: unknown } };
  const why = [cause?.code, code].find((one): one is string => typeof one === 'string') ?? name;
  const unreached = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT'].includes(why) || name === 'BrokenCircuitError' || name === 'BulkheadRejectedError';
  return { accepted: false, certain: unreached, final: false, detail: why };
};

/** The wait that a provider asks for, in milliseconds; undefined if it names none. At most an hour. */
export const retryAfterOf = (headers: { get(name: string): string | null }): number | undefined => {
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds, 3_600) * 1_000 : undefined;
};
