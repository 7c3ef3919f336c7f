import { useQueries } from '@tanstack/react-query';
import type { ops } from '@flotilla/contracts';
import { asRpcError, rpc, type Owner } from '../../kit/index.js';

export const owners: readonly Owner[] = ['ingest', 'order-core', 'allocation', 'carrier', 'tracking', 'settlement', 'alerts'];

export interface ParkedQueue extends ops.ParkedMessage {
  readonly owner: Owner;
}

export interface AllParked {
  readonly queues: readonly ParkedQueue[];
  readonly loading: boolean;
  /** Services that did not answer: what is parked there is not known. */
  readonly silent: readonly Owner[];
  readonly refetch: () => void;
}

/** Everything that is parked anywhere: each service is asked by itself, so that one that is away hides no other. */
export const useParked = (): AllParked =>
  useQueries({
    queries: owners.map((owner) => {
      const method = `${owner}:flotilla.ops.v1.ParkedMessages/List` as const;
      return { queryKey: [method, {}], queryFn: ({ signal }: { signal: AbortSignal }) => rpc(method, { page: { size: 200 } }, signal), refetchInterval: 10_000 };
    }),
    combine: (answers) => ({
      queues: answers.flatMap(({ data }, at) => (data?.messages ?? []).map((one) => ({ ...one, owner: owners[at]! }))),
      loading: answers.every(({ isPending }) => isPending),
      silent: owners.filter((_, at) => answers[at]!.error !== null && asRpcError(answers[at]!.error).reason !== 'ROLE_MISSING'),
      refetch: () => void Promise.all(answers.map(({ refetch }) => refetch())),
    }),
  });
