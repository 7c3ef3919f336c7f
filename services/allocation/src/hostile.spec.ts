import { readFileSync } from 'node:fs';
import { reasons } from '@flotilla/contracts';
import type { Task } from '@flotilla/event-store';
import type { Call, Served } from '@flotilla/service-kit';
import { hostileContract, type Reader } from '@flotilla/testing';
import { asEventStore, MemoryStore } from '../spec/memory-store.js';
import { workbook } from '../spec/workbook.js';
import { catalogueGrpc } from './accept/catalogue.grpc.js';
import { routingGrpc } from './accept/routing.grpc.js';
import { stockGrpc } from './accept/stock.grpc.js';
import { takeAnswers } from './accept/suppliers/answers.js';
import { suppliersGrpc } from './accept/suppliers/suppliers.grpc.js';
import { warehousesGrpc } from './accept/warehouses.grpc.js';
import { stockFeedsGrpc } from './accept/wms/stock-feeds.grpc.js';
import { readCalled, readLock, readPush, readStock } from './perform/wms/cloudwms/cloudwms.messages.js';
import { readStockFile } from './perform/wms/sftp3pl/sftp3pl.files.js';
import { post } from './perform/suppliers/api.js';

const now = new Date('2026-11-30T00:00:00.000Z');
const memory = new MemoryStore(() => now.toISOString());
const store = asEventStore(memory, <A>(task: Task<A>) => memory.execute(task.decide));
const pool = { query: () => Promise.resolve({ rows: [] }) };
const ctx = { store, pool, clock: { business: () => now, machine: () => now } } as never;
const call = { meta: { correlation: '', causation: '', actor: 'spec' }, caller: 'spec', request: () => undefined } as unknown as Call;
const everywhere = (): boolean => true;

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');
const fixture = (path: string): string => readFileSync(new URL(`perform/wms/${path}`, import.meta.url), 'utf8');
const seed = (name: string): Buffer => {
  const bytes = readFileSync(`deploy/seed/${name}`);
  return bytes.subarray(0, bytes.indexOf('\n', Math.min(1_500, bytes.length - 1)) + 1 || bytes.length);
};
async function* inPieces(bytes: Uint8Array, first: object = {}): AsyncGenerator<object> {
  yield { ...first, data: bytes.subarray(0, 1_000) };
  for (let at = 1_000; at < bytes.length; at += 64_000) yield { data: bytes.subarray(at, at + 64_000) };
}
/** What a file does through the very method that takes it. */
const through = (served: Served, method = 'import', first: object = {}) => async (bytes: Uint8Array): Promise<unknown> => {
  const { errors, ...rest } = await (served.handlers[method] as unknown as (chunks: AsyncIterable<object>, call: Call) => Promise<{ readonly errors: readonly { readonly reason: string }[] }>)(inPieces(bytes, first), call);
  return { ...rest, reasons: errors.map(({ reason }) => reason) };
};

// What the rows are about is there, so that they come as far as they can.
await through(warehousesGrpc(ctx))(Buffer.from('warehouse,country,kind,ledger\nSZ,CN,OWN,WMS\nSUP-1,CN,SUPPLIER,SUPPLIER\n'));
await through(catalogueGrpc(ctx))(readFileSync('deploy/seed/skus.csv'));

