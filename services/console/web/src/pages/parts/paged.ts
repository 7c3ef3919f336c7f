import { keepPreviousData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useRef } from 'react';
import { asRpcError, atMostEvery, rpc, useLive, type AnswerOf, type Method, type RequestOf, type RpcError } from '../../kit/index.js';

export interface Paged<T> {
  readonly rows: readonly T[];
  readonly loading: boolean;
  readonly error: RpcError | undefined;
  readonly refetch: () => void;
  /** For `DataTable`. */
  readonly more: { readonly has: boolean; readonly load: () => void };
}

interface Options {
  /** Asks again when a stream of these categories changes. */
  readonly live?: readonly string[];
  readonly every?: number;
  readonly enabled?: boolean;
  readonly size?: number;
}

/** A list that is asked page by page as one scrolls; what is shown of it is kept fresh. */
export const usePaged = <M extends Method, T>(method: M, request: RequestOf<M>, rowsOf: (answer: AnswerOf<M>) => readonly T[], { live = [], every, enabled = true, size = 100 }: Options = {}): Paged<T> => {
  const client = useQueryClient();
  const key = [method, 'pages', request] as const;
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => rpc(method, { ...(request as object), page: { size, token: pageParam } } as RequestOf<M>, signal),
    initialPageParam: '',
    getNextPageParam: (last) => (last as { readonly nextToken?: string }).nextToken || undefined,
    placeholderData: keepPreviousData,
    enabled,
    ...(every === undefined ? {} : { refetchInterval: every }),
  });
  // Whoever has scrolled far asks far more: not oftener than every other second.
  const latest = useRef(key);
  latest.current = key;
  const refresh = useMemo(() => atMostEvery(2_000, () => void client.invalidateQueries({ queryKey: latest.current, exact: true })), [client]);
  useEffect(() => () => refresh.cancel(), [refresh]);
  useLive(enabled ? live : [], () => refresh());
  const of = useRef(rowsOf);
  of.current = rowsOf;
  const rows = useMemo(() => (query.data?.pages ?? []).flatMap((page) => of.current(page as AnswerOf<M>)), [query.data]);
  return {
    rows,
    loading: query.isPending && enabled,
    error: query.error === null ? undefined : asRpcError(query.error),
    refetch: () => void query.refetch(),
    more: { has: query.hasNextPage && !query.isFetchNextPageError, load: () => void (query.isFetchingNextPage || query.fetchNextPage()) },
  };
};
