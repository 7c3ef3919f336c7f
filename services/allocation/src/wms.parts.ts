import type { Recorded } from '@flotilla/event-store';
import { BadConfiguration, type ServiceContext, type ServiceParts } from '@flotilla/service-kit';
import { z } from 'zod';
import { reconcile, takePage, type Feeding, type ListRow } from './accept/wms/feeds.js';
import { wmsRequestHandlers } from './accept/wms/lock-requests.js';
import { stockFeedsGrpc } from './accept/wms/stock-feeds.grpc.js';
import { stockPushesController } from './accept/wms/stock-pushes.controller.js';
import { wmsJobs } from './coordinate/wms/jobs.js';
import { expireWmsLock } from './coordinate/wms/participant.js';
import { wmsTimers, type WmsLook } from './coordinate/wms/timers.js';
import { wmsFeed } from './decide/wms/feed.decider.js';
import { wmsLock } from './decide/wms/lock.decider.js';
import type { Meaning } from './decide/wms/shelf.decider.js';
import { carry, type Calling } from './perform/wms/call.performer.js';
import { collectFiles } from './perform/wms/collect.js';
import { connectTargets, targetsSetting } from './perform/wms/targets.js';
import type { FeedPage } from './perform/wms/wms.js';
import { wmsReports } from './project/wms/reports.projection.js';

export const wmsConfig = {
  FLOTILLA_WMS_TARGETS: targetsSetting,
  FLOTILLA_WMS_TIMEOUT_MS: z.coerce.number().int().min(100).max(60_000).default(10_000).describe('how long one call to a warehouse system may take'),
  FLOTILLA_WMS_LIST_HOURS: z.coerce.number().min(0.001).max(720).default(24).describe('how often all that a warehouse system has is fetched and compared'),
  FLOTILLA_WMS_FILES_SECONDS: z.coerce.number().min(0.1).max(86_400).default(60).describe('how often the files of warehouses without an interface are looked for'),
} as const;

type WmsContext = ServiceContext<{ readonly [Name in keyof typeof wmsConfig]: z.infer<(typeof wmsConfig)[Name]> }>;

/** All that allocation does about warehouses whose ledger is a system outside. */
export const wmsParts = (ctx: WmsContext, leaseMs: number) => {
  const { store, pool, clock, log, config } = ctx;
  const timeoutMs = config.FLOTILLA_WMS_TIMEOUT_MS;
  const now = (): Date => clock.machine();
  const connections = connected(config.FLOTILLA_WMS_TARGETS, {
    now,
    fetchOf: (name, { ratePerSecond, concurrency }) => {
      const outside = ctx.outside(name, { timeoutMs, ratePerSecond, concurrency });
      return (url, init) => outside.fetch(url, init);
    },
  });
  const feeding: Feeding = { store, pool, now };
  const calling: Calling = { store, pool, system: (warehouse) => connections.get(warehouse), now, leaseMs, timeoutMs, graceMs: Math.ceil(timeoutMs / 2), log };
  const meta = (actor: string) => ctx.meta({ actor });
  const files = collectFiles({
    connections, everyMs: config.FLOTILLA_WMS_FILES_SECONDS * 1_000, store, pool, meta, log,
    take: async (warehouse, page, cause) => void (await reconcilePages(feeding, warehouse, page.meaning, [page], cause)),
  });
  const performer: NonNullable<ServiceParts['performers']>[string] = { concurrency: 8, perform: (job, cause) => carry(calling, job, cause), resolve: (job, cause) => carry(calling, job, cause) };
  const snapshot = async (payload: unknown, signal: AbortSignal, cause: Parameters<typeof takePage>[3]): Promise<void> => {
    const { warehouse } = payload as { readonly warehouse: string };
    const port = connections.get(warehouse)?.port;
    if (!port) throw new Error(`the stock of ${warehouse} is to be fetched, and it is not in FLOTILLA_WMS_TARGETS`);
    const pages = port.stock(signal)[Symbol.asyncIterator]();
    const first = await pages.next();
    if (first.done) return;
    await reconcilePages(feeding, warehouse, first.value.meaning, { async *[Symbol.asyncIterator]() {
      yield first.value;
      for (let next = await pages.next(); !next.done; next = await pages.next()) yield next.value;
    } }, cause);
  };
  return {
    handlers: wmsRequestHandlers(() => now().toISOString()),
    jobs: (event: Recorded) => (event.stream.startsWith('wms') ? wmsJobs(event) : []),
    performers: {
      wms: performer,
      'wms-ask': { ...performer, concurrency: 4 },
      // Fetching again is free, so an attempt that failed is simply made again.
      'wms-snapshot': { concurrency: 1, perform: (job, cause) => snapshot(job.payload, job.signal, cause), resolve: (job, cause) => snapshot(job.payload, job.signal, cause) },
    } satisfies ServiceParts['performers'],
    controller: stockPushesController(feeding, connections, meta),
    grpc: stockFeedsGrpc(feeding),
    timers: (event: Recorded) => wmsTimers(event, config.FLOTILLA_WMS_LIST_HOURS * 3_600_000),
    /** A lease or a whole list that is due; `since`: not before this. */
    fire: async (look: WmsLook, since: string, cause: ReturnType<typeof ctx.meta>): Promise<void> => {
      if (look.kind === 'wms-list') {
        const { warehouse } = look;
        // Whoever has files alone puts out lists as it likes.
        if (connections.get(warehouse)?.collect || !connections.has(warehouse)) return;
        await store.execute({ streams: [[wmsFeed, warehouse]], meta: cause, decide: (unit) => void unit.run(wmsFeed, warehouse, { type: 'WantWholeList', data: { warehouse, at: since } }) });
        return;
      }
      const { lockId } = look;
      const { ask } = (await store.folded(wmsLock, [lockId])).get(lockId)?.state ?? {};
      if (ask) await store.execute({ streams: [[wmsLock, lockId]], meta: cause, decide: (unit) => expireWmsLock(unit, lockId, since) });
    },
    follower: wmsReports,
    stop: () => files.stop(),
  };
};

const connected = (...options: Parameters<typeof connectTargets>): ReturnType<typeof connectTargets> => {
  try {
    return connectTargets(...options);
  } catch (error) {
    throw new BadConfiguration((error as Error).message);
  }
};

// A full list, however it came: what differs is applied and reported.
const reconcilePages = (feeding: Feeding, warehouse: string, meaning: Meaning, pages: AsyncIterable<FeedPage> | Iterable<FeedPage>, cause: Parameters<typeof takePage>[3]) =>
  reconcile(feeding, { warehouse, meaning, position: 0, dryRun: false, rows: rowsOf(pages), refuse: () => undefined }, cause);

async function* rowsOf(pages: AsyncIterable<FeedPage> | Iterable<FeedPage>): AsyncGenerator<readonly ListRow[]> {
  let row = 1;
  for await (const { figures } of pages) yield figures.map((figure) => ({ row: (row += 1), figure }));
}
