import { randomBytes, randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createEventStore, silentLogger, type EventStore, type Performed } from '@flotilla/event-store';
import { migrate } from '@flotilla/service-kit';
import { testServers } from '@flotilla/tasks';
import { crashable, database, eventually, type TestDatabase } from '@flotilla/testing';
import { businessClock } from '@flotilla/values';
import { ConnectedChannels } from '../accept/connected-channels.js';
import { Deliveries } from '../accept/deliveries.js';
import { ordinaryColumns } from '../channels/csv/columns.js';
import { platforms } from '../channels/registry.js';
import { bulkReplay } from '../decide/bulk-replay.decider.js';
import { channel } from '../decide/channel.decider.js';
import { fieldMapping } from '../decide/mapping.decider.js';
import { orderImport, type TakenRow } from '../decide/order-import.decider.js';
import { keepPieces } from '../keys/pieces.js';
import { secretsOf } from '../keys/secrets.js';
import { SubjectKeyRing } from '../keys/subject-keys.js';
import { KeyTables, PieceTable } from '../keys/tables.js';
import { bulkReplayPerformer } from './bulk-replay.performer.js';
import { orderImportPerformer } from './order-import.performer.js';

jest.setTimeout(120_000);

const kek = randomBytes(32);
const meta = { correlation: 'spec', causation: 'spec', actor: 'spec' };
const at = '2026-11-30T10:00:00.000Z';
let db: TestDatabase;
let store: EventStore;

beforeAll(async () => {
  db = await database(testServers().postgresUrl);
  await migrate({ ownerUrl: db.url, role: decodeURIComponent(new URL(db.url).username), reader: 'nobody', migrations: [KeyTables, PieceTable] });
  store = createEventStore({ pool: db.pool });
});
afterAll(async () => {
  await store?.close();
  await db?.drop();
});

it('ING-04: an import whose process is killed before and after an append goes on in the next, and takes every row once', async () => {
  const orders = 400;
  const secrets = secretsOf(kek);
  await store.execute({
    streams: [[channel, 'shop']],
    meta,
    decide: (unit) => void unit.run(channel, 'shop', { type: 'ConnectChannel', data: { id: 'shop', platform: 'csv', name: 'shop', apiUrl: '', secret: secrets.sealSetting('shop', 'secret', 's'), secretFingerprint: '', token: '', tokenFingerprint: '', at } }),
  });
  const [id, upload] = [randomUUID(), randomUUID()];
  const csv = ['channel_order_id,placed_at,currency,sku,quantity', ...Array.from({ length: orders }, (_, n) => `K-${n},${at},EUR,TEA-LJ-250,1`)].join('\n');
  const bytes = async function* (): AsyncGenerator<Uint8Array> {
    yield Buffer.from(csv);
  };
  await keepPieces(db.pool, new SubjectKeyRing(db.pool, kek), upload, bytes());
  await store.execute({ streams: [[orderImport, id]], meta, decide: (unit) => void unit.run(orderImport, id, { type: 'ReceiveImport', data: { id, channel: 'shop', fileName: '', format: 'CSV', encoding: 'utf-8', bytes: csv.length, sha256: '', upload, receivedAt: at } }) });
  const child = (killAt: string) => crashable(fileURLToPath(new URL('../../spec/order-import-child.ts', import.meta.url)), { env: { DATABASE: db.url, KILL_AT: killAt, KEK: kek.toString('base64') } });
  const taken = async (): Promise<number> => (await createEventStore({ pool: db.pool }).folded(orderImport, [id])).get(id)!.state!.taken;
  const progress: number[] = [];
  for (const killAt of ['before', 'after']) {
    expect(await child(killAt).exited).toBe('SIGKILL');
    progress.push(await taken());
  }
  // Two appends of fifty orders and one that never was; then three more.
  expect(progress).toEqual([101, 251]);
  const last = child('');
  try {
    await eventually(async () => (await createEventStore({ pool: db.pool }).folded(orderImport, [id])).get(id)!.state!.state === 'DONE', { timeoutMs: 60_000 });
    await eventually(async () => (await db.pool.query('SELECT FROM keys.piece')).rowCount === 0, { timeoutMs: 30_000 });
  } finally {
    await last.kill();
  }
  const { rows } = await db.pool.query<{ type: string; n: string; streams: string }>("SELECT type, count(*) AS n, count(DISTINCT stream_id) AS streams FROM es.event WHERE stream_id LIKE 'channelOrder-%' GROUP BY type ORDER BY type");
  expect(rows).toEqual([{ type: 'ChannelOrderReceived', n: String(orders), streams: String(orders) }, { type: 'DeliveryRecorded', n: String(orders), streams: String(orders) }]);
  const { rows: reports } = await db.pool.query<{ data: { rows: readonly TakenRow[] } }>("SELECT data FROM es.event WHERE type = 'ImportRowsTaken' ORDER BY position");
  expect(reports.flatMap(({ data }) => data.rows.map(({ row, outcome }) => `${row} ${outcome}`))).toEqual(Array.from({ length: orders }, (_, n) => `${n + 2} ACCEPTED`));
});

