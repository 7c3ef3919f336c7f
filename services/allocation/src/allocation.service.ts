import { topics } from '@flotilla/contracts';
import { defineService } from '@flotilla/service-kit';
import { z } from 'zod';
import { backorders } from './accept/backorders.follower.js';
import { catalogueGrpc } from './accept/catalogue.grpc.js';
import { byLedger, lockRequestHandlers, prepareLedgers } from './accept/lock-requests.consumer.js';
import { remoteStockHandlers } from './accept/remote-stock.consumer.js';
import { outcomes } from './accept/outcomes.consumer.js';
import { routingGrpc } from './accept/routing.grpc.js';
import { prepareSnapshot, sagaHandlers } from './accept/saga-events.consumer.js';
import { inboundsGrpc } from './accept/inbounds.grpc.js';
import { stockGrpc } from './accept/stock.grpc.js';
import { nodeFacts } from './accept/node-facts.consumer.js';
import { freezesGrpc, nodesGrpc, oversellsGrpc } from './accept/nodes.grpc.js';
import { reservationWatch } from './accept/reservations.follower.js';
import { fireTimer, since } from './accept/timers.js';
import { toldChannels } from './accept/told.consumer.js';
import { weeklyTraining } from './accept/training.js';
import { warehousesGrpc } from './accept/warehouses.grpc.js';
import { floorEvents } from './accept/waves/floor-events.consumer.js';
import { packingGrpc, wavesGrpc } from './accept/waves/waves.grpc.js';
import { nodeTimers } from './coordinate/nodes.js';
import { timerChanges } from './coordinate/timers.js';
import { isWmsLook } from './coordinate/wms/timers.js';
import { isTraining, trainingTimer } from './coordinate/training.js';
import { allocation } from './decide/allocation.decider.js';
import { ledgerOf, type Ledger } from './decide/ledger.js';
import { warehouse } from './decide/warehouse.decider.js';
import { WmsReportTables } from './project/wms/reports.projection.js';
import { NodeTables } from './project/node-tables.js';
import { readModels, ReadModels } from './project/read-models.js';
import { SagaTable, showSagas } from './project/sagas.projection.js';
import { RoutingTables } from './project/routing-tables.js';
import { stockFlow, StockFlowTable } from './project/stock-flow.projection.js';
import { FullStateLease, LockRoomIndexes, StockTables } from './project/stock-tables.js';
import { tally } from './project/tally.projection.js';
import { ScanLookups, WaveTables } from './project/waves/waves.projection.js';
import { repeatFullState } from './perform/full-state.js';
import { publish } from './publish/publish.js';
import { allocationsGrpc } from './query/allocations.grpc.js';
import { locksGrpc, outcomesGrpc } from './query/lock-room.grpc.js';
import { isOfferLook } from './coordinate/suppliers/timers.js';
import { SupplierFileTable, SupplierShipping, SupplierTables } from './project/suppliers/offers.projection.js';
import { withSuppliers } from './query/suppliers/suppliers.query.js';
import { suppliersConfig, suppliersParts } from './suppliers.parts.js';
import { wmsConfig, wmsParts } from './wms.parts.js';
import { withNodes } from './query/node-figures.query.js';
import { snapshotOf } from './query/snapshot.query.js';

// A lane is valid by the days of the carriers' zone.
const days = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Shanghai', dateStyle: 'short' });

