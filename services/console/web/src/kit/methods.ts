import type { alerts, allocation, carrier, ingest, ops, order, RpcMethod, settlement, tracking } from '@flotilla/contracts';

/** Every service that a page may ask, by its full name; types alone, so nothing of the contracts reaches the bundle. */
interface Shared {
  'flotilla.alerts.v1.Incidents': alerts.IncidentsRpc;
  'flotilla.alerts.v1.Timers': alerts.TimersRpc;
  'flotilla.alerts.v1.Notices': alerts.NoticesRpc;
  'flotilla.alerts.v1.Silences': alerts.SilencesRpc;
  'flotilla.alerts.v1.Reports': alerts.ReportsRpc;
  'flotilla.alerts.v1.Rules': alerts.RulesRpc;
  'flotilla.allocation.v1.Catalogue': allocation.CatalogueRpc;
  'flotilla.allocation.v1.Warehouses': allocation.WarehousesRpc;
  'flotilla.allocation.v1.Stock': allocation.StockRpc;
  'flotilla.allocation.v1.Inbounds': allocation.InboundsRpc;
  'flotilla.allocation.v1.Allocations': allocation.AllocationsRpc;
  'flotilla.allocation.v1.Locks': allocation.LocksRpc;
  'flotilla.allocation.v1.Outcomes': allocation.OutcomesRpc;
  'flotilla.allocation.v1.Nodes': allocation.NodesRpc;
  'flotilla.allocation.v1.Freezes': allocation.FreezesRpc;
  'flotilla.allocation.v1.Oversells': allocation.OversellsRpc;
  'flotilla.allocation.v1.StockFeeds': allocation.StockFeedsRpc;
  'flotilla.allocation.v1.Routing': allocation.RoutingRpc;
  'flotilla.allocation.v1.Suppliers': allocation.SuppliersRpc;
  'flotilla.allocation.v1.Waves': allocation.WavesRpc;
  'flotilla.allocation.v1.Packing': allocation.PackingRpc;
  'flotilla.carrier.v1.Parcels': carrier.ParcelsRpc;
  'flotilla.carrier.v1.Manifests': carrier.ManifestsRpc;
  'flotilla.carrier.v1.Pools': carrier.PoolsRpc;
  'flotilla.carrier.v1.Suspensions': carrier.SuspensionsRpc;
  'flotilla.carrier.v1.RateCards': carrier.RateCardsRpc;
  'flotilla.carrier.v1.Printing': carrier.PrintingRpc;
  'flotilla.ingest.v1.Imports': ingest.ImportsRpc;
  'flotilla.ingest.v1.Channels': ingest.ChannelsRpc;
  'flotilla.ingest.v1.ChannelOrders': ingest.ChannelOrdersRpc;
  'flotilla.ingest.v1.Quarantine': ingest.QuarantineRpc;
  'flotilla.ingest.v1.WriteBacks': ingest.WriteBacksRpc;
  'flotilla.ingest.v1.ChannelStock': ingest.ChannelStockRpc;
  'flotilla.ingest.v1.Mappings': ingest.MappingsRpc;
  'flotilla.ingest.v1.Remarks': ingest.RemarksRpc;
  'flotilla.ingest.v1.SkuMap': ingest.SkuMapRpc;
  'flotilla.order.v1.Orders': order.OrdersRpc;
  'flotilla.order.v1.Figures': order.FiguresRpc;
  'flotilla.order.v1.ShippingRules': order.ShippingRulesRpc;
  'flotilla.order.v1.Operations': order.OperationsRpc;
  'flotilla.order.v1.Views': order.ViewsRpc;
  'flotilla.settlement.v1.Statements': settlement.StatementsRpc;
  'flotilla.settlement.v1.StatementFormats': settlement.StatementFormatsRpc;
  'flotilla.settlement.v1.Worklist': settlement.WorklistRpc;
  'flotilla.settlement.v1.FxRates': settlement.FxRatesRpc;
  'flotilla.settlement.v1.Invoices': settlement.InvoicesRpc;
  'flotilla.settlement.v1.Books': settlement.BooksRpc;
  'flotilla.settlement.v1.Ledger': settlement.LedgerRpc;
  'flotilla.tracking.v1.Shipments': tracking.ShipmentsRpc;
  'flotilla.tracking.v1.BuyerSettings': tracking.BuyerSettingsRpc;
  'flotilla.tracking.v1.Feedback': tracking.FeedbackRpc;
}

/** Who serves what every service serves: it is asked by its name, `ingest:flotilla.ops.v1.Tallies/Get`. */
export type Owner = 'ingest' | 'order-core' | 'allocation' | 'carrier' | 'tracking' | 'settlement' | 'alerts';
type Everywhere = { readonly [S in `${Owner}:flotilla.ops.v1.ParkedMessages`]: ops.ParkedMessagesRpc } & { readonly [S in `${Owner}:flotilla.ops.v1.Tallies`]: ops.TalliesRpc };
type Services = Shared & Everywhere;

type MethodsOf<S extends keyof Services> = `${S}/${Capitalize<keyof Services[S] & string>}`;

/** `flotilla.order.v1.Orders/Get`, and every other one. */
export type Method = { readonly [S in keyof Services]: MethodsOf<S> }[keyof Services];

type RpcOf<M extends Method> = M extends `${infer S extends keyof Services}/${infer Name}` ? (Uncapitalize<Name> extends keyof Services[S] ? Services[S][Uncapitalize<Name>] : never) : never;

type Deep<T> = T extends Uint8Array ? string : T extends readonly (infer E)[] ? readonly Deep<E>[] : T extends object ? { readonly [K in keyof T]?: Deep<T[K]> } : T;

/** What a method is asked: every field may be left out; bytes are base64. */
export type RequestOf<M extends Method> = RpcOf<M> extends { readonly input: infer I } ? Deep<I> : never;

/** What it answers. */
export type AnswerOf<M extends Method> = RpcOf<M> extends RpcMethod & { readonly output: infer O } ? O : never;
