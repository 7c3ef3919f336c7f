import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, ingest as api, ops, parseMessage, topics, type Client } from '@flotilla/contracts';
import { silentLogger } from '@flotilla/event-store';
import { connectBus, partitionName, toIncoming, type Bus, type BusRecord, type Incoming, type Subscription } from '@flotilla/messaging';
import { startForTest, type Running } from '@flotilla/service-kit';
import { createTopics, testServers } from '@flotilla/tasks';
import { database, type TestDatabase } from '@flotilla/testing';
import { orderIdOf, parcelIdOf } from '@flotilla/values';
import { CompactEncrypt, importJWK, type JWK } from 'jose';
import pg from 'pg';
import { ingest } from '../src/ingest.service.js';
import { FakeShopify } from './fake-shopify.js';

/** Personal values of the spec's buyer; each must appear nowhere in clear. */
export const buyer = { first: 'Zsófia', last: 'Próbafalvi', phone: '+36301239876', email: 'zsofia.proba@example.hu', street: 'Kossuth utca 77', remark: 'Kérem a kapunál hagyni', engraving: 'Boldog névnapot' };
export const personalWords = [buyer.first, buyer.last, buyer.phone, '301239876', buyer.email, buyer.street, buyer.remark, buyer.engraving];

const secret = 'shpss_spec';
const token = 'shpat_spec';
export const filesSecret = 'files_spec';

export interface Delivered {
  readonly status: number;
  readonly body: { readonly orders?: readonly { orderId: string; state: string; reason: string }[]; readonly code?: string; readonly detail?: string };
}

/** ingest as it runs, with a shop to write back to and somebody who listens to its topic. */
export class World {
  readonly run = randomUUID().slice(0, 8);
  readonly shop = `shop-${this.run}`;
  readonly files = `files-${this.run}`;
  readonly heard: Incoming[] = [];
  readonly rawRecords: BusRecord[] = [];
  readonly fake = new FakeShopify(token);
  db!: TestDatabase;
  service!: Running;
  bus!: Bus;
  orders!: Client<api.ChannelOrdersRpc>;
  channels!: Client<api.ChannelsRpc>;
  quarantine!: Client<api.QuarantineRpc>;
  keys!: Client<api.SubjectKeysRpc>;
  tallies!: Client<ops.TalliesRpc>;
  env: Record<string, string> = {};
  constructor(private readonly more: Readonly<Record<string, string>> = {}) {}

  private listening!: Subscription;
  private readonly dir = mkdtempSync(join(tmpdir(), 'ingest-spec-'));
  private role = '';
  private shipped = 0;

  async start(): Promise<void> {
    const servers = testServers();
    await createTopics({ brokers: servers.brokers, fresh: true });
    this.db = await database(servers.postgresUrl);
    // A role that owns nothing, as in a real installation: grants that are missing show here.
    this.role = `ingest_spec_${this.run}`;
    await this.db.pool.query(`CREATE ROLE ${this.role} LOGIN PASSWORD 'spec'`);
    const url = new URL(this.db.url);
    [url.username, url.password] = [this.role, 'spec'];
    const apiUrl = await this.fake.start();
    const file = join(this.dir, 'channels.json');
    writeFileSync(file, JSON.stringify([
      { id: this.shop, platform: 'shopify', secret, appKey: token, apiUrl },
      { id: `jd-${this.run}`, platform: 'jd', secret: 'x', appKey: 'y' },
      { id: this.files, platform: 'csv', secret: filesSecret, appKey: '' },
      { id: `topic-${this.run}`, platform: 'topic', secret: 'x', appKey: 'y' },
    ]));
    this.env = {
      ...this.more,
      FLOTILLA_DATABASE_URL: url.href, FLOTILLA_MIGRATION_DATABASE_URL: this.db.url, FLOTILLA_KAFKA_BROKERS: servers.brokers, FLOTILLA_CHANNELS_FILE: file,
      FLOTILLA_KEK: randomBytes(32).toString('base64'), FLOTILLA_INDEX_KEY: randomBytes(32).toString('base64'), FLOTILLA_PARKED_KEY: randomBytes(32).toString('base64'),
    };
    this.bus = connectBus({ brokers: [servers.brokers], clientId: 'spec', log: silentLogger });
    await this.startService();
    this.listening = await this.bus.subscribe(`spec-${this.run}`, [topics.ingest, topics.channelOrdersRefused], {
      assigned: async (partitions) => {
        const lows = await Promise.all([...new Set(partitions.map(({ topic }) => topic))].map(async (topic) => (await this.bus.admin.offsets(topic)).map(({ partition, low }) => [partitionName({ topic, partition }), low] as const)));
        const begins = new Map(lows.flat());
        return new Map(partitions.map((at) => [partitionName(at), { at: begins.get(partitionName(at)) ?? 0 }]));
      },
      take: async ({ topic, partition, records }) => {
        this.rawRecords.push(...records);
        this.heard.push(...records.map((record) => toIncoming({ topic, partition }, record)));
        return { at: records.at(-1)!.offset + 1 };
      },
    });
  }

