import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { allocation as api, grpcDefinition, ingest, topics, type Client } from '@flotilla/contracts';
import { freePorts } from '@flotilla/tasks';
import { eventually } from '@flotilla/testing';
import grpc from '@grpc/grpc-js';
import { request as anyRequest } from '../spec/examples.js';
import { csv, live, type Live } from '../spec/live.js';
import { signatureOf } from './perform/suppliers/api.js';
import { offerToken } from './query/suppliers/link.js';

const run = randomUUID().slice(0, 6);
const SLOW = { timeoutMs: 60_000 };
const [PERSON, SYSTEM] = [`v1-${run}`, `v2-${run}`];
const secret = 'a-secret-of-a-supplier';
const MIB = 1024 * 1024;
const MOST = 32;

/** An MP4 as its first bytes have it. */
const mp4 = (bytes: number): Buffer => Buffer.concat([Buffer.from([0, 0, 0, 32]), Buffer.from('ftypisom', 'latin1'), Buffer.alloc(20), randomBytes(bytes - 32)]);

describe('packing videos', () => {
  let fleet: Live;
  let folder = '';
  const keys = new grpc.Server();
  const linkKey = randomBytes(32);
  let suppliers: Client<api.SuppliersRpc>;
  let catalogue: Client<api.CatalogueRpc>;
  let counter = 0;

  const kept = async (): Promise<readonly string[]> => (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).map(({ name }) => name).toSorted();
  const attached = (foId: string): readonly api.PackingVideoAttached[] => fleet.kafka.told('PackingVideoAttached', [foId]).map(({ data }) => data as api.PackingVideoAttached);

  /** An offer that its supplier has accepted; the id of its lock. */
  const accepted = async (supplier: string): Promise<{ readonly foId: string; readonly lockId: string; readonly page: string }> => {
    const sku = `V${(counter += 1)}-${run}`;
    await catalogue.import(csv('sku,name_zh,name_en,grams', `${sku},手工杯,Handmade mug,100`));
    await suppliers.import(csv('supplier,sku,stock,cost,currency', `${supplier},${sku},5,1800,CNY`));
    const foId = randomUUID();
    await fleet.kafka.tell('flotilla.order.v1.AllocationRequested', topics.order, [anyRequest({ foId, lines: [{ sku, quantity: 2 }], orders: [] })]);
    const lockId = await eventually(async () => {
      const mine = (await suppliers.listOffers({ supplier })).offers.find((one) => one.foId === foId);
      expect(mine).toBeDefined();
      return mine!.lockId;
    }, SLOW);
    const page = `${fleet.service.http}/s/${offerToken(linkKey, lockId, new Date(Date.now() + 3_600_000))}`;
    await send(page, { action: 'accept' });
    await eventually(() => expect(fleet.kafka.told('OrderAllocated', [foId])).toHaveLength(1), SLOW);
    return { foId, lockId, page };
  };
  const formOf = async (page: string): Promise<string> => /(?:name="form" value="|video\?form=)([\w-]+)/.exec(await (await fetch(page)).text())?.[1] ?? '';
  const send = async (page: string, fields: Readonly<Record<string, string>>): Promise<Response> => fetch(page, { method: 'POST', body: new URLSearchParams({ form: await formOf(page), ...fields }) });
  /** One that was sent. */
  const shipped = async (supplier: string): Promise<Awaited<ReturnType<typeof accepted>>> => {
    const offer = await accepted(supplier);
    const { foId, page } = offer;
    const shipTo = { country: 'CN', province: '广东省', city: '深圳市', district: '南山区', postcode: '518000', street: '', company: '', name: '', phone: '', phoneIndex: '' };
    const released = { foId, parcelId: randomUUID(), attempt: 1, warehouse: supplier, orders: [], items: [], shipTo, service: 'STANDARD', value: { amount: 0, currency: 'CNY' }, excludedCarriers: [], priority: 0, remark: '', number: '#1', tags: [], buyer: { subject: '', email: '', phone: '', emailIndex: '', phoneIndex: '', locale: '' }, preferredCarrier: '', external: true };
    await fleet.kafka.tell('flotilla.order.v1.FulfilmentReleased', topics.order, [released]);
    await eventually(async () => expect(await (await fetch(page)).text()).toContain('name="waybill"'), SLOW);
    await send(page, { action: 'ship', carrier: 'sf', waybill: `SF14${String(counter).padStart(11, '0')}` });
    return offer;
  };
  const upload = async (page: string, bytes: Buffer, { form, lang = 'en' }: { form?: string; lang?: string } = {}): Promise<Response> => {
    const body = new FormData();
    body.append('video', new Blob([new Uint8Array(bytes)], { type: 'video/mp4' }), '装箱.mp4');
    return fetch(`${page}/video?form=${form ?? (await formOf(page))}&lang=${lang}`, { method: 'POST', body, redirect: 'manual' });
  };
  const signed = (offer: string, bytes: Buffer, { key = secret, seconds = Math.floor(Date.now() / 1_000), of = bytes, to = offer, supplier = SYSTEM }: { key?: string; seconds?: number; of?: Buffer; to?: string; supplier?: string } = {}): Promise<Response> => {
    const digest = `sha-256=:${createHash('sha256').update(of).digest('base64')}:`;
    const id = `msg_${randomUUID()}`;
    const headers = { 'content-type': 'video/mp4', 'content-digest': digest, 'webhook-id': id, 'webhook-timestamp': String(seconds), 'webhook-signature': signatureOf(key, id, seconds, `${offer}.${digest}`) };
    return fetch(`${fleet.service.http}/v1/suppliers/${supplier}/offers/${to}/video`, { method: 'POST', headers, body: new Uint8Array(bytes) });
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'videos-'));
    const [port = 0] = await freePorts(1);
    keys.addService(grpcDefinition(ingest.SubjectKeys), { get: (_call: unknown, answer: (error: null, value: ingest.GetSubjectKeysResponse) => void) => answer(null, { keys: [] }) });
    const keysPort = await new Promise<number>((resolve, reject) => keys.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound))));
    fleet = await live(`listener-${run}`, [topics.allocation, topics.lockReplies], {
      FLOTILLA_HTTP_PORT: String(port), FLOTILLA_INGEST_GRPC: `127.0.0.1:${keysPort}`,
      FLOTILLA_LINK_KEY: linkKey.toString('base64'), FLOTILLA_SUPPLIER_SECRETS: JSON.stringify({ theirs: secret }), FLOTILLA_VIDEO_DIR: folder, FLOTILLA_VIDEO_MAX_MIB: String(MOST), FLOTILLA_SMTP_URL: 'smtp://127.0.0.1:9',
    });
    suppliers = fleet.client(api.Suppliers);
    catalogue = fleet.client(api.Catalogue);
    const warehouses = fleet.client(api.Warehouses);
    await warehouses.import(csv('warehouse,name,country,province,kind,ledger,tier', ...[PERSON, SYSTEM].map((id) => `${id},供应商,CN,浙江省,SUPPLIER,SUPPLIER,0`)));
    const described = await suppliers.import(csv('supplier,name,email,language,response_minutes,delivery,api_url,api_secret', `${PERSON},义乌一厂,one@s.test,zh,40000,PORTAL,,`, `${SYSTEM},Third,three@s.test,en,40000,API,http://127.0.0.1:9/offers,theirs`));
    expect(described).toMatchObject({ accepted: 2, refused: 0 });
  }, 180_000);

  afterAll(async () => {
    await fleet?.stop();
    keys.forceShutdown();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  it('ALC-08: on its page a supplier shows how it packed what it has sent; the same video twice is one; an operator sees it by a signed link, in parts, too', async () => {
    const { foId, lockId, page } = await shipped(PERSON);
    const bytes = mp4(5 * MIB);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    expect(await (await fetch(`${page}?lang=zh`)).text()).toContain('上传视频');
    expect((await upload(page, bytes)).status).toBe(303);
    expect((await upload(page, bytes)).status).toBe(303);
    expect(await (await fetch(`${page}?lang=en`)).text()).toContain('Attached (5.0 MiB)');
    await eventually(() => expect(attached(foId)).toMatchObject([{ warehouse: PERSON, lockId, sha256, bytes: bytes.length, mediaType: 'video/mp4' }]), SLOW);
    expect(await kept()).toEqual([sha256]);
    const { video } = (await suppliers.listOffers({ supplier: PERSON })).offers.find((one) => one.lockId === lockId)!;
    expect(video).toMatchObject({ sha256, bytes: bytes.length, mediaType: 'video/mp4' });
    const whole = await fetch(video!.url);
    expect([whole.status, whole.headers.get('content-type'), whole.headers.get('x-content-type-options')]).toEqual([200, 'video/mp4', 'nosniff']);
    expect(createHash('sha256').update(Buffer.from(await whole.arrayBuffer())).digest('hex')).toBe(sha256);
    const part = await fetch(video!.url, { headers: { range: 'bytes=100-199' } });
    expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 100-199/${bytes.length}`]);
    expect(Buffer.from(await part.arrayBuffer())).toEqual(bytes.subarray(100, 200));
    const forged = `${video!.url.slice(0, -9)}${video!.url.at(-9) === 'A' ? 'B' : 'A'}${video!.url.slice(-8)}`;
    expect((await fetch(forged)).status).toBe(404);
  }, 180_000);

  it('ALC-08: what is no video, too large, broken off, forged, or of what is not sent yet is told so, and nothing of it is left', async () => {
    const { foId, page } = await shipped(PERSON);
    const before = await kept();
    const wrong = await upload(page, Buffer.concat([Buffer.from('MZ'), randomBytes(100_000)]), { lang: 'zh' });
    expect([wrong.status, await wrong.text()]).toEqual([415, expect.stringContaining('这不是 MP4、MOV 或 WebM 视频')]);
    const large = await upload(page, mp4(MOST * MIB + 1));
    expect([large.status, await large.text()]).toEqual([413, expect.stringContaining('too large')]);
    // Beyond the form's own bound it is refused by its length before it is read.
    expect((await upload(page, mp4((MOST + 1) * MIB))).status).toBe(413);
    const none = await fetch(`${page}/video?form=${await formOf(page)}&lang=en`, { method: 'POST', body: new FormData() });
    expect([none.status, await none.text()]).toEqual([400, expect.stringContaining('no file was chosen')]);
    expect((await upload(page, mp4(MIB), { form: 'forged' })).status).toBe(403);
    const early = await accepted(PERSON);
    expect((await upload(early.page, mp4(MIB), { form: await formOf(page) })).status).toBe(403);
    const form = await formOf(page);
    await new Promise<void>((resolve) => {
      const { hostname, port, pathname } = new URL(`${page}/video`);
      const sending = httpRequest({ hostname, port, path: `${pathname}?form=${form}`, method: 'POST', headers: { 'content-type': 'multipart/form-data; boundary=x', 'content-length': String(4 * MIB) } });
      sending.on('error', () => undefined).on('close', () => resolve());
      sending.write(Buffer.concat([Buffer.from('--x\r\ncontent-disposition: form-data; name="video"; filename="a.mp4"\r\ncontent-type: video/mp4\r\n\r\n'), mp4(2 * MIB)]));
      setTimeout(() => sending.destroy(), 500);
    });
    await eventually(async () => expect(await kept()).toEqual(before), SLOW);
    expect(attached(foId)).toEqual([]);
    expect((await fetch(`${fleet.service.http}/livez`)).status).toBe(200);
  }, 180_000);

  it('ALC-08: a supplier’s system attaches it by a signed call; who cannot sign, signs another offer or other bytes, or comes late is refused before anything is kept', async () => {
    const { foId, lockId } = await shipped(SYSTEM);
    const bytes = mp4(3 * MIB);
    const before = await kept();
    for (const bad of [{ key: 'another-secret-of-16' }, { seconds: Math.floor(Date.now() / 1_000) - 3_600 }, { to: randomUUID() }, { supplier: PERSON }, { supplier: 'nobody' }]) expect((await signed(lockId, bytes, bad)).status).toBe(401);
    expect(await (await signed(lockId, bytes, { of: mp4(MIB) })).json()).toMatchObject({ status: 400, code: 'BAD_REQUEST' });
    const unsent = await accepted(SYSTEM);
    expect(await (await signed(unsent.lockId, bytes)).json()).toMatchObject({ status: 409, code: 'OFFER_OVER' });
    expect(await (await signed(randomUUID(), bytes)).json()).toMatchObject({ status: 404, code: 'NOT_FOUND' });
    expect(await (await signed(lockId, mp4(MOST * MIB + 1))).json()).toMatchObject({ status: 413, code: 'TOO_LARGE' });
    expect(await (await signed(lockId, randomBytes(MIB))).json()).toMatchObject({ status: 415, code: 'BAD_VIDEO' });
    expect(await kept()).toEqual(before);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    for (let time = 0; time < 2; time += 1) expect(await (await signed(lockId, bytes)).json()).toEqual({ sha256, bytes: bytes.length, mediaType: 'video/mp4' });
    await eventually(() => expect(attached(foId)).toMatchObject([{ warehouse: SYSTEM, lockId, sha256 }]), SLOW);
    expect(await kept()).toEqual([...before, sha256].toSorted());
  }, 180_000);

  it('ALC-08: a large video is never held in memory', async () => {
    const { page } = await shipped(PERSON);
    const form = await formOf(page);
    setFlagsFromString('--expose_gc');
    const collect = runInNewContext('gc') as () => void;
    const held = (): number => {
      // What was found to be garbage is given back by the next collection.
      collect();
      collect();
      return process.memoryUsage().arrayBuffers;
    };
    const chunk = randomBytes(64 * 1024);
    const before = held();
    let most = 0;
    async function* body(): AsyncGenerator<Buffer> {
      yield Buffer.from('--x\r\ncontent-disposition: form-data; name="video"; filename="a.mp4"\r\ncontent-type: video/mp4\r\n\r\n');
      yield mp4(1_000);
      for (let sent = 0; sent < (MOST - 1) * MIB; sent += chunk.length) {
        yield chunk;
        if (sent % (4 * MIB) === 0) most = Math.max(most, held() - before);
      }
      yield Buffer.from('\r\n--x--\r\n');
    }
    // Not by fetch: it keeps a copy of what it sends, for redirects.
    const { hostname, port, pathname } = new URL(`${page}/video`);
    const sending = httpRequest({ hostname, port, path: `${pathname}?form=${form}`, method: 'POST', headers: { 'content-type': 'multipart/form-data; boundary=x' } });
    const status = new Promise((resolve, reject) => void sending.on('response', (response) => resolve(response.resume().statusCode)).on('error', reject));
    await pipeline(Readable.from(body()), sending);
    expect(await status).toBe(303);
    expect(most).toBeLessThan((MOST / 4) * MIB);
  }, 120_000);
});
