import { randomBytes, randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { createEventStore, type EventStore } from '@flotilla/event-store';
import { migrate } from '@flotilla/service-kit';
import { testServers } from '@flotilla/tasks';
import { crashable, database, eventually, type TestDatabase } from '@flotilla/testing';
import { channel } from '../decide/channel.decider.js';
import { orderImport, type TakenRow } from '../decide/order-import.decider.js';
import { keepPieces } from '../keys/pieces.js';
import { secretsOf } from '../keys/secrets.js';
import { SubjectKeyRing } from '../keys/subject-keys.js';
import { KeyTables, PieceTable } from '../keys/tables.js';

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
