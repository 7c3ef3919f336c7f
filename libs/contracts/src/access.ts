import * as alerts from './plain/alerts.js';
import * as allocation from './plain/allocation.js';
import * as carrier from './plain/carrier.js';
import * as ingest from './plain/ingest.js';
import * as ops from './plain/ops.js';
import * as order from './plain/order.js';
import * as settlement from './plain/settlement.js';
import * as tracking from './plain/tracking.js';
import { serviceDesc } from './grpc.js';
import type { RpcMethod, ServiceRef } from './service-ref.js';

/** What a caller may be. `service` is a service of the fleet: it asks others and opens sealed texts, and changes nothing elsewhere. */
export const roles = ['viewer', 'operator', 'warehouse', 'finance', 'admin', 'service'] as const;
export type Role = (typeof roles)[number];

export interface Access {
  /** A `command` changes something, and stands in the audit log. */
  readonly kind: 'read' | 'command';
  readonly roles: readonly Role[];
}

const look: Access = { kind: 'read', roles };
const lookAtMoney: Access = { kind: 'read', roles: ['finance', 'admin'] };
/** A whole input, with whatever its sender wrote. */
const lookAtInput: Access = { kind: 'read', roles: ['operator', 'admin'] };
const tryOut: Access = { kind: 'read', roles: ['admin'] };
const openSealed: Access = { kind: 'read', roles: ['service'] };
const operate: Access = { kind: 'command', roles: ['operator', 'admin'] };
const handle: Access = { kind: 'command', roles: ['warehouse', 'operator', 'admin'] };
const serveAgents: Access = { kind: 'read', roles: ['warehouse', 'operator', 'admin'] };
const settle: Access = { kind: 'command', roles: ['finance', 'admin'] };
const setUp: Access = { kind: 'command', roles: ['admin'] };
const keepOneself: Access = { kind: 'command', roles: ['viewer', 'operator', 'warehouse', 'finance', 'admin'] };

const of = <Rpc>(service: ServiceRef<Rpc>, methods: { readonly [K in keyof Rpc]: Rpc[K] extends RpcMethod ? Access : never }): readonly (readonly [string, Access])[] =>
  serviceDesc(service).methods.map(({ name, localName }) => [`/${service.typeName}/${name}`, (methods as unknown as Readonly<Record<string, Access>>)[localName]!]);