/** Catalogue, stock and the inventory-lock saga, in flow order. */
export const allocationService = defineService({
  name: 'allocation',
  config: {
    FLOTILLA_ALLOCATION_WIDTH: z.coerce.number().int().min(1).max(100).default(1).describe('warehouses asked at once for a lock; 1 asks one after the other'),
    FLOTILLA_ALLOCATION_WINDOW_MS: z.coerce.number().int().min(0).max(10_000).default(0).describe('how long a better warehouse than the first that grants is waited for'),
    FLOTILLA_FREEZE_RATE: z.coerce.number().gt(0).max(1).default(0.01).describe('share of an hour’s promises of a SKU that may fail before it is frozen'),
    FLOTILLA_FREEZE_FAILURES: z.coerce.number().int().min(1).default(3).describe('fewer failures in the hour than this freeze nothing'),
    FLOTILLA_FREEZE_HOURS: z.coerce.number().gt(0).max(720).default(24).describe('business time after which a freeze by rule ends, unless the shelf is counted before'),
    FLOTILLA_ALLOCATION_PARTIAL: z.enum(['all', 'keep']).default('all').describe('when a part of a split plan fails: give all of it back and plan anew, or keep what is confirmed and plan the rest'),
    FLOTILLA_ALLOCATION_AT_HAND: z.stringbool().default(true).describe('warehouses whose ledger is in this database answer in the append that asks; off, they are asked by Kafka like all others'),
    FLOTILLA_ALLOCATION_LEASE_SECONDS: z.coerce.number().min(0.1).max(3_600).default(30).describe('machine time from a lock to its confirmation'),
    FLOTILLA_ALLOCATION_REMOTE_LEDGERS: z.stringbool().default(false).describe('there are warehouses whose ledger is a participant of its own (REMOTE): their stock on stock.v1 is followed'),
    FLOTILLA_ALLOCATION_WAVES: z.stringbool().default(false).describe('parcels are picked in waves and checked by scan: released ones are followed. Off, none is known to the floor'),
    FLOTILLA_FULL_STATE_MINUTES: z.coerce.number().min(0).max(1_440).default(60).describe('how often the last level of every shelf, and every SKU, is said again on stock.v1 and catalogue.v1; 0 = never'),
    ...wmsConfig,
    ...suppliersConfig,
  },
  migrations: [ReadModels, NodeTables, RoutingTables, WmsReportTables, SupplierTables, SupplierShipping, SupplierFileTable, StockTables, FullStateLease, WaveTables, SagaTable, LockRoomIndexes, ScanLookups, StockFlowTable],
  deciders: [allocation],
  build: async (ctx) => {
    const { pool, store, config, clock } = ctx;
    const freezing = { rate: config.FLOTILLA_FREEZE_RATE, leastFailures: config.FLOTILLA_FREEZE_FAILURES, frozenMs: config.FLOTILLA_FREEZE_HOURS * 3_600_000 };
    const nodeTimer = nodeTimers(clock);
    const at = (): string => clock.machine().toISOString();
    const policy = { width: config.FLOTILLA_ALLOCATION_WIDTH, windowMs: config.FLOTILLA_ALLOCATION_WINDOW_MS, partial: config.FLOTILLA_ALLOCATION_PARTIAL };
    const leaseMs = config.FLOTILLA_ALLOCATION_LEASE_SECONDS * 1_000;
    // A ledger never moves (decide/ledger.ts), so each is looked up once.
    const known = new Map<string, Ledger>();
    let atHand: readonly string[] = [];
    const learn = async (sites: readonly string[]): Promise<void> => {
      const unknown = sites.filter((site) => !known.has(site));
      if (unknown.length === 0) return;
      for (const [site, { state }] of await store.folded(warehouse, unknown)) if (state) known.set(site, ledgerOf(state));
      atHand = [...known].flatMap(([site, ledger]) => (ledger === 'LOCAL' ? [site] : []));
    };
    const now = () => ({ at: at(), policy, business: business(), leaseMs, atHand });
    const business = (): string => clock.business().toISOString();
    const today = (): string => days.format(clock.business());
    const train = weeklyTraining(ctx);
    const snapshot = async (skus: readonly string[]) => {
      const figures = await withSuppliers({ store, pool, at: business() }, await withNodes(store, pool, await snapshotOf(store, skus, today()), business()));
      if (config.FLOTILLA_ALLOCATION_AT_HAND) await learn(figures.warehouses.map((site) => site.warehouse));
      return figures;
    };
    const folded = async (foIds: readonly string[]) => [...(await store.folded(allocation, foIds)).values()].map(({ state }) => state);
    const terms = () => ({ at: at(), leaseMs: config.FLOTILLA_ALLOCATION_LEASE_SECONDS * 1_000 });
    const wms = wmsParts(ctx, config.FLOTILLA_ALLOCATION_LEASE_SECONDS * 1_000);
    const suppliers = await suppliersParts(ctx);
    const ledgers = async (sites: readonly string[]) => new Map([...(await store.folded(warehouse, sites))].map(([site, { state }]) => [site, ledgerOf(state)]));
    const fire = fireTimer({ store, folded, snapshot, now, business });
    const hideSagas = showSagas(pool);
    const stopFullState = repeatFullState(ctx, { everyMinutes: config.FLOTILLA_FULL_STATE_MINUTES, categories: ['stock', 'sku', 'freeze'], publish });
    return {
      consumers: [
        { name: 'allocation', topics: [topics.order, topics.parcel, topics.lockReplies], handlers: sagaHandlers(now), prepare: prepareSnapshot({ folded, snapshot }) },
        { name: 'allocation-participant', topics: [topics.lockRequests], handlers: byLedger({ LOCAL: lockRequestHandlers(terms), WMS: wms.handlers, SUPPLIER: suppliers.handlers }), prepare: prepareLedgers(ledgers) },
        ...(config.FLOTILLA_ALLOCATION_REMOTE_LEDGERS ? [{ name: 'allocation-forecast', topics: [topics.stock, topics.lockReplies], handlers: remoteStockHandlers, prepare: prepareLedgers(ledgers) }] : []),
        suppliers.consumer,
        nodeFacts(business),
        toldChannels,
        outcomes,
        ...(config.FLOTILLA_ALLOCATION_WAVES ? [floorEvents(business)] : []),
      ],
      grpc: [catalogueGrpc(ctx), warehousesGrpc(ctx), stockGrpc(ctx, (site) => ledgerOf(site) === 'LOCAL', (site) => ledgerOf(site) !== 'REMOTE'), inboundsGrpc(ctx, (site) => ledgerOf(site) === 'LOCAL'), allocationsGrpc(ctx), locksGrpc(ctx), outcomesGrpc(ctx), nodesGrpc(ctx), freezesGrpc(ctx), oversellsGrpc(ctx), routingGrpc(ctx), wavesGrpc(ctx, (site) => ledgerOf(site) === 'LOCAL'), packingGrpc(ctx, suppliers.photos), wms.grpc, suppliers.grpc],
      controllers: [wms.controller, ...suppliers.controllers],
      timers: {
        changes: (event) => [...timerChanges(event), ...nodeTimer(event), ...trainingTimer(event), ...wms.timers(event), ...suppliers.timers(event)],
        fire: (timer, meta) => (isTraining(timer.key) ? train(meta) : isWmsLook(timer.data) ? wms.fire(timer.data, since(at(), timer.dueAt), meta) : isOfferLook(timer.data) ? suppliers.fire(timer.data, since(business(), timer.dueAt), meta) : fire(timer, meta)),
      },
      jobs: (event) => [...wms.jobs(event), ...suppliers.jobs(event)],
      performers: { ...wms.performers, ...suppliers.performers },
      followers: [readModels(clock), stockFlow(store, clock), wms.follower, suppliers.follower, reservationWatch({ pool, store, clock, policy: freezing, meta: (cause) => ctx.meta(cause) }), backorders({ pool, store, snapshot, now, meta: (cause) => ctx.meta(cause) })],
      publish,
      tally: () => tally(pool),
      stop: async () => {
        hideSagas();
        await stopFullState();
        await suppliers.stop();
        await wms.stop();
      },
    };
  },
});