  async startService(): Promise<void> {
    this.service = await startForTest(ingest, this.env);
    const at = this.service.grpc;
    [this.orders, this.channels, this.quarantine, this.keys, this.tallies] = [connect(api.ChannelOrders, at), connect(api.Channels, at), connect(api.Quarantine, at), connect(api.SubjectKeys, at), connect(ops.Tallies, at, { audience: 'ingest' })];
  }

  async stopService(): Promise<void> {
    for (const client of [this.orders, this.channels, this.quarantine, this.keys, this.tallies]) client.close();
    await this.service.stop();
  }

  async stop(): Promise<void> {
    await this.stopService();
    await this.listening?.stop();
    await this.bus?.close();
    await this.fake.stop();
    await this.db.pool.query(`REASSIGN OWNED BY ${this.role} TO CURRENT_USER; DROP OWNED BY ${this.role}; DROP ROLE ${this.role}`);
    await this.db.drop();
    rmSync(this.dir, { recursive: true, force: true });
  }

  orderId(id: string): string {
    return orderIdOf(this.shop, id);
  }

  /** Posts a webhook, signed unless another signature is given. */
  async webhook(body: string | Buffer, headers: Record<string, string | undefined> = {}, channel = this.shop): Promise<Delivered> {
    const sent = {
      'content-type': 'application/json', 'x-shopify-topic': 'orders/create', 'x-shopify-webhook-id': randomUUID(), 'x-shopify-hmac-sha256': createHmac('sha256', secret).update(body).digest('base64'), ...headers,
    };
    const answer = await fetch(`${this.service.http}/v1/channels/${channel}/webhooks`, { method: 'POST', body, headers: Object.fromEntries(Object.entries(sent).filter(([, value]) => value !== undefined)) as Record<string, string> });
    const text = await answer.text();
    return { status: answer.status, body: JSON.parse(text) as Delivered['body'] };
  }

  /** A Shopify order with raw numbers for ids. */
  order(id: string, change: Record<string, unknown> = {}): string {
    const order = {
      id: `@${id}@`, name: `#${id.slice(-4)}`, created_at: '2026-11-21T08:00:00+01:00', updated_at: '2026-11-21T08:00:00+01:00', currency: 'EUR', financial_status: 'paid', email: buyer.email, note: buyer.remark,
      customer: { id: `@77${id}@`, email: buyer.email, phone: buyer.phone, first_name: buyer.first, last_name: buyer.last }, total_price: '25.00', total_line_items_price: '25.00', tags: 'spec',
      shipping_address: { first_name: buyer.first, last_name: buyer.last, address1: buyer.street, city: 'Szeged', zip: '6720', country_code: 'HU', phone: buyer.phone },
      line_items: [{ id: `@5${id}@`, sku: 'TEA-LJ-250', title: 'Tea', quantity: 2, price: '12.50', requires_shipping: true, properties: [{ name: 'Engraving', value: buyer.engraving }] }],
      ...change,
    };
    return JSON.stringify(order).replace(/"@(\d+)@"/g, '$1');
  }

  /** What the topic says of an order, oldest first. */
  told(orderId: string): readonly Incoming[] {
    return this.heard.filter(({ key }) => key === orderId);
  }

  names(orderId: string): readonly string[] {
    return this.told(orderId).map(({ type }) => type.replace('flotilla.ingest.v1.', ''));
  }

  received(orderId: string): api.ChannelOrder {
    const found = this.told(orderId).find(({ type }) => type.endsWith('.ChannelOrderReceived'));
    if (found === undefined) throw new Error(`${orderId} was not received`);
    return parseMessage('flotilla.ingest.v1.ChannelOrderReceived', found.data).order;
  }

