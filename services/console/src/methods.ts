import { alerts, allocation, carrier, ingest, ops, order, serviceDesc, settlement, tracking, type ServiceRef } from '@flotilla/contracts';

/** What a person may be. */
export const roles = ['viewer', 'operator', 'warehouse', 'finance', 'admin'] as const;
export type Role = (typeof roles)[number];

/** Whose data keys open sealed texts for them, when they ask for it. */
export const seePersonalData: readonly Role[] = ['operator', 'warehouse', 'admin'];

export const owners = ['ingest', 'order-core', 'allocation', 'carrier', 'tracking', 'settlement', 'alerts'] as const;
export type Owner = (typeof owners)[number];

interface Access {
  /** A `command` changes something. */
  readonly kind: 'read' | 'command';
  readonly roles: readonly Role[];
  /** Fields that hold personal data in clear, as paths without indexes (`choices.address`); nobody sees them who does not see personal data. */
  readonly clear?: readonly string[];
  /** Everything that it answers is somebody's words in clear: noted each time. */
  readonly noted?: true;
  readonly file?: { readonly type: string; readonly name: string };
  readonly deadlineMs?: number;
}

/** One method of one service, as pages may ask it. */
export interface Method extends Access {
  /** `flotilla.order.v1.Orders/Get`; what every service serves is named with whom is asked: `order-core:flotilla.ops.v1.Tallies/Get`. */
  readonly name: string;
  readonly owner: Owner;
  readonly service: ServiceRef<unknown>;
  readonly desc: ReturnType<typeof serviceDesc>['methods'][number];
}

const look: Access = { kind: 'read', roles };
const lookAtMoney: Access = { kind: 'read', roles: ['finance', 'admin'] };
const lookAtInput: Access = { kind: 'read', roles: ['operator', 'admin'], noted: true };
const operate: Access = { kind: 'command', roles: ['operator', 'admin'] };
const handle: Access = { kind: 'command', roles: ['warehouse', 'operator', 'admin'] };
const settle: Access = { kind: 'command', roles: ['finance', 'admin'] };
const setUp: Access = { kind: 'command', roles: ['admin'] };
const own: Access = { kind: 'command', roles };
const file = (access: Access, type: string, name: string): Access => ({ ...access, file: { type, name }, deadlineMs: 300_000 });
const long = (access: Access): Access => ({ ...access, deadlineMs: 120_000 });
const sheet = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

const of = <Rpc>(owner: Owner, service: ServiceRef<Rpc>, methods: { readonly [K in keyof Rpc]?: Access }, prefix = ''): readonly (readonly [string, Method])[] =>
  serviceDesc(service).methods.flatMap((desc) => {
    const access = (methods as Readonly<Record<string, Access | undefined>>)[desc.localName];
    const name = `${prefix}${service.typeName}/${desc.name}`;
    return access ? [[name, { ...access, name, owner, service, desc }] as const] : [];
  });

