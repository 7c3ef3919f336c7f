import { access, allocation, alerts, carrier, ingest, ops, order, serviceDesc, settlement, tracking, type Access as Rule, type Role as AnyRole, type ServiceRef } from '@flotilla/contracts';

/** What a person may be. */
export const roles = ['viewer', 'operator', 'warehouse', 'finance', 'admin'] as const satisfies readonly AnyRole[];
export type Role = (typeof roles)[number];

/** Whose data keys open sealed texts for them, when they ask for it. */
export const seePersonalData: readonly Role[] = ['operator', 'warehouse', 'admin'];

export const owners = ['ingest', 'order-core', 'allocation', 'carrier', 'tracking', 'settlement', 'alerts'] as const;
export type Owner = (typeof owners)[number];

/** How a page asks a method, beyond who may (which `access` says for everybody who calls). */
interface Asked {
  /** Fields that hold personal data in clear, as paths without indexes (`choices.address`); nobody sees them who does not see personal data. */
  readonly clear?: readonly string[];
  /** Everything that it answers is somebody's words in clear: noted each time. */
  readonly noted?: true;
  readonly file?: { readonly type: string; readonly name: string };
  readonly deadlineMs?: number;
}

/** One method of one service, as pages may ask it. */
export interface Method extends Asked {
  readonly kind: Rule['kind'];
  readonly roles: readonly Role[];
  /** `flotilla.order.v1.Orders/Get`; what every service serves is named with whom is asked: `order-core:flotilla.ops.v1.Tallies/Get`. */
  readonly name: string;
  readonly owner: Owner;
  readonly service: ServiceRef<unknown>;
  readonly desc: ReturnType<typeof serviceDesc>['methods'][number];
}

const services: Readonly<Record<Owner, readonly ServiceRef<unknown>[]>> = {
  ingest: [ingest.Channels, ingest.ChannelOrders, ingest.Imports, ingest.Mappings, ingest.Remarks, ingest.Quarantine, ingest.SkuMap, ingest.ChannelStock, ingest.WriteBacks, ingest.SubjectKeys],
  'order-core': [order.Orders, order.ShippingRules, order.Operations, order.Views, order.Figures],
  allocation: [allocation.Catalogue, allocation.Warehouses, allocation.Stock, allocation.Inbounds, allocation.Allocations, allocation.Locks, allocation.Nodes, allocation.Freezes, allocation.Oversells, allocation.StockFeeds, allocation.Routing, allocation.Suppliers, allocation.Waves, allocation.Packing, allocation.Outcomes],
  carrier: [carrier.Parcels, carrier.Manifests, carrier.Pools, carrier.Suspensions, carrier.RateCards, carrier.Printing],
  tracking: [tracking.Shipments, tracking.BuyerSettings, tracking.Feedback],
  settlement: [settlement.Statements, settlement.StatementFormats, settlement.Worklist, settlement.FxRates, settlement.Invoices, settlement.Books, settlement.Ledger],
  alerts: [alerts.Incidents, alerts.Timers, alerts.Notices, alerts.Silences, alerts.Reports, alerts.Rules, alerts.Webhooks],
};
/** What every service serves: a page says whom it asks. */
const everywhere = [ops.ParkedMessages, ops.Tallies, ops.AuditLog] as readonly ServiceRef<unknown>[];

const input: Asked = { noted: true };
const long: Asked = { deadlineMs: 120_000 };
const file = (type: string, name: string): Asked => ({ file: { type, name }, deadlineMs: 300_000 });
const sheet = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const csv = 'text/csv; charset=utf-8';
const pdf = 'application/pdf';

const asked: Readonly<Record<string, Asked>> = {
  'flotilla.ingest.v1.Channels/Test': long,
  'flotilla.ingest.v1.Imports/Upload': long,
  'flotilla.ingest.v1.Mappings/Preview': input,
  'flotilla.ingest.v1.Quarantine/Open': input,
  'flotilla.ingest.v1.SkuMap/Import': long,
  'flotilla.order.v1.Orders/Export': file(csv, 'orders.csv'),
  'flotilla.order.v1.Operations/Start': long,
  'flotilla.allocation.v1.Catalogue/Import': long,
  'flotilla.allocation.v1.Warehouses/Import': long,
  'flotilla.allocation.v1.Stock/Import': long,
  'flotilla.allocation.v1.Inbounds/Import': long,
  'flotilla.allocation.v1.Routing/ImportLanes': long,
  'flotilla.allocation.v1.Routing/WhatIf': long,
  'flotilla.allocation.v1.Routing/Train': long,
  'flotilla.allocation.v1.Routing/CompareRouters': long,
  'flotilla.allocation.v1.Suppliers/Import': long,
  'flotilla.allocation.v1.Waves/ImportBins': long,
  'flotilla.carrier.v1.Parcels/Label': file(pdf, 'label'),
  'flotilla.carrier.v1.Parcels/ImportNumbers': long,
  'flotilla.carrier.v1.Parcels/PrintBatch': file(pdf, 'batch.pdf'),
  'flotilla.carrier.v1.Manifests/Get': file(pdf, 'manifest.pdf'),
  'flotilla.carrier.v1.Pools/Import': long,
  'flotilla.carrier.v1.Suspensions/Import': long,
  'flotilla.carrier.v1.RateCards/Import': long,
  'flotilla.tracking.v1.Shipments/Get': { clear: ['choices.address'] },
  'flotilla.tracking.v1.Shipments/List': { clear: ['shipments.choices.address'] },
  'flotilla.tracking.v1.Shipments/Record': { clear: ['choices.address'] },
  'flotilla.settlement.v1.Statements/Import': long,
  'flotilla.settlement.v1.Statements/Export': file(csv, 'statement.csv'),
  'flotilla.settlement.v1.FxRates/Import': long,
  'flotilla.settlement.v1.Invoices/Import': long,
  'flotilla.settlement.v1.Books/Export': file(sheet, 'books.xlsx'),
  'flotilla.alerts.v1.Reports/Paper': file(pdf, 'report.pdf'),
  'flotilla.ops.v1.ParkedMessages/Show': input,
};

/** For services, other systems and print agents alone, whoever signs in here. */
const notForPages: ReadonlySet<string> = new Set(['flotilla.allocation.v1.StockFeeds/Push', 'flotilla.allocation.v1.StockFeeds/Reconcile', 'flotilla.carrier.v1.Printing/Poll', 'flotilla.carrier.v1.Printing/Fetch']);

const of = (owner: Owner, service: ServiceRef<unknown>, prefix = ''): readonly (readonly [string, Method])[] =>
  serviceDesc(service).methods.flatMap((desc) => {
    const path = `${service.typeName}/${desc.name}`;
    const rule = access.get(`/${path}`);
    const people = roles.filter((role) => rule?.roles.includes(role));
    if (!rule || people.length === 0 || notForPages.has(path)) return [];
    const name = `${prefix}${path}`;
    return [[name, { ...asked[path], kind: rule.kind, roles: people, name, owner, service, desc }] as const];
  });

/** What pages may ask, by whom. */
export const methods: ReadonlyMap<string, Method> = new Map(owners.flatMap((owner) => [...services[owner].flatMap((service) => of(owner, service)), ...everywhere.flatMap((service) => of(owner, service, `${owner}:`))]));

export const may = (person: { readonly roles: readonly Role[] }, { roles: allowed }: Pick<Method, 'roles'>): boolean => person.roles.some((role) => allowed.includes(role));