  async submit(data: Record<string, unknown>, options: { id?: string; personal?: object | string } = {}): Promise<void> {
    const { personal = {} } = options;
    const { keys } = (await (await fetch(`${this.service.http}/v1/keys`)).json()) as { keys: JWK[] };
    const jwe = typeof personal === 'string' ? personal : await new CompactEncrypt(Buffer.from(JSON.stringify(personal))).setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM' }).encrypt(await importJWK(keys[0]!, 'ECDH-ES'));
    const id = options.id ?? randomUUID();
    await this.bus.publish([{
      topic: topics.channelOrders, key: `${String(data['channel'])}/${String(data['channelOrderId'])}`, value: JSON.stringify({ ...data, personal: jwe }),
      headers: { ce_specversion: '1.0', ce_id: id, ce_source: 'connector/spec', ce_type: 'flotilla.connector.v1.ChannelOrderSubmitted', ce_time: '2026-11-21T07:00:00Z', 'content-type': 'application/json' },
    }]);
  }

  /** The carrier says that a parcel with an order's one line has left. */
  async ship(channel: string, channelOrderId: string, waybill: string, carrier = 'sf', shipped: readonly { readonly lineId?: string; readonly channelLineId: string; readonly sku?: string; readonly quantity: number }[] = [{ channelLineId: `5${channelOrderId}`, quantity: 2 }], attempt = 1): Promise<{ orderId: string; parcelId: string }> {
    const orderId = orderIdOf(channel, channelOrderId);
    const parcelId = parcelIdOf(orderId, attempt);
    const lines = shipped.map((line) => ({ lineId: randomUUID(), sku: 'TEA-LJ-250', ...line }));
    const data = parseMessage('flotilla.carrier.v1.ParcelShipped', { parcelId, foId: orderId, orders: [{ orderId, channel, channelOrderId, lines }], carrier, waybill, shippedAt: '2026-11-21T09:00:00.000Z' });
    await this.bus.publish([{
      topic: topics.parcel, key: orderId, value: JSON.stringify(data),
      headers: {
        ce_specversion: '1.0', ce_id: `${parcelId}/0`, ce_source: `parcel-${parcelId}`, ce_type: 'flotilla.carrier.v1.ParcelShipped', ce_time: '2026-11-21T09:00:00.000Z', sequence: String((this.shipped += 1)),
        correlation: orderId, causation: orderId, chainhash: 'ab', 'content-type': 'application/json',
      },
    }]);
    return { orderId, parcelId };
  }

  /** order-core says that an order is not sent any more. */
  async cancel(channel: string, channelOrderId: string, reason: string, by = 'desk'): Promise<void> {
    const orderId = orderIdOf(channel, channelOrderId);
    const events = [
      ['flotilla.order.v1.OrderCancelRequested', { orderId, reason, by }], ['flotilla.order.v1.OrderCancelled', { orderId, reason, stage: 'APPROVED', cancelledAt: '2026-11-21T09:00:00.000Z' }],
    ] as const;
    await this.bus.publish(events.map(([type, data], at) => ({
      topic: topics.order, key: orderId, value: JSON.stringify(data),
      headers: {
        ce_specversion: '1.0', ce_id: `order-${orderId}/${at}`, ce_source: `order-${orderId}`, ce_type: type, ce_time: '2026-11-21T09:00:00.000Z', sequence: String((this.shipped += 1)),
        correlation: orderId, causation: orderId, chainhash: 'ab', 'content-type': 'application/json',
      },
    })));
  }

  /** allocation says what is available of a SKU. */
  async available(sku: string, available: number): Promise<void> {
    const version = String((this.shipped += 1));
    await this.bus.publish([{
      topic: topics.stock, key: sku, value: JSON.stringify(parseMessage('flotilla.allocation.v1.StockChanged', { warehouse: 'WH1', sku, onHand: available, free: available, available })),
      headers: {
        ce_specversion: '1.0', ce_id: `stock-WH1.${sku}-${version}/0`, ce_source: `stock-WH1.${sku}`, ce_type: 'flotilla.allocation.v1.StockChanged', ce_time: new Date().toISOString(), sequence: version, correlation: sku, causation: sku, chainhash: 'ab',
        'content-type': 'application/json',
      },
    }]);
  }

  /** Every row of every table, as text. */
  async everythingStored(): Promise<string> {
    const client = new pg.Client(this.db.url);
    await client.connect();
    try {
      const { rows } = await client.query<{ name: string }>("SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')");
      const texts: string[] = [];
      for (const { name } of rows) texts.push((await client.query<{ text: string }>(`SELECT coalesce(string_agg(t::text, E'\\n'), '') AS text FROM ${name} t`)).rows[0]!.text);
      return texts.join('\n');
    } finally {
      await client.end();
    }
  }
}