/** Who may ask what. A method that is not here is for services and print agents alone; the spec holds the table against proto/. */
export const methods: ReadonlyMap<string, Method> = new Map([
  ...of('ingest', ingest.Channels, { connect: setUp, renew: setUp, get: look, list: look, test: long(setUp), putOrderPull: setUp, getOrderPull: look, pullOrders: operate }),
  ...of('ingest', ingest.ChannelOrders, { get: look, list: look }),
  ...of('ingest', ingest.Imports, { upload: long(operate), get: look, list: look, listRows: look, putSource: setUp, getSource: look }),
  ...of('ingest', ingest.Mappings, { put: setUp, get: look, preview: { ...lookAtInput, roles: ['admin'] }, recent: { ...look, roles: ['admin'] } }),
  ...of('ingest', ingest.Remarks, { putRules: setUp, getRules: look, try: look }),
  ...of('ingest', ingest.Quarantine, { list: look, count: look, open: lookAtInput, replay: operate, replayMany: operate, getReplay: look, listReplayed: look }),
  ...of('ingest', ingest.SkuMap, { putPolicy: setUp, getPolicy: look, map: operate, unmap: operate, list: look, import: long(operate), listTasks: look }),
  ...of('ingest', ingest.ChannelStock, { putRules: setUp, getRules: look, pull: operate, getPull: look, listDifferences: look, listItems: look, listLevels: look, push: operate }),
  ...of('ingest', ingest.WriteBacks, { list: look }),

  ...of('order-core', order.Orders, {
    get: look, list: look, history: look, asOf: look, diff: look, overview: look, export: file(look, 'text/csv; charset=utf-8', 'orders.csv'),
    approve: operate, hold: operate, release: operate, cancel: operate, changeAddress: operate, intercept: operate, split: operate, allowPartial: operate,
  }),
  ...of('order-core', order.ShippingRules, { get: look, put: setUp }),
  ...of('order-core', order.Operations, { start: long(operate), get: look, list: look, listOutcomes: look, cancel: operate }),
  ...of('order-core', order.Views, { save: own, remove: own, list: look }),
  ...of('order-core', order.Figures, { get: look }),

  ...of('allocation', allocation.Catalogue, { import: long(setUp), get: look, list: look, search: look, resolve: look, sizes: look }),
  ...of('allocation', allocation.Warehouses, { import: long(setUp), list: look }),
  ...of('allocation', allocation.Stock, { import: long(handle), adjust: handle, setSafety: operate, get: look, list: look, movements: look }),
  ...of('allocation', allocation.Inbounds, { announce: operate, import: long(operate), receive: handle, end: handle, requestTransfer: operate, shipTransfer: handle, cancelTransfer: operate, explain: look, get: look, list: look }),
  ...of('allocation', allocation.Allocations, { get: look, explain: look }),
  ...of('allocation', allocation.Locks, { list: look, listQuestions: look, listBackorders: look, listHot: look }),
  ...of('allocation', allocation.Nodes, { list: look, suspend: operate, resume: operate }),
  ...of('allocation', allocation.Freezes, { list: look, freeze: operate, unfreeze: operate }),
  ...of('allocation', allocation.Oversells, { list: look, listSales: look }),
  ...of('allocation', allocation.StockFeeds, { listReports: look, getReport: look }),
  ...of('allocation', allocation.Routing, {
    putRules: setUp, getRules: look, listRules: look, activate: setUp, importLanes: long(setUp), listLanes: look, whatIf: long(look), train: long(setUp), getModel: look, compareRouters: long(look),
  }),
  ...of('allocation', allocation.Suppliers, { import: long(setUp), list: look, get: look, listOffers: look, listFiles: look }),
  ...of('allocation', allocation.Waves, { make: handle, get: look, list: look, recordPick: handle, reportShort: handle, end: handle, importBins: long(handle), listParcels: look }),
  ...of('allocation', allocation.Packing, { get: look, scan: handle, pack: handle, attachPhoto: handle }),
  ...of('allocation', allocation.Outcomes, { lateness: look }),

  // A label is a command: carrier notes who printed it. Its preview is masked by carrier itself.
  ...of('carrier', carrier.Parcels, { get: look, list: look, find: look, ship: handle, label: file(handle, 'application/pdf', 'label'), importNumbers: long(handle), reportNumber: handle, printBatch: file(handle, 'application/pdf', 'batch.pdf') }),
  ...of('carrier', carrier.Manifests, { get: file(look, 'application/pdf', 'manifest.pdf') }),
  ...of('carrier', carrier.Pools, { import: long(setUp), list: look }),
  ...of('carrier', carrier.Suspensions, { import: long(operate), put: operate, lift: operate, list: look }),
  ...of('carrier', carrier.RateCards, { import: long(setUp), quote: look }),
  ...of('carrier', carrier.Printing, { putStation: operate, listStations: look, issueToken: operate, print: handle, drop: handle, list: look }),

  ...of('tracking', tracking.Shipments, { get: { ...look, clear: ['choices.address'] }, list: { ...look, clear: ['shipments.choices.address'] }, record: { ...handle, clear: ['choices.address'] } }),
  ...of('tracking', tracking.BuyerSettings, { put: setUp, get: look }),
  ...of('tracking', tracking.Feedback, { list: look }),

  ...of('settlement', settlement.Statements, { import: long(settle), get: look, list: look, export: file(lookAtMoney, 'text/csv; charset=utf-8', 'statement.csv'), listFaults: look, review: settle, closeStatement: settle }),
  ...of('settlement', settlement.StatementFormats, { list: look, put: settle, retire: settle }),
  ...of('settlement', settlement.Worklist, { list: look, resolve: settle }),
  ...of('settlement', settlement.FxRates, { import: long(settle), list: look }),
  ...of('settlement', settlement.Invoices, { import: long(settle), get: lookAtMoney }),
  ...of('settlement', settlement.Books, { export: file(lookAtMoney, sheet, 'books.xlsx') }),
  ...of('settlement', settlement.Ledger, { trialBalance: lookAtMoney }),

  ...of('alerts', alerts.Incidents, { list: look, get: look, board: look, ack: own, escalate: operate, comment: own }),
  ...of('alerts', alerts.Timers, { list: look }),
  ...of('alerts', alerts.Notices, { putPolicy: setUp, getPolicy: look, listTargets: look, listMessages: look }),
  ...of('alerts', alerts.Silences, { add: operate, lift: operate, list: look }),
  ...of('alerts', alerts.Reports, { list: look, get: look, paper: file(look, 'application/pdf', 'report.pdf') }),
  ...of('alerts', alerts.Rules, { putRules: setUp, getRules: look }),

  ...owners.flatMap((owner) => [
    ...of(owner, ops.ParkedMessages, { list: look, show: lookAtInput, replay: operate, discard: operate }, `${owner}:`),
    ...of(owner, ops.Tallies, { get: look }, `${owner}:`),
  ]),
]);

export const may = (person: { readonly roles: readonly Role[] }, { roles: allowed }: Pick<Access, 'roles'>): boolean => person.roles.some((role) => allowed.includes(role));
