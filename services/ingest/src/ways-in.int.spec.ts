import { createHmac, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Workbook } from '@cj-tech-master/excelts';
import { connect, ingest as api, type Client } from '@flotilla/contracts';
import { createEventStore } from '@flotilla/event-store';
import { eventually } from '@flotilla/testing';
import { open, orderIdOf } from '@flotilla/values';
import { filesSecret, World } from '../spec/world.js';
import { fieldMapping } from './decide/mapping.decider.js';

const generic = (name: string): string => readFileSync(join(import.meta.dirname, 'channels/generic/fixtures', name), 'utf8');
const header = 'channel_order_id,placed_at,currency,payment,name,phone,country,city,street,sku,quantity,unit_price';
const row = (id: string, sku = 'TEA-LJ-250', quantity = '1', name = 'Sári Próbavári'): string => `${id},2026-11-30T09:00:00+01:00,EUR,paid,${name},+36301112233,HU,Szeged,Kossuth utca 99,${sku},${quantity},12.50`;

describe('ways in that are data, on real Postgres and Kafka', () => {
  const world = new World();
  const patient = { timeoutMs: 60_000 };
  let imports: Client<api.ImportsRpc>;
  let mappings: Client<api.MappingsRpc>;
  const clients = (): void => {
    [imports, mappings] = [connect(api.Imports, world.service.grpc), connect(api.Mappings, world.service.grpc)];
  };

  beforeAll(async () => {
    await world.start();
    clients();
  }, 120_000);
  afterAll(async () => {
    for (const client of [imports, mappings]) client?.close();
    await world.stop();
  }, 60_000);

  const post = async (body: string | Uint8Array, options: { channel?: string; secret?: string } = {}): Promise<{ status: number; id: string; code: string; state: string }> => {
    const { channel = world.files, secret = filesSecret } = options;
    const answer = await fetch(`${world.service.http}/v1/channels/${channel}/orders:import`, { method: 'POST', body: body as never, headers: { authorization: `Bearer ${secret}`, 'content-type': 'text/csv', 'content-disposition': 'attachment; filename="orders.csv"' } });
    return { status: answer.status, id: '', code: '', state: '', ...((await answer.json()) as object) };
  };
  const done = (id: string): Promise<api.OrderImport> =>
    eventually(async () => {
      const found = await imports.get({ id }).catch(() => undefined);
      return found !== undefined && found.state !== 'RUNNING' ? found : false;
    }, patient);
  const rowsOf = async (id: string): Promise<readonly api.ImportedRow[]> => {
    const rows: api.ImportedRow[] = [];
    for (let token = ''; ; ) {
      const page = await imports.listRows({ id, page: { size: 500, token } });
      rows.push(...page.rows);
      if ((token = page.nextToken) === '') return rows;
    }
  };
  const get = async (path: string): Promise<string> => (await fetch(`${world.service.http}/v1/channels/${path}`, { headers: { authorization: `Bearer ${filesSecret}` } })).text();

  /** What the database does not take, and how it says so. */
  const refusing = async (what: string, how: string): Promise<() => Promise<void>> => {
    await world.db.pool.query(`CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF ${what} THEN RAISE EXCEPTION 'not now' USING ERRCODE = '${how}'; END IF; RETURN NEW; END $$`);
    await world.db.pool.query('CREATE TRIGGER refuse BEFORE INSERT ON es.event FOR EACH ROW EXECUTE FUNCTION refuse()');
    return async () => void (await world.db.pool.query('DROP TRIGGER refuse ON es.event'));
  };
  const putElsewhere = async (channel: string, mapping: api.Mapping): Promise<void> => {
    const store = createEventStore({ pool: world.db.pool });
    await store.execute({ streams: [[fieldMapping, channel]], meta: { correlation: 'spec', causation: 'spec', actor: 'spec' }, decide: (unit) => void unit.run(fieldMapping, channel, { type: 'PutMapping', data: { channel, mapping, at: '2026-11-30T10:00:00.000Z', who: 'spec' } }) });
  };

  it('ING-04: a file becomes orders, several lines of one are one order, and the report says what became of each row', async () => {
    const [a, b] = [`F-${world.run}-1`, `=F-${world.run}-2`];
    const csv = [header, row(a), row(a, 'TEA-LJ-500', '3'), row(b, 'TEA-LJ-250', 'two'), row(`F-${world.run}-3`)].join('\n');
    const answer = await post(csv);
    expect(answer).toMatchObject({ status: 202, state: 'RUNNING' });
    expect(await done(answer.id)).toMatchObject({ state: 'DONE', fileName: 'orders.csv', format: 'CSV', rows: 4, orders: 3, accepted: 2, quarantined: 1, duplicate: 0 });
    expect((await rowsOf(answer.id)).map(({ row: at, outcome, reason, cell }) => `${at} ${outcome} ${reason} ${cell}`)).toEqual(['2 ACCEPTED  ', '3 ACCEPTED  ', '4 QUARANTINED BAD_QUANTITY K4', '5 ACCEPTED  ']);
    const orderId = orderIdOf(world.files, a);
    const order = await eventually(() => world.received(orderId), patient);
    expect(order.lines.map(({ sku, quantity }) => [sku, quantity])).toEqual([['TEA-LJ-250', 1], ['TEA-LJ-500', 3]]);
    const { keys } = await world.keys.get({ subjects: [order.buyer.subject] });
    expect(open(() => keys[0]!.key, order.shipTo.name)).toBe('Sári Próbavári');
    // A cell that begins like a formula is text in the report.
    expect(await get(`${world.files}/imports/${answer.id}/report.csv`)).toContain(`4,'=F-${world.run}-2,`);
    expect(await get(`${world.files}/orders:template`)).toContain('channel_order_id,number,placed_at');
    expect(await get(`${world.files}/orders:template?format=xlsx`)).toMatch(/^PK/);
    expect(await get(`${world.files}/orders:template?format=pdf`)).toContain('format is csv or xlsx');
    // The bytes are gone when it is done, and nothing of anybody stands in clear.
    await eventually(async () => (await world.db.pool.query('SELECT FROM keys.piece')).rowCount === 0, patient);
    const stored = await world.everythingStored();
    for (const word of ['Próbavári', 'Kossuth utca 99', '301112233']) expect(stored).not.toContain(word);
  }, 90_000);

  it('ING-11: the same file again is the same import; the same orders in another file, or by webhook, are duplicates', async () => {
    const id = `8800${BigInt(`0x${world.run}`)}`;
    const csv = `${header}\n${row(id)}\n`;
    const first = await post(csv, { channel: world.shop, secret: 'shpss_spec' });
    expect(await done(first.id)).toMatchObject({ accepted: 1 });
    expect(await post(csv, { channel: world.shop, secret: 'shpss_spec' })).toMatchObject({ status: 200, id: first.id, state: 'DONE' });
    const again = await post(`${csv}\n`, { channel: world.shop, secret: 'shpss_spec' });
    expect(again.id).not.toBe(first.id);
    expect(await done(again.id)).toMatchObject({ accepted: 0, duplicate: 1 });
    await world.webhook(world.order(id));
    expect(world.names(world.orderId(id)).filter((name) => name === 'ChannelOrderReceived').length).toBeLessThanOrEqual(1);
    const { rows } = await world.db.pool.query("SELECT FROM es.event WHERE stream_id = $1 AND type = 'ChannelOrderReceived'", [`channelOrder-${world.orderId(id)}`]);
    expect(rows).toHaveLength(1);
  }, 90_000);

  it.each([
    ['with another channel’s secret', 'x', 'wrong', 401, 'UNAUTHENTICATED'],
    ['that is empty', '', filesSecret, 400, 'BAD_CSV'],
    ['of old Excel', '\u00d0\u00cf\u0011\u00e0\u00a1\u00b1\u001a\u00e1', filesSecret, 400, 'UNKNOWN_FORMAT'],
  ])('ING-04: a file %s is refused at the door', async (_what, body, secret, status, code) => expect(await post(Buffer.from(body, 'latin1'), { secret })).toMatchObject({ status, code }));

  it.each([
    ['whose orders do not stand together', [header, row('apart-1'), row('apart-2'), row('apart-1', 'TEA-LJ-500')].join('\n'), 'BAD_CSV', 'row 4'],
    ['without a column for the order number', 'a,b\n1,2\n', 'BAD_CSV', 'order number'],
    ['with a row that has no order number', [header, row('merged-1'), row('', 'TEA-LJ-500')].join('\n'), 'NO_ORDER_ID', 'row 3'],
    ['that is broken at its end', `${[header, row('broken-1')].join('\n')}\n"never closed`, 'BAD_CSV', 'quotes'],
  ])('ING-04: a file %s is refused whole, with the reason', async (_what, csv, reason, detail) => {
    const { id } = await post(csv);
    expect(await done(id)).toMatchObject({ state: 'REFUSED', reason, detail: expect.stringContaining(detail), rows: 0 });
  });

  it('ING-04: an XLSX workbook is taken like a CSV', async () => {
    const book = new Workbook();
    const sheet = book.addWorksheet('orders');
    for (const line of [header, row(`X-${world.run}`)]) sheet.addRow(line.split(','));
    const { id } = await post(Buffer.from((await book.xlsx.writeBuffer()) as Uint8Array));
    expect(await done(id)).toMatchObject({ state: 'DONE', format: 'XLSX', accepted: 1 });
    const { id: cut } = await post(Buffer.from((await book.xlsx.writeBuffer()) as Uint8Array).subarray(0, 3_000));
    expect(await done(cut)).toMatchObject({ state: 'REFUSED', reason: 'UNKNOWN_FORMAT' });
  });

  it('ING-04: an import that is interrupted goes on where it was, and takes every row once', async () => {
    const orders = 1_500;
    const csv = [header, ...Array.from({ length: orders }, (_, n) => row(`R-${world.run}-${n}`))].join('\n');
    // It comes to the middle and no farther, however fast it is.
    const allow = await refusing("NEW.type = 'ImportRowsTaken' AND (NEW.data->>'to')::int > 700", '57P01');
    const { id } = await post(csv);
    await eventually(async () => Number((await imports.get({ id }).catch(() => ({ rows: 0 }))).rows) === 650, patient);
    for (const client of [imports, mappings]) client.close();
    await world.stopService();
    const { rows: before } = await world.db.pool.query<{ taken: string }>("SELECT count(*) AS taken FROM es.event WHERE stream_id = $1 AND type = 'ImportDone'", [`orderImport-${id}`]);
    expect(Number(before[0]!.taken)).toBe(0);
    await allow();
    await world.startService();
    clients();
    expect(await done(id)).toMatchObject({ state: 'DONE', rows: orders, orders, accepted: orders, duplicate: 0 });
    expect((await rowsOf(id)).map(({ row: at }) => at)).toEqual(Array.from({ length: orders }, (_, n) => n + 2));
    const { rows } = await world.db.pool.query<{ deliveries: string; received: string }>(
      "SELECT count(*) FILTER (WHERE type = 'DeliveryRecorded') AS deliveries, count(*) FILTER (WHERE type = 'ChannelOrderReceived') AS received FROM es.event WHERE data->>'deliveryId' LIKE $1 OR data->'order'->>'channelOrderId' LIKE $2",
      [`${id}/%`, `R-${world.run}-%`],
    );
    expect(rows[0]).toEqual({ deliveries: String(orders), received: String(orders) });
  }, 180_000);

  it('ING-04: an upload whose answer was lost keeps its bytes, since its import may be there; what nobody owns goes after two days', async () => {
    const kept = async (): Promise<number> => Number((await world.db.pool.query<{ n: string }>('SELECT count(*) AS n FROM keys.piece')).rows[0]!.n);
    await eventually(async () => (await kept()) === 0, patient);
    const allow = await refusing("NEW.type = 'ImportReceived'", 'P0001');
    expect((await post(`${header}\n${row(`L-${world.run}-1`)}\n`)).status).toBe(500);
    await allow();
    expect(await kept()).toBe(1);
    await world.db.pool.query("UPDATE keys.piece SET created_at = now() - interval '3 days'");
    const { id } = await post(`${header}\n${row(`L-${world.run}-2`)}\n`);
    expect(await done(id)).toMatchObject({ accepted: 1 });
    await eventually(async () => (await kept()) === 0, patient);
  }, 90_000);

  it('ING-08: an order that cannot be told again goes on waiting, and those behind it do not wait for it', async () => {
    const map = connect(api.SkuMap, world.service.grpc);
    try {
      const [bad, good] = [`W-${world.run}-1`, `W-${world.run}-2`];
      const nameless = (id: string): string => `${id},2026-11-30T09:00:00+01:00,EUR,Waiting tea,1`;
      const { id } = await post(['channel_order_id,placed_at,currency,title,quantity', nameless(bad), nameless(good)].join('\n'));
      expect(await done(id)).toMatchObject({ accepted: 2 });
      const waiting = async (): Promise<number | undefined> => (await map.listTasks({ channel: world.files })).tasks.find(({ key }) => key === 'waiting tea')?.orders;
      await eventually(async () => Number(await waiting()) === 2, patient);
      const allow = await refusing(`NEW.type = 'ChannelOrderAmended' AND NEW.stream_id = 'channelOrder-${orderIdOf(world.files, bad)}'`, 'P0001');
      await map.map({ channel: world.files, by: 'NAME', key: 'waiting tea', parts: [{ sku: 'TEA-LJ-250', quantity: 1 }] });
      await eventually(() => world.names(orderIdOf(world.files, good)).includes('ChannelOrderAmended'), patient);
      await eventually(async () => Number(await waiting()) === 1, patient);
      await allow();
      expect(world.names(orderIdOf(world.files, bad))).toEqual(['ChannelOrderReceived']);
    } finally {
      map.close();
    }
  }, 90_000);

  it('ING-06: a made-up shop is connected through the API alone, tried on a sample, and its signed webhooks become orders with custom fields', async () => {
    const shop = `madeup-${world.run}`;
    await world.channels.connect({ id: shop, platform: 'generic', secret: 'made-up-secret' });
    const mapping = JSON.parse(generic('mapping.json')) as api.Mapping;
    const sample = Buffer.from(generic('order.json'));
    const hook = async (text: string, signature?: string): Promise<{ status: number; body: { orders?: readonly { orderId: string; state: string; reason: string }[] } }> => {
      const at = String(Date.now());
      const answer = await fetch(`${world.service.http}/v1/channels/${shop}/webhooks`, {
        method: 'POST', body: text, headers: { 'content-type': 'application/json', 'x-made-up-time': at, 'x-made-up-signature': signature ?? `v1=${createHmac('sha256', 'made-up-secret').update(`${at}.${text}`).digest('hex')}` },
      });
      return { status: answer.status, body: (await answer.json()) as never };
    };
    expect((await hook(sample.toString())).status).toBe(404);
    const tried = await mappings.put({ channel: shop, mapping: { ...mapping, fields: mapping.fields.filter(({ field }) => field !== 'placed_at') }, dryRun: true, sample });
    expect(tried).toMatchObject({ version: 0, orders: [{ channelOrderId: 'MU-7001', reason: 'BAD_INSTANT' }] });
    expect(tried.orders[0]!.fields.find(({ field }) => field === 'name')).toMatchObject({ value: 'Ana Próba', from: 'consignee.收货人', reason: '' });
    await expect(mappings.get({ channel: shop })).rejects.toThrow('no mapping');
    // Wrong at first: it looks for the quantity in a place where there is none.
    const wrong = { ...mapping, fields: mapping.fields.map((one) => (one.field === 'quantity' ? { ...one, from: ['count'] } : one)) };
    expect(await mappings.put({ channel: shop, mapping: wrong })).toMatchObject({ version: 1 });
    expect((await hook(sample.toString(), 'v1=00')).status).toBe(401);
    const bodies = ['MU-7001', 'MU-7002', 'MU-7003'].map((id) => sample.toString().replace('MU-7001', id));
    for (const text of bodies) expect((await hook(text)).body.orders).toMatchObject([{ state: 'PARKED', reason: 'BAD_QUANTITY' }]);
    // ING-14: the mapping is corrected, and all that waited is handled again in one go.
    expect(await mappings.put({ channel: shop, mapping })).toMatchObject({ version: 2, orders: [] });
    await eventually(async () => (await world.quarantine.list({ channel: shop, reason: 'BAD_QUANTITY' })).entries.length === 3, patient);
    expect((await world.quarantine.list({ channel: shop, reason: 'BAD_AMOUNT' })).entries).toEqual([]);
    const request = { requestId: randomUUID(), channel: shop, reason: 'BAD_QUANTITY' };
    const begun = await world.quarantine.replayMany(request);
    expect(begun).toMatchObject({ wanted: 3 });
    expect((await world.quarantine.replayMany(request)).id).toBe(begun.id);
    expect(await eventually(async () => { const now = await world.quarantine.getReplay({ id: begun.id }); return now.state === 'DONE' ? now : false; }, patient)).toMatchObject({ placed: 3, parked: 0, failed: 0 });
    expect((await world.quarantine.listReplayed({ id: begun.id })).entries.map(({ orderId, state }) => [orderId, state])).toEqual(['MU-7001', 'MU-7002', 'MU-7003'].map((id) => [orderIdOf(shop, id), 'PLACED']));
    const order = await eventually(() => world.received(orderIdOf(shop, 'MU-7002')), patient);
    expect(order).toMatchObject({ platform: 'generic', total: { amount: 33550, currency: 'EUR' }, custom: [{ name: 'live_coupon', value: 'LIVE-88' }, { name: 'live_room', value: '42' }], lines: [{ sku: 'MU-SET', quantity: 2 }, { sku: 'MU-CUP', quantity: 1 }] });
    expect((await mappings.get({ channel: shop, version: 1 })).mapping.fields.find(({ field }) => field === 'quantity')?.from).toEqual(['count']);
    expect(await mappings.preview({ channel: shop, sample })).toMatchObject({ orders: [{ channelOrderId: 'MU-7001', reason: '' }] });
    await expect(mappings.preview({ channel: shop, sample: Buffer.from('%PDF-1.7') })).rejects.toThrow('neither CSV nor XLSX');
  }, 120_000);

  it('ING-04: a file that is handed over by gRPC is an import like any other, known when it comes again, refused where it is none', async () => {
    const parts = (text: string, channel = world.files): { channel: string; fileName: string; data: Uint8Array }[] => (text.match(/[\s\S]{1,40}/g) ?? ['']).map((piece, at) => ({ channel: at === 0 ? channel : '', fileName: at === 0 ? 'desk.csv' : '', data: Buffer.from(piece) }));
    const text = [header, row(`U-${world.run}-1`), row(`U-${world.run}-2`)].join('\n');
    const first = await imports.upload(parts(text));
    expect(first).toMatchObject({ known: false });
    expect(await done(first.id)).toMatchObject({ state: 'DONE', fileName: 'desk.csv', rows: 2, orders: 2, accepted: 2 });
    expect(await imports.upload(parts(text))).toMatchObject({ id: first.id, state: 'DONE', known: true });
    await expect(imports.upload(parts(text, 'nobody'))).rejects.toThrow('no channel "nobody"');
    await expect(imports.upload([])).rejects.toThrow('the first message names channel and file');
    await expect(imports.upload(parts('%PDF-1.7 no table'))).rejects.toThrow('neither CSV nor XLSX');
  }, 90_000);

  it('ING-06: what came last shows what another mapping would make of it, and nobody’s name', async () => {
    const shop = `madeup-${world.run}`;
    const mapping = JSON.parse(generic('mapping.json')) as api.Mapping;
    const inForce = await mappings.recent({ channel: shop });
    expect(inForce.orders.map(({ mapped, state }) => [mapped!.channelOrderId, mapped!.reason, state])).toEqual(['MU-7003', 'MU-7002', 'MU-7001'].map((id) => [id, '', 'PLACED']));
    const shown = JSON.stringify(inForce.orders) + Buffer.from(inForce.sample).toString();
    for (const word of ['Ana Próba', 'Próba']) expect(shown).not.toContain(word);
    expect(inForce.orders[0]!.mapped!.fields.find(({ field }) => field === 'name')!.value).toMatch(/\*/);
    const tried = await mappings.recent({ channel: shop, mapping: { ...mapping, fields: mapping.fields.filter(({ field }) => field !== 'placed_at') }, size: 2 });
    expect(tried.orders.map(({ mapped }) => mapped!.reason)).toEqual(['BAD_INSTANT', 'BAD_INSTANT']);
    // Only looked at: the mapping in force is the one that was put.
    expect(await mappings.get({ channel: shop })).toMatchObject({ version: 2 });
    await expect(mappings.recent({ channel: 'nobody' })).rejects.toThrow('nobody');
  }, 60_000);

  it('ING-14: a body that could not be read is replayed into all of its orders, by the mapping that was put a moment ago in another process; each is kept without the others', async () => {
    const shop = `several-${world.run}`;
    await world.channels.connect({ id: shop, platform: 'generic', secret: 'made-up-secret' });
    const mapping = JSON.parse(generic('mapping.json')) as api.Mapping;
    await mappings.put({ channel: shop, mapping: { ...mapping, orders: 'elsewhere' } });
    const [order] = (JSON.parse(generic('order.json')) as { data: readonly [Record<string, unknown>] }).data;
    const of = (number: string, tel: string, more: object = {}): object => ({ ...order, orderNo: number, consignee: { ...(order['consignee'] as object), tel }, ...more });
    const body = JSON.stringify({ data: [of('SV-1', '+3670111111'), of('SV-2', '+3670222222'), of('SV-1', '+3670111111', { note: 'twice' }), of('', '+3670333333')] });
    const at = String(Date.now());
    const answer = await fetch(`${world.service.http}/v1/channels/${shop}/webhooks`, { method: 'POST', body, headers: { 'content-type': 'application/json', 'x-made-up-time': at, 'x-made-up-signature': `v1=${createHmac('sha256', 'made-up-secret').update(`${at}.${body}`).digest('hex')}` } });
    expect(((await answer.json()) as { orders: unknown }).orders).toMatchObject([{ state: 'PARKED', reason: 'CONTRACT_VIOLATED' }]);
    const entry = await eventually(async () => (await world.quarantine.list({ channel: shop })).entries[0] ?? false, patient);
    // The channel is asked for once more, so that this process remembers it as it was.
    expect(await world.quarantine.replay({ id: entry.id })).toMatchObject({ state: 'PARKED', reason: 'CONTRACT_VIOLATED' });
    await putElsewhere(shop, mapping);
    expect(await world.quarantine.replay({ id: entry.id })).toMatchObject({ orderId: orderIdOf(shop, 'SV-1'), state: 'PARKED', reason: 'NO_ORDER_ID' });
    for (const number of ['SV-1', 'SV-2']) await eventually(() => world.received(orderIdOf(shop, number)), patient);
    const { rows } = await world.db.pool.query<{ type: string; delivery: string; raw: readonly string[]; order: string }>("SELECT type, data->>'deliveryId' AS delivery, data->'raw' AS raw, data->>'channelOrderId' AS order FROM es.event WHERE data->>'channel' = $1 AND type IN ('DeliveryRecorded', 'DeliveryQuarantined') ORDER BY position", [shop]);
    expect(rows.slice(1).map(({ type, delivery, order: number }) => [type, delivery.replace(/^.*\//, '/'), number]).toSorted(([, a = ''], [, b = '']) => a.localeCompare(b))).toEqual([['DeliveryRecorded', '/0', 'SV-1'], ['DeliveryRecorded', '/1', 'SV-2'], ['DeliveryRecorded', '/2', 'SV-1'], ['DeliveryQuarantined', '/3', '']]);
    // What is left is the one without a number, which a correction makes an order.
    const left = await eventually(async () => { const { entries } = await world.quarantine.list({ channel: shop }); return entries.length === 1 && entries[0]!.reason === 'NO_ORDER_ID' ? entries[0]! : false; }, patient);
    expect(await world.quarantine.replay({ id: left.id, correctedPayload: Buffer.from(JSON.stringify({ data: [of('SV-4', '+3670333333')] })) })).toMatchObject({ orderId: orderIdOf(shop, 'SV-4'), state: 'PLACED' });
    await expect(world.quarantine.replayMany({ channel: world.files, ids: [left.id] })).rejects.toThrow('is of another channel');
    expect((await world.quarantine.list({ channel: shop, source: 'PULL' })).entries).toEqual([]);
  }, 90_000);

  it('ING-14: entries that are gone, or cannot be understood yet, say so in a bulk replay', async () => {
    const shop = `madeup-${world.run}`;
    const begun = await world.quarantine.replayMany({ channel: shop, ids: [randomUUID()] });
    await eventually(async () => (await world.quarantine.getReplay({ id: begun.id })).state === 'DONE', patient);
    expect((await world.quarantine.listReplayed({ id: begun.id })).entries).toMatchObject([{ state: 'FAILED', reason: 'NOT_FOUND' }]);
    await expect(world.quarantine.replayMany({})).rejects.toThrow('name a channel');
    await expect(world.quarantine.getReplay({ id: randomUUID() })).rejects.toThrow('no bulk replay');
  });

  it('ING-14: a row of a file is corrected in quarantine and taken', async () => {
    const id = `Q-${world.run}`;
    const { id: importId } = await post(`${header}\n${row(id, 'TEA-LJ-250', 'two')}\n`);
    expect(await done(importId)).toMatchObject({ quarantined: 1 });
    expect((await world.quarantine.list({ channel: world.files, source: 'PULL', channelOrderId: id })).entries).toEqual([]);
    await expect(world.quarantine.list({ source: 'POST' })).rejects.toThrow('PULL');
    const entry = await eventually(async () => (await world.quarantine.list({ channel: world.files, source: 'FILE', channelOrderId: id })).entries[0] ?? false, patient);
    await expect(world.quarantine.replayMany({ channel: world.shop, ids: [entry.id] })).rejects.toThrow('of another channel');
    const corrected = Buffer.from(JSON.stringify({ columns: header.split(','), rows: [{ row: 2, cells: row(id, 'TEA-LJ-250', '2').split(',') }] }));
    expect(await world.quarantine.replay({ id: entry.id, correctedPayload: corrected })).toMatchObject({ state: 'PLACED' });
    expect((await eventually(() => world.received(orderIdOf(world.files, id)), patient)).lines).toMatchObject([{ quantity: 2 }]);
  });
});
