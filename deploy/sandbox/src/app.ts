import fastify from 'fastify';
import { Account } from './bills/bills.js';
import { topGateway } from './carriers/cainiao/top.http.js';
import { CainiaoWaybills } from './carriers/cainiao/waybills.js';
import { kdniaoGateway } from './carriers/kdniao/gateway.http.js';
import { KdniaoOrders } from './carriers/kdniao/orders.js';
import { sfGateway } from './carriers/sf/gateway.http.js';
import { SfParcels, type SfParcel } from './carriers/sf/parcels.js';
import { RoutePushes } from './carriers/sf/pushes.js';
import { readClock } from './clock.js';
import type { Config } from './config.js';
import { Publisher } from './connector/publisher.js';
import { controlApi } from './control/control.http.js';
import { platformsApi } from './control/platforms.http.js';
import { worldsApi } from './control/worlds.http.js';
import { filesApi } from './files/files.http.js';
import { Faults } from './faults/faults.js';
import { hooksApi } from './hooks/hooks.http.js';
import { Ledger } from './ledger/ledger.js';
import { MailSink } from './mail/sink.js';
import { readCatalogue } from './orders/catalogue.js';
import { FileDesk } from './platforms/files/files.js';
import { LiveHooks, type LiveShop } from './platforms/generic/live.js';
import { adminApi } from './platforms/shopify/admin.http.js';
import { ShopFront } from './platforms/shopify/front.js';
import { graphqlApi } from './platforms/shopify/graphql.http.js';
import { Inventory } from './platforms/shopify/inventory.js';
import { Payouts } from './platforms/shopify/payouts.js';
import { Shop } from './platforms/shopify/shop.js';
import { Webhooks } from './platforms/shopify/webhooks.js';
import { TaobaoShop } from './platforms/taobao/shop.js';
import { tradesGateway } from './platforms/taobao/top.http.js';
import { wooApi } from './platforms/woocommerce/rest.http.js';
import { WooShop } from './platforms/woocommerce/shop.js';
import { WooWebhooks } from './platforms/woocommerce/webhooks.js';
import { People } from './people/people.js';
import { peopleApi } from './people/people.http.js';
import { Runs } from './scenario/run.js';
import { suppliersApi } from './suppliers/suppliers.http.js';
import { ticketsApi } from './tickets/tickets.http.js';
import { trackersApi } from './trackers/trackers.http.js';
import { wmsApi } from './wms/wms.http.js';

export interface Sandbox {
  httpPort: number;
  smtpPort: number;
  close(): Promise<void>;
}

