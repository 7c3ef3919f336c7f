import { topics } from '@flotilla/contracts';
import { defineService } from '@flotilla/service-kit';
import { z } from 'zod';
import { catalogueHandlers } from './accept/catalogue.consumer.js';
import { catalogueGrpc } from './accept/catalogue.grpc.js';
import { byLedger, lockRequestHandlers, prepareLedgers } from './accept/lock-requests.consumer.js';
import { inboundsGrpc } from './accept/inbounds.grpc.js';
import { stockGrpc } from './accept/stock.grpc.js';
import { fireLease } from './accept/timers.js';
import { warehousesGrpc } from './accept/warehouses.grpc.js';
import { timerChanges } from './coordinate/timers.js';
import { NodeTables } from './project/node-tables.js';
import { readModels, ReadModels } from './project/read-models.js';
import { FullStateLease, StockTables } from './project/stock-tables.js';
import { repeatFullState } from './perform/full-state.js';
import { publish } from './publish/publish.js';

const NAME = /^[a-z0-9][a-z0-9-]{0,30}$/;

/**
 * A participant of the lock protocol near its warehouses, with a database of its own: it answers their lock requests, keeps their
 * stock, ends leases, takes promises back, and says on stock.v1 what it has. Plans are made elsewhere.
 */
export const participantService = (name: string) =>
  defineService({
    name: `participant-${NAME.test(name) ? name : 'unnamed'}`,
    config: {
      FLOTILLA_PARTICIPANT: z.string().regex(NAME, 'lower-case letters, digits and "-", at most 31').describe('name of this participant: also its consumer group, so no two have the same'),
      FLOTILLA_PARTICIPANT_WAREHOUSES: z
        .string()
        .regex(/^[A-Za-z0-9_-]{1,32}(?:,[A-Za-z0-9_-]{1,32})*$/, 'warehouse ids, separated by commas')
        .describe('warehouses whose ledger is in this database, separated by commas; allocation has them as ledger REMOTE'),
      FLOTILLA_FULL_STATE_MINUTES: z.coerce.number().min(0).max(1_440).default(60).describe('how often the last level of every shelf is said again on stock.v1; 0 = never'),
      FLOTILLA_ALLOCATION_LEASE_SECONDS: z.coerce.number().min(0.1).max(3_600).default(30).describe('machine time from a lock to its confirmation'),
    },
    migrations: [ReadModels, NodeTables, StockTables, FullStateLease],
    build: (ctx) => {
      const { config, clock } = ctx;
      const at = (): string => clock.machine().toISOString();
      const sites = new Set(config.FLOTILLA_PARTICIPANT_WAREHOUSES.split(','));
      const own = lockRequestHandlers(() => ({ at: at(), leaseMs: config.FLOTILLA_ALLOCATION_LEASE_SECONDS * 1_000 }));
      const ledgers = async (asked: readonly string[]) => new Map(asked.map((site) => [site, sites.has(site) ? 'LOCAL' as const : 'REMOTE' as const]));
      const group = `participant-${config.FLOTILLA_PARTICIPANT}`;
      return {
        consumers: [
          { name: group, topics: [topics.lockRequests], handlers: byLedger({ LOCAL: own }), prepare: prepareLedgers(ledgers, 'REMOTE') },
          { name: `${group}-catalogue`, topics: [topics.catalogue], handlers: catalogueHandlers },
        ],
        grpc: [catalogueGrpc(ctx), warehousesGrpc(ctx), stockGrpc(ctx, ({ warehouse }) => sites.has(warehouse)), inboundsGrpc(ctx, ({ warehouse }) => sites.has(warehouse))],
        timers: { changes: timerChanges, fire: fireLease({ store: ctx.store, at }) },
        followers: [readModels(clock)],
        stop: repeatFullState(ctx, { everyMinutes: config.FLOTILLA_FULL_STATE_MINUTES, categories: ['stock'], publish }),
        // The catalogue is the fleet's word, not this participant's.
        publish: (event) => (event.stream.startsWith('sku-') ? [] : publish(event)),
      };
    },
  });