describe('work with one order in it that cannot be done', () => {
  // What the database will never take stands for whatever else throws each time.
  const refusing = async <T>(what: string, run: () => Promise<T>, how = ''): Promise<T> => {
    await db.pool.query(`CREATE OR REPLACE FUNCTION refuse_poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF ${what} THEN RAISE EXCEPTION 'never'${how}; END IF; RETURN NEW; END $$`);
    await db.pool.query('CREATE TRIGGER refuse_poison BEFORE INSERT ON es.event FOR EACH ROW EXECUTE FUNCTION refuse_poison()');
    try {
      return await run();
    } finally {
      await db.pool.query('DROP TRIGGER refuse_poison ON es.event');
    }
  };
  const signal = new AbortController().signal;

  const importing = async (rows: readonly string[], header = 'channel_order_id,placed_at,currency,sku,quantity'): Promise<{ readonly id: string; readonly events: () => Promise<readonly { type: string; data: Record<string, unknown> }[]>; readonly run: () => Promise<void>; readonly upload: string }> => {
    const secrets = secretsOf(kek);
    const keys = new SubjectKeyRing(db.pool, kek);
    const own = createEventStore({ pool: db.pool });
    const [id, upload] = [randomUUID(), randomUUID()];
    const csv = [header, ...rows].join('\n');
    await keepPieces(db.pool, keys, upload, (async function* () { yield Buffer.from(csv); })());
    await own.execute({ streams: [[orderImport, id]], meta, decide: (unit) => void unit.run(orderImport, id, { type: 'ReceiveImport', data: { id, channel: 'shop', fileName: '', format: 'CSV', encoding: 'utf-8', bytes: Buffer.byteLength(csv), sha256: '', upload, receivedAt: at, mapping: 0 } }) });
    const performer = orderImportPerformer({
      ctx: { store: own, pool: db.pool, clock: businessClock(''), log: silentLogger } as unknown as Parameters<typeof orderImportPerformer>[0]['ctx'],
      keys, channels: new ConnectedChannels(own, secrets), platforms: platforms(() => Promise.reject(new Error('not asked'))), deliveries: new Deliveries(keys, secrets, () => ''),
    });
    return {
      id, upload,
      events: async () => (await own.read(`orderImport-${id}`, { from: 2, limit: 100 })) as never,
      run: () => performer.perform({ kind: 'order-import', intent: `${id}.1`, payload: null, signal } as unknown as Performed, meta),
    };
  };
  const outcomes = async (one: Awaited<ReturnType<typeof importing>>): Promise<readonly string[]> => (await one.events()).flatMap(({ data }) => ((data['rows'] ?? []) as readonly TakenRow[]).map(({ row, outcome, reason }) => `${row} ${outcome} ${reason}`));

  it('ING-04: an order that cannot be taken waits in quarantine, and the rest of its file is taken', async () => {
    const one = await importing(['good-1', 'POISON', 'good-2'].map((id) => `${id},${at},EUR,TEA-LJ-250,1`));
    await refusing("NEW.type = 'ChannelOrderReceived' AND NEW.data::text LIKE '%POISON%'", one.run);
    expect(await outcomes(one)).toEqual(['2 ACCEPTED ', '3 QUARANTINED INTERNAL', '4 ACCEPTED ']);
    expect((await one.events()).at(-1)).toMatchObject({ type: 'ImportDone' });
    const { rows } = await db.pool.query<{ data: object }>("SELECT data FROM es.event WHERE type = 'DeliveryQuarantined' AND data->>'channelOrderId' = 'POISON'");
    expect(rows.map(({ data }) => data)).toMatchObject([{ reason: 'INTERNAL', parks: true, deliveryId: `${one.id}/3` }]);
  });

  it('ING-04: what passes by itself is nobody’s fault: the work comes back, and takes the order', async () => {
    const one = await importing([`later,${at},EUR,TEA-LJ-250,1`]);
    await expect(refusing("NEW.type = 'ChannelOrderReceived'", one.run, " USING ERRCODE = '57P01'")).rejects.toThrow('never');
    await one.run();
    expect(await outcomes(one)).toEqual(['2 ACCEPTED ']);
  });

  it('ING-04: two workers that take one file at once take every row once between them', async () => {
    const one = await importing(Array.from({ length: 175 }, (_, n) => `both-${n},${at},EUR,TEA-LJ-250,1`));
    await Promise.all([one.run(), one.run()]);
    expect(await outcomes(one)).toEqual(Array.from({ length: 175 }, (_, n) => `${n + 2} ACCEPTED `));
  });

  it('ING-04: a header whose names cannot be stored refuses its file, and the refusal is recorded', async () => {
    const one = await importing([`x,${at},EUR,TEA-LJ-250,1,1,2`], 'channel_order_id,placed_at,currency,sku,quantity,a\u0000,a\u0000');
    await one.run();
    expect(await one.events()).toMatchObject([{ type: 'ImportRefused', data: { reason: 'BAD_CSV', detail: 'two columns are called "a "' } }]);
  });

  it('ING-04: a file of which a piece is gone is refused, and never done', async () => {
    const one = await importing([`gone,${at},EUR,TEA-LJ-250,1`]);
    await db.pool.query('DELETE FROM keys.piece WHERE upload = $1', [one.upload]);
    await one.run();
    expect(await one.events()).toMatchObject([{ type: 'ImportRefused', data: { reason: 'UNAVAILABLE', detail: expect.stringContaining('upload it again') } }]);
  });

  it('ING-06: a file is read by the mapping of its upload to its end, whatever is put meanwhile', async () => {
    const put = (from: readonly string[]) => store.execute({ streams: [[fieldMapping, 'shop']], meta, decide: (unit) => unit.run(fieldMapping, 'shop', { type: 'PutMapping', data: { channel: 'shop', mapping: { ...ordinaryColumns, currency: 'EUR', fields: ordinaryColumns.fields.map((one) => (one.field === 'quantity' ? { ...one, from } : one)) }, at, who: 'spec' } }) });
    await put(['pieces']);
    const one = await importing([`mapped,${at},EUR,TEA-LJ-250,2,7`], 'channel_order_id,placed_at,currency,sku,quantity,pieces');
    await one.run();
    // `mapping: 0`: uploaded before there was one.
    expect(await outcomes(one)).toEqual(['2 ACCEPTED ']);
    const { rows } = await db.pool.query<{ data: { order: { lines: readonly { quantity: number }[] } } }>("SELECT data FROM es.event WHERE type = 'ChannelOrderReceived' AND data->'order'->>'channelOrderId' = 'mapped'");
    expect(rows[0]!.data.order.lines).toMatchObject([{ quantity: 2 }]);
  });

  it('ING-14: an entry that cannot be handled has failed, and those behind it are handled', async () => {
    const own = createEventStore({ pool: db.pool });
    const id = randomUUID();
    await own.execute({ streams: [[bulkReplay, id]], meta, decide: (unit) => void unit.run(bulkReplay, id, { type: 'BeginBulkReplay', data: { id, channel: 'shop', entries: ['bad', 'good', 'blip'], at, who: 'spec' } }) });
    let blips = 0;
    const replay = (entry: string): Promise<{ orderId: string; state: string; reason: string }> => {
      if (entry === 'bad') return Promise.reject(new TypeError('parts.map is not a function'));
      if (entry === 'blip' && (blips += 1) === 1) return Promise.reject(Object.assign(new Error('gone'), { code: 'ECONNRESET' }));
      return Promise.resolve({ orderId: 'o', state: 'PLACED', reason: '' });
    };
    const performer = bulkReplayPerformer({ ctx: { store: own, clock: businessClock(''), log: silentLogger } }, replay);
    const job = { kind: 'bulk-replay', intent: id, payload: null, signal } as unknown as Performed;
    await expect(performer.perform(job, meta)).rejects.toThrow('gone');
    await performer.perform(job, meta);
    expect((await own.read(`bulkReplay-${id}`, { from: 2, limit: 10 })).map(({ data }) => data)).toMatchObject([{ entry: 'bad', state: 'FAILED', reason: 'INTERNAL' }, { entry: 'good', state: 'PLACED' }, { entry: 'blip', state: 'PLACED' }]);
  });
});