/** Starts the outside world: its shops, its carrier, its mail server, and the levers that move them. */
export async function startSandbox(config: Config): Promise<Sandbox> {
  const clock = readClock(config.clock);
  const now = (): number => clock.business().getTime();
  const ledger = new Ledger();
  const faults = new Faults();
  const { ingestUrl, trackingUrl } = config;

  const shops = new Map(config.channels.filter(({ platform }) => platform === 'shopify').map(({ id, secret, appKey }) => [id, new Shop(id, secret, appKey, now)]));
  const books = new Map([...shops.values()].map((shop) => [shop, new Payouts(shop, now)]));
  const payouts = (shop: Shop): Payouts => books.get(shop) ?? new Payouts(shop, now);
  const catalogue = readCatalogue();
  const stores = new Map([...shops.values()].map((shop) => [shop, new Inventory(shop.channel, catalogue)]));
  for (const [shop, store] of stores) shop.sold = (sku, quantity) => store.sell(sku, quantity);
  const inventory = (shop: Shop): Inventory => stores.get(shop)!;
  const webhooks = new Webhooks({ ingestUrl, ledger, faults });
  const front = new ShopFront({ shops, webhooks, now });
  const woo = new Map(config.channels.filter(({ platform }) => ['woo', 'woocommerce'].includes(platform)).map(({ id, secret, appKey }) => [id, new WooShop(id, secret, appKey, now)]));
  const wooWebhooks = new WooWebhooks({ ingestUrl, ledger, faults });
  const taobao = new Map(config.channels.filter(({ platform }) => ['taobao', 'tmall'].includes(platform)).map(({ id, secret, appKey }) => [id, new TaobaoShop(id, secret, appKey, now)]));
  const publisher = new Publisher({ brokers: config.brokers, ingestUrl, ledger, faults });
  // A channel without a platform of its own is fed by the topic alone.
  const connectors = config.channels.filter(({ platform }) => ['connector', 'topic'].includes(platform)).map(({ id }) => id);
  const live = new Map<string, LiveShop>(config.channels.filter(({ platform }) => platform === 'generic').map(({ id, secret }) => [id, { channel: id, secret }]));
  const files = new Map(config.channels.filter(({ platform }) => platform === 'csv').map(({ id, secret }) => [id, { channel: id, secret }]));
  const liveHooks = new LiveHooks({ ingestUrl, ledger });
  const fileDesk = new FileDesk({ ingestUrl, ledger });
  // Who pays the merchant for which channel: Alipay for Taobao's trades and half of the others, WeChat Pay for the rest.
  const accounts = new Map<string, Account>();
  const account = (channel: string): Account => {
    const known = accounts.get(channel) ?? (taobao.has(channel) ? new Account('alipay-trade', 'T200P', now) : new Account(live.has(channel) || [...woo.keys()][0] === channel ? 'wechat-pay' : 'alipay', '', now));
    accounts.set(channel, known);
    return known;
  };
  const runs = new Runs({ shops, connectors, catalogue, clock, front, publisher, faults, others: { shops: { woo, taobao, live, files }, wooWebhooks, live: liveHooks, desk: fileDesk, account } });

  const sf = { partnerId: config.sfPartner, checkword: config.sfCheckword, faults, ledger, parcels: new SfParcels(now) };
  const pushes = new RoutePushes({ ...sf, trackingUrl });
  const cainiao = new CainiaoWaybills();
  const handOver = (waybill: string): SfParcel | undefined => {
    const bought = cainiao.collect(waybill);
    if (bought !== undefined) sf.parcels.adopt({ orderId: bought.packageId, waybill, to: bought.to });
    const parcel = sf.parcels.handOver(waybill);
    if (parcel !== undefined) pushes.follow(parcel);
    return parcel;
  };
  const shipped = (trackingNumber: string, orderId: string): void => {
    handOver(trackingNumber);
    front.shipped(orderId);
  };
  const kdniao = new KdniaoOrders({ flotilla: 'sandbox-customer' });
  const mail = new MailSink({ faults, ledger });

  const app = fastify({ forceCloseConnections: true, bodyLimit: 16 * 1024 * 1024, logger: false });
  // Bodies are taken as bytes: signatures and big ids are about the text.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, bytes, done) => done(null, bytes));
  for (const path of ['/livez', '/readyz']) app.get(path, async () => ({ status: 'ok' }));
  adminApi(app, { shops, payouts, faults, ledger, rateScale: config.shopifyRateScale, now, shipped });
  graphqlApi(app, { shops, inventory, faults, ledger, rateScale: config.shopifyRateScale });
  wooApi(app, { shops: woo, faults, ledger, now, shipped: handOver });
  tradesGateway(app, { shops: taobao, faults, ledger, shipped: handOver });
  sfGateway(app, sf);
  kdniaoGateway(app, { orders: kdniao, faults, ledger, businessId: config.kdniaoBusinessId, appKey: config.kdniaoAppKey });
  topGateway(app, { waybills: cainiao, faults, ledger, appKey: config.topAppKey, appSecret: config.topAppSecret, session: 'sandbox-session' });
  platformsApi(app, { woo, live, account, desk: fileDesk, webhooks: wooWebhooks, taobao, catalogue, now });
  controlApi(app, { faults, ledger, mail, runs });
  worldsApi(app, { shops, front, payouts, inventory, odd: () => runs.plan?.options.weather === true, parcels: sf.parcels, handOver, kdniao, cainiao });

  peopleApi(app, { people: new People(), faults, ledger });
  ticketsApi(app, { faults, ledger });
  hooksApi(app, { faults, ledger });
  const trackers = trackersApi(app, { faults, ledger, parcels: sf.parcels, trackingUrl });
  const wms = wmsApi(app, { key: config.wmsKey, secret: config.wmsSecret, allocationUrl: config.allocationUrl, faults, ledger });
  const fileServer = filesApi(app, { password: config.wmsSecret });
  const suppliers = suppliersApi(app, { password: config.wmsSecret, faults, ledger });

  await mail.listen(config.smtpPort);
  await app.listen({ port: config.httpPort, host: '127.0.0.1' });
  pushes.start();
  const address = app.server.address();
  return {
    httpPort: typeof address === 'object' && address !== null ? address.port : config.httpPort,
    smtpPort: mail.port,
    close: async () => {
      webhooks.stop();
      wooWebhooks.stop();
      liveHooks.stop();
      fileDesk.stop();
      runs.stop();
      trackers.stop();
      await pushes.stop();
      await wms.close();
      await suppliers.close();
      await fileServer.close();
      await Promise.all([app.close(), mail.close(), publisher.close()]);
    },
  };
}