/** Who may call what, by path (`/flotilla.order.v1.Orders/Get`). A method that is not here is nobody's; its spec holds it against proto/. */
export const access: ReadonlyMap<string, Access> = new Map([
  ...of(ingest.Channels, { connect: setUp, renew: setUp, get: look, list: look, test: setUp, putOrderPull: setUp, getOrderPull: look, pullOrders: operate }),
  ...of(ingest.ChannelOrders, { get: look, list: look }),
  ...of(ingest.Imports, { upload: operate, get: look, list: look, listRows: look, putSource: setUp, getSource: look }),
  ...of(ingest.Mappings, { put: setUp, get: look, preview: tryOut, recent: tryOut }),
  ...of(ingest.Remarks, { putRules: setUp, getRules: look, try: look }),
  ...of(ingest.Quarantine, { list: look, count: look, open: lookAtInput, replay: operate, replayMany: operate, getReplay: look, listReplayed: look }),
  ...of(ingest.SkuMap, { putPolicy: setUp, getPolicy: look, map: operate, unmap: operate, list: look, import: operate, listTasks: look }),
  ...of(ingest.ChannelStock, { putRules: setUp, getRules: look, pull: operate, getPull: look, listDifferences: look, listItems: look, listLevels: look, push: operate }),
  ...of(ingest.WriteBacks, { list: look }),
  ...of(ingest.SubjectKeys, { get: openSealed, erase: setUp }),

  ...of(order.Orders, {
    get: look, list: look, history: look, asOf: look, diff: look, overview: look, export: look,
    approve: operate, hold: operate, release: operate, cancel: operate, changeAddress: operate, intercept: operate, split: operate, allowPartial: operate, claim: operate, releaseClaim: operate,
  }),
  ...of(order.ShippingRules, { get: look, put: setUp }),
  ...of(order.Operations, { start: operate, get: look, list: look, listOutcomes: look, cancel: operate }),
  ...of(order.Figures, { get: look }),
  ...of(order.Views, { save: keepOneself, remove: keepOneself, list: look }),

  ...of(allocation.Catalogue, { import: setUp, get: look, list: look, search: look, resolve: look, sizes: look }),
  ...of(allocation.Warehouses, { import: setUp, list: look }),
  ...of(allocation.Stock, { import: handle, adjust: handle, setSafety: operate, get: look, list: look, movements: look }),
  ...of(allocation.Inbounds, { announce: operate, import: operate, receive: handle, end: handle, requestTransfer: operate, shipTransfer: handle, cancelTransfer: operate, explain: look, get: look, list: look }),
  ...of(allocation.Allocations, { get: look, explain: look }),
  ...of(allocation.Locks, { list: look, listQuestions: look, listBackorders: look, listHot: look }),
  ...of(allocation.Outcomes, { lateness: look, turnover: look }),
  ...of(allocation.Nodes, { list: look, suspend: operate, resume: operate }),
  ...of(allocation.Freezes, { list: look, freeze: operate, unfreeze: operate }),
  ...of(allocation.Oversells, { list: look, listSales: look }),
  ...of(allocation.StockFeeds, { push: handle, reconcile: handle, listReports: look, getReport: look }),
  ...of(allocation.Routing, { putRules: setUp, getRules: look, listRules: look, activate: setUp, importLanes: setUp, listLanes: look, whatIf: look, train: setUp, getModel: look, compareRouters: look }),
  ...of(allocation.Suppliers, { import: setUp, list: look, get: look, listOffers: look, listFiles: look }),
  ...of(allocation.Waves, { make: handle, get: look, list: look, recordPick: handle, reportShort: handle, end: handle, importBins: handle, listParcels: look }),
  ...of(allocation.Packing, { get: look, scan: handle, pack: handle, attachPhoto: handle }),

  // A label is a command: it is noted who printed it. It has the recipient in clear.
  ...of(carrier.Parcels, { get: look, list: look, find: look, ship: handle, label: handle, importNumbers: handle, reportNumber: handle, printBatch: handle }),
  ...of(carrier.Manifests, { get: look }),
  ...of(carrier.Pools, { import: setUp, list: look }),
  ...of(carrier.Suspensions, { import: operate, put: operate, lift: operate, list: look }),
  // Print agents poll with a token of their station; what became of a job stands in its events.
  ...of(carrier.Printing, { putStation: operate, listStations: look, issueToken: operate, print: handle, drop: handle, list: look, poll: serveAgents, fetch: serveAgents }),
  ...of(carrier.RateCards, { import: setUp, quote: look }),

  ...of(tracking.Shipments, { get: look, list: look, record: handle }),
  ...of(tracking.BuyerSettings, { put: setUp, get: look }),
  ...of(tracking.Feedback, { list: look }),

  ...of(settlement.Statements, { import: settle, get: look, list: look, export: lookAtMoney, listFaults: look, review: settle, closeStatement: settle }),
  ...of(settlement.StatementFormats, { list: look, put: settle, retire: settle }),
  ...of(settlement.Worklist, { list: look, resolve: settle }),
  ...of(settlement.FxRates, { import: settle, list: look }),
  ...of(settlement.Invoices, { import: settle, get: lookAtMoney }),
  ...of(settlement.Books, { export: lookAtMoney }),
  ...of(settlement.Ledger, { trialBalance: lookAtMoney }),

  ...of(alerts.Incidents, { list: look, get: look, board: look, ack: keepOneself, escalate: operate, comment: keepOneself }),
  ...of(alerts.Timers, { list: look }),
  ...of(alerts.Notices, { putPolicy: setUp, getPolicy: look, listTargets: look, listMessages: look }),
  ...of(alerts.Silences, { add: operate, lift: operate, list: look }),
  ...of(alerts.Reports, { list: look, get: look, paper: look }),
  ...of(alerts.Rules, { putRules: setUp, getRules: look }),
  ...of(alerts.Webhooks, { create: setUp, get: look, list: look, update: setUp, rotateSecret: setUp, disable: setUp, enable: setUp, delete: setUp, listTypes: look, listDeliveries: look, redeliver: operate }),

  ...of(ops.ParkedMessages, { list: look, show: lookAtInput, replay: operate, discard: operate }),
  ...of(ops.Tallies, { get: look }),
  ...of(ops.Changes, { watch: look }),
  ...of(ops.AuditLog, { list: { kind: 'read', roles: ['admin'] } }),
]);
