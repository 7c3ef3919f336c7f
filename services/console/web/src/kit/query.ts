import { QueryClient, keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { atMostEvery, useLive } from './live.js';
import type { AnswerOf, Method, RequestOf } from './methods.js';
import { newRequestId, rpc, RpcError } from './rpc.js';
import { tellError } from './toast.js';

/** Reads are tried again only where nothing answered; a refusal stays one. */
const again = (failures: number, error: unknown): boolean => error instanceof RpcError && ['OFFLINE', 'UNAVAILABLE', 'OVERLOADED'].includes(error.reason) && failures < 2;

export const queryClient = new QueryClient({ defaultOptions: { queries: { retry: again, staleTime: 1_000, gcTime: 120_000, refetchOnWindowFocus: true } } });

export interface RpcOptions {
  /** Asks again when a stream of these categories changes (`order`, `parcel`, …), at most once a second. */
  readonly live?: readonly string[];
  /** Only changes of these ids count, and of what stands behind them (`<id>.…`); all, where it is left out. */
  readonly ids?: readonly string[] | ((id: string) => boolean);
  /** Asks again after so many milliseconds. */
  readonly every?: number;
  /** Does not ask while false. */
  readonly enabled?: boolean;
}

export interface Asked<T> {
  readonly data: T | undefined;
  readonly error: RpcError | undefined;
  /** Nothing to show yet. */
  readonly loading: boolean;
  /** Asking, whether or not there is something to show. */
  readonly fetching: boolean;
  readonly refetch: () => void;
}

/**
 * What a method answers, kept fresh. While a changed question is asked, the last answer stays.
 *
 * ```tsx
 * const { data, error, loading, refetch } = useRpc('flotilla.order.v1.Orders/Get', { orderId }, { live: ['order'], ids: [orderId] });
 * ```
 */
export const useRpc = <M extends Method>(method: M, request: RequestOf<M>, { live = [], ids, every, enabled = true }: RpcOptions = {}): Asked<AnswerOf<M>> => {
  const client = useQueryClient();
  const asked = JSON.stringify(request);
  const key = useMemo(() => [method, JSON.parse(asked) as RequestOf<M>] as const, [method, asked]);
  const query = useQuery({ queryKey: key, queryFn: ({ signal }) => rpc(method, key[1], signal), placeholderData: keepPreviousData, enabled, ...(every === undefined ? {} : { refetchInterval: every }) });
  const refresh = useMemo(() => atMostEvery(1_000, () => void client.invalidateQueries({ queryKey: key, exact: true })), [client, key]);
  useEffect(() => () => refresh.cancel(), [refresh]);
  useLive(enabled ? live : [], (changes) => {
    const concerns = typeof ids === 'function' ? ids : (id: string): boolean => ids?.some((one) => id === one || id.startsWith(`${one}.`)) ?? true;
    if (changes.length === 0 || changes.some(({ id }) => concerns(id))) refresh();
  });
  return {
    data: query.data as AnswerOf<M> | undefined,
    error: query.error === null ? undefined : asRpcError(query.error),
    loading: query.isPending && enabled,
    fetching: query.isFetching,
    refetch: () => void query.refetch(),
  };
};

export const asRpcError = (error: unknown): RpcError => (error instanceof RpcError ? error : new RpcError('INTERNAL', 'INTERNAL', error instanceof Error ? error.message : String(error)));

/** Asks everything again that is shown of these methods: after a command of one's own. */
export const refreshAll = (...methods: readonly Method[]): void => void Promise.all(methods.map((method) => queryClient.invalidateQueries({ queryKey: [method] })));

/** Whether the outcome of a call is not known: the same intent may be sent again under the same key. */
const unknownOutcome = (error: RpcError): boolean => ['OFFLINE', 'UNAVAILABLE', 'UNKNOWN_OUTCOME'].includes(error.reason);

/** An intent and its key: the same words keep it until their outcome is known. Plain, so that it can be tested. */
export const intents = (make: () => string = newRequestId) => {
  let last: { readonly words: string; readonly id: string } | undefined;
  return {
    idOf: (words: string): string => (last?.words === words ? last : (last = { words, id: make() })).id,
    settled: (error?: RpcError): void => {
      if (!error || !unknownOutcome(error)) last = undefined;
    },
  };
};

export interface Command<M extends Method> {
  /** Answers undefined where it was refused (the refusal was shown). A second call while one is under way joins it. */
  readonly run: (request: Omit<RequestOf<M>, 'requestId'>) => Promise<AnswerOf<M> | undefined>;
  readonly busy: boolean;
  readonly error: RpcError | undefined;
}

/**
 * A command of a service, with its `request_id`: made once per intent, so that a double click, or a retry after a broken connection, is one
 * act. A refusal is shown as a toast with its reason, unless `quiet`.
 *
 * ```tsx
 * const adjust = useCommand('flotilla.allocation.v1.Stock/Adjust');
 * <Button loading={adjust.busy} onClick={() => adjust.run({ warehouse, sku, delta, reason })} />
 * ```
 */
export const useCommand = <M extends Method>(method: M, { refreshes = [], quiet = false }: { readonly refreshes?: readonly Method[]; readonly quiet?: boolean } = {}): Command<M> => {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<RpcError>();
  const intent = useRef(intents());
  const under = useRef<Promise<AnswerOf<M> | undefined>>(undefined);
  const options = useRef({ refreshes, quiet });
  options.current = { refreshes, quiet };
  const run = useCallback<Command<M>['run']>(
    (request) => {
      if (under.current) return under.current;
      setBusy(true);
      setError(undefined);
      const requestId = intent.current.idOf(JSON.stringify(request));
      const sent = rpc(method, { ...request, requestId } as RequestOf<M>).then(
        (answer) => {
          intent.current.settled();
          refreshAll(...options.current.refreshes);
          return answer;
        },
        (thrown: unknown) => {
          const refused = asRpcError(thrown);
          intent.current.settled(refused);
          setError(refused);
          if (!options.current.quiet) tellError(refused);
          return undefined;
        },
      );
      under.current = sent.finally(() => {
        under.current = undefined;
        setBusy(false);
      });
      return under.current;
    },
    [method],
  );
  return { run, busy, error };
};

/** Sends a file: busy while it is on its way, and what it was refused with. Commands have `useCommand`. */
export const useSending = (): { readonly send: (work: () => Promise<void>) => Promise<void>; readonly busy: boolean; readonly error: RpcError | undefined; readonly reset: () => void } => {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<RpcError>();
  const send = async (work: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      await work();
    } catch (thrown) {
      setError(asRpcError(thrown));
    } finally {
      setBusy(false);
    }
  };
  return { send, busy, error, reset: () => setError(undefined) };
};
