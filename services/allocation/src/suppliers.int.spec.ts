import { randomBytes, randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { allocation as api, grpcDefinition, ingest, topics, type Client } from '@flotilla/contracts';
import { freePorts } from '@flotilla/tasks';
import { eventually } from '@flotilla/testing';
import { newKey, seal } from '@flotilla/values';
import grpc from '@grpc/grpc-js';
import { SMTPServer } from 'smtp-server';
import { request as anyRequest } from '../spec/examples.js';
import { csv, live, type Live } from '../spec/live.js';
import { signatureOf } from './perform/suppliers/api.js';

const run = randomUUID().slice(0, 6);
const SLOW = { timeoutMs: 60_000 };
const [FIRST, SECOND, SYSTEM] = [`s1-${run}`, `s2-${run}`, `s3-${run}`];
const secret = 'a-secret-of-a-supplier';

/** The text of a mail with one part. */
const textOf = (raw: string): string => {
  const body = raw.slice(raw.indexOf('\r\n\r\n') + 4);
  return /transfer-encoding: base64/i.test(raw) ? Buffer.from(body, 'base64').toString('utf8') : body.replaceAll('=\r\n', '');
};

describe('suppliers that send goods themselves', () => {
  let fleet: Live;
  let smtp: SMTPServer;
  let theirs: Server;
  const keys = new grpc.Server();
  const buyer = { subject: '5b0c0c1e-6c1f-5a7e-9d0a-1f2e3d4c5b6a', key: newKey() };
  let suppliers: Client<api.SuppliersRpc>;
  let stock: Client<api.StockRpc>;
  let catalogue: Client<api.CatalogueRpc>;
  let counter = 0;
  const mails: { readonly to: string; readonly raw: string }[] = [];
  const posted: { readonly body: string; readonly headers: Readonly<Record<string, string | readonly string[] | undefined>> }[] = [];

  /** A SKU that these suppliers have, declared anew. */
  const offered = async (...ids: readonly string[]): Promise<string> => {
    const sku = `S${(counter += 1)}-${run}`;
    await catalogue.import(csv('sku,name_zh,name_en,grams', `${sku},手工杯,Handmade mug,100`));
    await suppliers.import(csv('supplier,sku,stock,cost,currency', ...ids.map((id) => `${id},${sku},5,1800,CNY`)));
    return sku;
  };
  const ask = async (sku: string): Promise<string> => {
    const foId = randomUUID();
    await fleet.kafka.tell('flotilla.order.v1.AllocationRequested', topics.order, [anyRequest({ foId, lines: [{ sku, quantity: 2 }], orders: [] })]);
    return foId;
  };
  const said = <T>(type: string, foId: string): T => fleet.kafka.told(type, [foId]).at(-1)?.data as T;
  const linksTo = (to: string): readonly string[] => mails.filter((mail) => mail.to === to).flatMap(({ raw }) => textOf(raw).match(/http:\/\/\S+\/s\/[\w-]{48}/g) ?? []);
  const link = async (to: string, nth: number): Promise<string> => {
    await eventually(() => expect(linksTo(to).length).toBeGreaterThan(nth), SLOW);
    return linksTo(to)[nth]!;
  };
  const page = async (url: string): Promise<string> => (await fetch(url)).text();
  const send = async (url: string, fields: Readonly<Record<string, string>>): Promise<Response> => {
    const form = /name="form" value="([\w-]+)"/.exec(await page(url))?.[1] ?? '';
    return fetch(url, { method: 'POST', body: new URLSearchParams({ form, ...fields }) });
  };

  beforeAll(async () => {
    const [port = 0] = await freePorts(1);
    smtp = new SMTPServer({
      authOptional: true, disabledCommands: ['STARTTLS'], logger: false,
      onData: (stream, { envelope }, done) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          mails.push({ to: envelope.rcptTo[0]?.address ?? '', raw: Buffer.concat(chunks).toString('utf8') });
          done(null);
        });
      },
    });
    const smtpPort = await new Promise<number>((resolve) => {
      const server = smtp.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
    });
    theirs = createServer((incoming, reply) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        posted.push({ body: Buffer.concat(chunks).toString('utf8'), headers: incoming.headers });
        reply.end(JSON.stringify({ answer: 'ACCEPTED' }));
      });
    });
    const apiPort = await new Promise<number>((resolve) => theirs.listen(0, '127.0.0.1', () => resolve((theirs.address() as AddressInfo).port)));
    keys.addService(grpcDefinition(ingest.SubjectKeys), {
      get: (call: { request: ingest.GetSubjectKeysRequest }, answer: (error: null, value: ingest.GetSubjectKeysResponse) => void) => answer(null, { keys: call.request.subjects.map((subject) => ({ subject, key: buyer.key })) }),
    });
    const keysPort = await new Promise<number>((resolve, reject) => keys.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound))));
    // A business hour takes one and a half seconds: the first supplier has four seconds to answer, the second a day.
    const clock = `${new Date().toISOString()}@2400`;
    fleet = await live(`listener-${run}`, [topics.allocation, topics.lockReplies], {
      FLOTILLA_HTTP_PORT: String(port), FLOTILLA_CLOCK: clock,
      FLOTILLA_LINK_KEY: randomBytes(32).toString('base64'), FLOTILLA_SMTP_URL: `smtp://127.0.0.1:${smtpPort}`, FLOTILLA_INGEST_GRPC: `127.0.0.1:${keysPort}`, FLOTILLA_SUPPLIER_SECRETS: JSON.stringify({ theirs: secret }),
    });
    suppliers = fleet.client(api.Suppliers);
    stock = fleet.client(api.Stock);
    catalogue = fleet.client(api.Catalogue);
    const warehouses = fleet.client(api.Warehouses);
    const sites = [FIRST, SECOND, SYSTEM].map((id, tier) => `${id},供应商,CN,浙江省,SUPPLIER,SUPPLIER,${tier}`);
    expect(await warehouses.import(csv('warehouse,name,country,province,kind,ledger,tier', ...sites))).toMatchObject({ accepted: 3 });
    const described = await suppliers.import(
      csv('supplier,name,email,language,response_minutes,delivery,api_url,api_secret', `${FIRST},义乌一厂,one@s.test,zh,400,PORTAL,,`, `${SECOND},Second,two@s.test,en,40000,MAIL,,`, `${SYSTEM},Third,three@s.test,en,40000,API,http://127.0.0.1:${apiPort}/offers,theirs`, `${SYSTEM},x,no address,en,1,MAIL,,`),
    );
    expect(described).toMatchObject({ accepted: 3, refused: 1, errors: [{ row: 5, reason: 'BAD_REQUEST' }] });
  }, 180_000);

  afterAll(async () => {
    await fleet?.stop();
    await new Promise<void>((resolve) => (smtp ? smtp.close(() => resolve()) : resolve()));
    await new Promise<void>((resolve) => (theirs ? theirs.close(() => resolve()) : resolve()));
    keys.forceShutdown();
  }, 60_000);

  it('ALC-08: an offer is mailed and accepted on its page; shipped there, it is told to carrier, and consumed when carrier says so', async () => {
    const sku = await offered(SECOND);
    const foId = await ask(sku);
    const url = await link('two@s.test', 0);
    const before = await page(`${url}?lang=zh`);
    expect(before).toContain('手工杯');
    expect(before).toContain('36.00 CNY');
    expect(before).toContain('***');
    expect((await fetch(url, { method: 'POST', body: new URLSearchParams({ action: 'accept', form: 'forged' }) })).status).toBe(403);
    expect(fleet.kafka.told('StockLocked', [foId])).toEqual([]);
    expect((await send(url, { action: 'accept' })).url).toContain('/s/');
    await eventually(() => expect(said('OrderAllocated', foId)).toMatchObject({ warehouse: SECOND, parts: [{ warehouse: SECOND, external: true }] }), SLOW);
    expect(await stock.get({ warehouse: SECOND, sku })).toMatchObject({ onHand: 5, confirmed: 2, free: 3 });

    const parcelId = randomUUID();
    const sealed = (field: 'street' | 'name' | 'phone', text: string): string => seal(buyer.key, buyer.subject, field, text);
    const shipTo = { country: 'CN', province: '广东省', city: '深圳市', district: '南山区', postcode: '518000', street: sealed('street', '科苑路1号'), company: '', name: sealed('name', '张三'), phone: sealed('phone', '13800138000'), phoneIndex: '' };
    const money = { amount: 0, currency: 'CNY' };
    const released = { foId, parcelId, attempt: 1, warehouse: SECOND, orders: [], items: [], shipTo, service: 'STANDARD', value: money, excludedCarriers: [], priority: 0, remark: '', number: '#1', tags: [], buyer: { subject: '', email: '', phone: '', emailIndex: '', phoneIndex: '', locale: '' }, preferredCarrier: '', external: true };
    await fleet.kafka.tell('flotilla.order.v1.FulfilmentReleased', topics.order, [released]);
    await eventually(async () => expect(await page(url)).toContain('name="waybill"'), SLOW);
    expect(await page(url)).toContain('张三 13800138000');
    expect((await send(url, { action: 'ship', carrier: 'sf', waybill: '?' })).status).toBe(400);
    await send(url, { action: 'ship', carrier: 'SF', waybill: 'SF1400000000001' });
    await eventually(() => expect(said('SupplierShipped', foId)).toMatchObject({ parcelId, warehouse: SECOND, carrier: 'sf', waybill: 'SF1400000000001' }), SLOW);
    await fleet.kafka.tell('flotilla.carrier.v1.ParcelShippedExternally', topics.parcel, [{ foId, parcelId, orders: [], carrier: 'sf', waybill: 'SF1400000000001', shippedAt: new Date().toISOString(), warehouse: SECOND }]);
    await eventually(() => expect(fleet.kafka.told('StockConsumed', [foId])).toHaveLength(1), SLOW);
    expect(await stock.get({ warehouse: SECOND, sku })).toMatchObject({ onHand: 3, held: 0, confirmed: 0 });
    expect(await page(url)).not.toContain('13800138000');
    expect(await suppliers.get({ supplier: SECOND })).toMatchObject({ name: 'Second', figures: { open: 0, toShip: 0, accepted: 1, acceptanceRate: 1 } });
  }, 180_000);

  it('ALC-08: a supplier that does not answer in time is followed by the backup; its late acceptance is told so on the page', async () => {
    const sku = await offered(FIRST, SECOND);
    const nth = linksTo('two@s.test').length;
    const foId = await ask(sku);
    const first = await link('one@s.test', 0);
    const second = await link('two@s.test', nth);
    expect(said<{ reason: string }>('StockLockRefused', foId)).toMatchObject({ warehouse: FIRST, reason: 'TIMEOUT' });
    expect(await page(first)).toContain('不能再接单');
    expect(await page(first)).not.toContain('<form');
    await send(second, { action: 'accept' });
    await eventually(() => expect(said('OrderAllocated', foId)).toMatchObject({ warehouse: SECOND }), SLOW);
    expect(await stock.get({ warehouse: FIRST, sku })).toMatchObject({ held: 0, confirmed: 0, free: 5 });
    expect((await suppliers.list({})).suppliers.find(({ supplier }) => supplier === FIRST)?.figures).toMatchObject({ expired: 1, acceptanceRate: 0 });
  }, 180_000);

  it('ALC-08: refused as out of stock, nothing more is offered until stock is declared anew; a cancel withdraws an offer and tells the supplier', async () => {
    const sku = await offered(SECOND);
    const nth = linksTo('two@s.test').length;
    const refused = await ask(sku);
    await send(await link('two@s.test', nth), { action: 'refuse', reason: 'OUT_OF_STOCK' });
    await eventually(() => expect(fleet.kafka.told('OrderBackordered', [refused])).toHaveLength(1), SLOW);
    expect(await stock.get({ warehouse: SECOND, sku })).toMatchObject({ free: 0 });
    const other = await offered(SECOND);
    const cancelled = await ask(other);
    const url = await link('two@s.test', nth + 1);
    await fleet.kafka.tell('flotilla.order.v1.FulfilmentCancelled', topics.order, [{ foId: cancelled, reason: 'BUYER', shipped: [] }]);
    await eventually(async () => expect(await page(url)).toContain('withdrawn'), SLOW);
    await link('two@s.test', nth + 2);
    expect(await stock.get({ warehouse: SECOND, sku: other })).toMatchObject({ held: 0, free: 5 });
    expect((await fetch(`${url.slice(0, -1)}A`)).status).toBe(404);
  }, 180_000);

  it('ALC-08: a supplier’s system is asked by a signed call and accepts by its answer', async () => {
    const foId = await ask(await offered(SYSTEM));
    await eventually(() => expect(said('OrderAllocated', foId)).toMatchObject({ warehouse: SYSTEM }), SLOW);
    const { body, headers } = posted[0]!;
    expect(JSON.parse(body)).toMatchObject({ type: 'offer.offer', lines: [{ quantity: 2 }] });
    expect(headers['webhook-signature']).toBe(signatureOf(secret, String(headers['webhook-id']), Number(headers['webhook-timestamp']), body));
  }, 120_000);
});