const files: readonly Reader[] = [
  { name: 'the catalogue', valid: [seed('skus.csv')], read: through(catalogueGrpc(ctx)) },
  { name: 'warehouses', valid: [seed('warehouses.csv')], read: through(warehousesGrpc(ctx)) },
  { name: 'stock', valid: [seed('stock.csv')], read: through(stockGrpc(ctx, everywhere)) },
  { name: 'lanes', valid: ['carrier,service,from_province,to_zone,first_grams,first_price,extra_grams,extra_price,currency,days,valid_from,valid_to,warehouse\nsf,STANDARD,广东省,北京市,1000,18.00,500,4.00,CNY,2,2026-01-01,,SZ\n'], read: through(routingGrpc(ctx), 'importLanes') },
  { name: 'suppliers', valid: ['supplier,name,email,language,response_minutes,sku,stock,cost,currency\nSUP-1,茶厂,a@example.com,zh,60,,,,\nSUP-1,,,,,TEA-LJ-250,12,1800,CNY\n'], read: through(suppliersGrpc(ctx, { portal: true, secrets: new Set(), files: new Set(), videoUrl: String })) },
  { name: 'a list of a warehouse system', valid: ['sku,quantity,unsellable,position\nTEA-LJ-250,12,1,88\nTEA-LJ-500,0,0,88\n'], read: through(stockFeedsGrpc({ store, pool: pool as never, now: () => now }), 'reconcile', { warehouse: 'SZ', meaning: 'PHYSICAL', position: 1, dryRun: false }) },
  { name: 'a supplier’s answers', valid: ['offer,answer,reason,carrier,waybill\n901e7359-acf3-5dea-b403-e3c7f3600b91,ACCEPTED,,,\n901e7359-acf3-5dea-b403-e3c7f3600b91,SHIPPED,,sf,SF7444400031887\n'], read: async (bytes: Uint8Array) => ((await takeAnswers({ store, at: () => now.toISOString(), meta: () => call.meta }, 'SUP-1', 'a.csv', Buffer.from(bytes), 'x')).whole ? 'parked' : 'taken'), neverThrows: true },
  { name: 'a third party’s stock', valid: [fixture('sftp3pl/fixtures/stock.csv')], read: (bytes: Uint8Array) => readStockFile(text(bytes)) },
].map((reader) => ({ ...reader, kind: 'table' }));

const book = (name: string): Promise<Buffer> => workbook(seed(name).toString().trim().split('\n').map((line) => line.split(',')));
// Those that read through importRows are one way; lanes are the other.
const workbooks: readonly Reader[] = [
  { name: 'the catalogue as a workbook', valid: [await book('skus.csv')], read: through(catalogueGrpc(ctx)) },
  { name: 'lanes as a workbook', valid: [await workbook([['carrier', 'service', 'from_province', 'to_zone', 'first_grams', 'first_price', 'currency', 'days', 'valid_from'], ['sf', 'STANDARD', '', '北京市', 1000, 18, 'CNY', 2, new Date('2026-01-01')]])], read: through(routingGrpc(ctx), 'importLanes') },
].map((reader) => ({ ...reader, kind: 'bytes' }));

const answers: readonly Reader[] = [
  { name: 'a lock of the cloud warehouse', valid: [fixture('cloudwms/fixtures/lock.locked.json'), fixture('cloudwms/fixtures/lock.refused.json')], read: (bytes: Uint8Array) => [readLock(200, text(bytes), true), readCalled(409, text(bytes)), readLock(404, text(bytes), true), readLock(500, text(bytes), true)], neverThrows: true },
  { name: 'a push of the cloud warehouse', valid: [fixture('cloudwms/fixtures/push.levels.json')], read: (bytes: Uint8Array) => readPush(text(bytes)) },
  { name: 'a page of its stock', valid: ['{"meaning":"PHYSICAL","items":[{"sku":"MUG-1","quantity":12,"unsellable":0,"position":88}],"next":500}'], read: (bytes: Uint8Array) => readStock(text(bytes)) },
  { name: 'a supplier’s system', valid: ['{"answer":"REFUSED","reason":"NO_STOCK"}'], read: (bytes: Uint8Array) => post(() => Promise.resolve(new Response(Buffer.from(bytes))), { url: 'http://x', secret: 's', id: 'i', now, body: '{}', signal: AbortSignal.timeout(60_000) }), neverThrows: true },
].map((reader) => ({ ...reader, kind: 'json' }));

hostileContract('ALC-15', Object.keys(reasons), [...files, ...workbooks, ...answers]);
