import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createEventStore, migrateEventStore, type EventStore, type Unit } from '@flotilla/event-store';
import { crashable, database, eventually, type Crashable, type TestDatabase } from '@flotilla/testing';
import pg from 'pg';
import { wmsKey, wmsSandbox, wmsSecret, type WmsSandbox } from '../../../spec/wms-sandbox.js';
import { askConfirm, askConsume, askLock, askRelease, tellStock } from '../../coordinate/wms/participant.js';
import { stock } from '../../decide/stock.decider.js';
import { wmsLock } from '../../decide/wms/lock.decider.js';
import type { WmsLockEvent } from '../../decide/wms/lock.events.js';
import { adapters } from './registry.js';
import { connectTargets } from './targets.js';
import type { WmsConnection } from './wms.js';

jest.setTimeout(120_000);

const SKU = 'MUG-1';
type Targets = Readonly<Record<string, unknown>>;
const httpTarget = (sandbox: WmsSandbox): object => ({ adapter: 'cloudwms', url: sandbox.url, key: wmsKey, secret: wmsSecret });
const filesTarget = (user: string, { sftpPort, hostKey }: { sftpPort: number; hostKey: string }): object => ({ adapter: 'sftp3pl', host: '127.0.0.1', port: sftpPort, user, password: wmsSecret, hostKey });

it('the registry lists exactly the folders, each of the one shape', () => {
  const folder = new URL('.', import.meta.url);
  const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name);
  expect(adapters.map(({ manifest }) => manifest.name).toSorted()).toEqual(folders.toSorted());
  for (const name of folders) for (const part of ['manifest.ts', 'README.md', 'fixtures']) expect([name, part, existsSync(new URL(`${name}/${part}`, folder))]).toEqual([name, part, true]);
});

it('targets that cannot be used are named at the start, without their secrets', () => {
  const options = { fetchOf: () => (url: string, init: RequestInit) => fetch(url, init), now: () => new Date() };
  expect(() => connectTargets({ W1: { adapter: 'fax' } }, options)).toThrow('W1 has the adapter "fax"; there are cloudwms, sftp3pl');
  expect(() => connectTargets({ W1: { adapter: 'cloudwms', url: 'x', key: 'k', secret: 'geheim-geheim' } }, options)).toThrow(/^FLOTILLA_WMS_TARGETS: W1: url (?!.*geheim)/);
});

// What the participant relies on, of whatever system.
describe.each(adapters.map(({ manifest }) => manifest.name))('the contract of a warehouse system: %s', (name) => {
  const SITE = `contract-${name}`;
  let sandbox: WmsSandbox;
  let connection: WmsConnection;
  let counter = 0;
  const soon = (): AbortSignal => AbortSignal.timeout(20_000);
  const order = (lockId: string, quantity = 1) => ({ lockId, foId: 'F', lines: [{ sku: SKU, quantity }], keepUntil: new Date(Date.now() + 60_000).toISOString() });
  const fresh = (): string => `lock-${name}-${(counter += 1)}`;

  beforeAll(async () => {
    sandbox = await wmsSandbox();
    const site = await sandbox.open(SITE, { sftp: true, push: false });
    const targets: Targets = { [SITE]: name === 'cloudwms' ? httpTarget(sandbox) : filesTarget(SITE, site) };
    connection = connectTargets(targets, { fetchOf: () => (url, init) => fetch(url, init), now: () => new Date() }).get(SITE)!;
    await sandbox.receive(SITE, SKU, 10);
  });
  afterAll(async () => {
    await connection.port.close?.();
    await sandbox.close();
  });

  it('ALC-09: takes a lock to its end, the same however often it is told, with a position at every step', async () => {
    const { port } = connection;
    const lockId = fresh();
    const positions: number[] = [];
    const becomes = async (answer: Promise<{ kind: string; said?: { there: string; fence: number; position: number } }>, there: string): Promise<number> => {
      const given = await answer;
      expect(given).toMatchObject({ kind: 'is', said: { there } });
      positions.push(given.said!.position);
      return given.said!.fence;
    };
    expect(await port.ask(lockId, soon())).toEqual({ kind: 'not-known' });
    const fence = await becomes(port.lock(order(lockId), soon()), 'LOCKED');
    await becomes(port.lock(order(lockId), soon()), 'LOCKED');
    await becomes(port.ask(lockId, soon()), 'LOCKED');
    await becomes(port.confirm(lockId, fence, soon()), 'CONFIRMED');
    await becomes(port.ask(lockId, soon()), 'CONFIRMED');
    if (name === 'sftp3pl') {
      expect(await port.consume(lockId, fence, 'P1', soon())).toMatchObject({ kind: 'unclear' });
      await sandbox.work(SITE);
    }
    await becomes(port.consume(lockId, fence, 'P1', soon()), 'CONSUMED');
    await becomes(port.ask(lockId, soon()), 'CONSUMED');
    await becomes(port.release(lockId, 'CANCELLED', soon()), 'CONSUMED');
    expect(positions).toEqual(positions.toSorted((a, b) => a - b));
    expect(positions[0]).toBeGreaterThan(0);
    expect(await sandbox.lock(SITE, lockId)).toMatchObject({ state: 'CONSUMED', times: 1 });
  });

  it('ALC-09: a lock that was given back stays so, also one that it never heard of', async () => {
    const { port } = connection;
    for (const before of [true, false]) {
      const lockId = fresh();
      if (before) await port.lock(order(lockId), soon());
      expect(await port.release(lockId, 'NOT_NEEDED', soon())).toMatchObject({ kind: 'is', said: { there: 'RELEASED' } });
      expect(await port.release(lockId, 'NOT_NEEDED', soon())).toMatchObject({ kind: 'is', said: { there: 'RELEASED' } });
      expect(await port.lock(order(lockId), soon())).toMatchObject({ kind: 'is', said: { there: 'RELEASED' } });
      await sandbox.work(SITE);
      expect(['RELEASED', undefined]).toContain((await sandbox.lock(SITE, lockId))?.state);
    }
    expect((await sandbox.ledger(SITE)).shelves[SKU]?.locked).toBe(0);
  });

  it('ALC-09: nothing that goes wrong on the way is an answer', async () => {
    const { port } = connection;
    const lockId = fresh();
    const gone = AbortSignal.abort(new Error('stopped'));
    expect((await port.lock(order(lockId), gone)).kind).toBe('unclear');
    expect((await port.ask(lockId, gone)).kind).toBe('unclear');
    if (name !== 'cloudwms') return;
    for (const kind of ['timeout-after-effect', 'timeout-before-effect', 'error-500', 'error-500-after-effect', 'reset', 'rate-limit']) {
      await sandbox.fault({ kind, operation: 'locks.put', ms: 500 });
      expect([kind, (await port.lock(order(fresh()), AbortSignal.timeout(300))).kind]).toEqual([kind, 'unclear']);
    }
    await sandbox.calm();
    await sandbox.fault({ kind: 'refuse', operation: 'locks.put' });
    expect(await port.lock(order(fresh()), soon())).toMatchObject({ kind: 'is', said: { there: 'REFUSED' } });
    expect(await port.lock(order(fresh(), 99), soon())).toMatchObject({ kind: 'is', said: { there: 'REFUSED', free: [{ sku: SKU }] } });
    const stranger = connectTargets({ [SITE]: { ...httpTarget(sandbox), secret: 'another-secret' } }, { fetchOf: () => (url, init) => fetch(url, init), now: () => new Date() }).get(SITE)!;
    expect(await stranger.port.lock(order(fresh()), soon())).toMatchObject({ kind: 'unclear', detail: expect.stringContaining('401') });
  });
});

describe('ALC-09: a call to a warehouse system that is killed', () => {
  const SITE = 'KILLS';
  let db: TestDatabase;
  let store: EventStore;
  let sandbox: WmsSandbox;
  let children: Crashable[] = [];
  let counter = 0;
  let lockId = '';
  let targets: Targets;

  beforeAll(async () => {
    db = await database();
    const client = new pg.Client(db.url);
    await client.connect();
    await migrateEventStore(client, { role: decodeURIComponent(new URL(db.url).username), readers: [] });
    await client.query('CREATE SCHEMA IF NOT EXISTS read');
    await client.query('CREATE TABLE read.live_lock (lock_id text, sku text, warehouse text, quantity bigint, priority integer, position bigint)');
    await client.end();
    store = createEventStore({ pool: db.pool });
    sandbox = await wmsSandbox();
  });
  beforeEach(async () => {
    lockId = `k${(counter += 1)}`;
    // It does not look whether it has a lock: whoever asks twice blindly locks twice.
    const site = await sandbox.open(`${SITE}${counter}`, { careless: true, push: false, sftp: true });
    targets = { [`${SITE}${counter}`]: httpTarget(sandbox), [`${SITE}${counter}F`]: filesTarget(`${SITE}${counter}`, site) };
    await sandbox.receive(`${SITE}${counter}`, SKU, 10);
  });
  afterEach(async () => {
    await Promise.all(children.map((child) => child.kill()));
    children = [];
    await sandbox.calm();
  });
  afterAll(async () => {
    await sandbox.close();
    await store.close();
    await db.drop();
  });

  const house = (): string => `${SITE}${counter}`;
  let site = '';
  // Who dies after the answer must get one, however slow the machine is.
  const start = (killAt = '', timeoutMs = killAt === 'after' ? 20_000 : 1_000): Crashable => {
    const child = crashable(fileURLToPath(new URL('../../../spec/wms-child.ts', import.meta.url)), { env: { DATABASE: db.url, KILL_AT: killAt, TIMEOUT_MS: String(timeoutMs), TARGETS: JSON.stringify(targets) } });
    children.push(child);
    return child;
  };
  const tell = (decide: (unit: Unit) => void): Promise<unknown> => store.execute({ streams: [[wmsLock, lockId]], meta: { correlation: lockId, causation: lockId, actor: 'spec' }, decide });
  const head = () => ({ lockId, foId: `F-${lockId}`, round: 1, warehouse: site });
  const lock = async (at = house()): Promise<void> => {
    site = at;
    await tell((unit) => void tellStock(unit, { type: 'TellStock', data: { warehouse: site, sku: SKU, meaning: 'PHYSICAL', figure: 10, unsellable: 0, position: 1 } }, []));
    await tell((unit) => askLock(unit, { ...head(), lines: [{ sku: SKU, quantity: 2 }], priority: 0 }));
  };
  const state = async () => (await store.folded(wmsLock, [lockId])).get(lockId)!.state;
  const history = async (): Promise<readonly WmsLockEvent[]> => (await store.read(`wmslock-${lockId}`)) as unknown as readonly WmsLockEvent[];
  const replied = (type: string): Promise<unknown> => eventually(async () => expect((await state()).reply?.type).toBe(type), { timeoutMs: 40_000 });
  const fenced = async () => ({ ...head(), fence: (await state()).fence });
  const confirm = async (): Promise<unknown> => {
    const ask = await fenced();
    return tell((unit) => askConfirm(unit, ask, new Date().toISOString()));
  };
  /** Nothing is open here, and there is what is known here, once. */
  const agreed = async (there: string): Promise<void> => {
    await eventually(async () => expect((await state()).calling).toBe(''), { timeoutMs: 40_000 });
    expect((await state()).there).toBe(there);
    expect(await sandbox.lock(house(), lockId)).toMatchObject({ state: there, times: 1 });
  };
  const effects = async (operation: string): Promise<number> => (await sandbox.calls(lockId)).filter(({ kind }) => kind === operation).length;

  it('ALC-09: before the call: the system is asked, and called once the deadline has passed', async () => {
    await lock();
    expect(await start('before').exited).toBe('SIGKILL');
    expect([(await state()).calling, await effects('locks.put')]).toEqual(['BEGUN', 0]);
    start();
    await replied('StockLocked');
    await agreed('LOCKED');
    expect(await effects('locks.put')).toBe(1);
    expect((await sandbox.calls(lockId))[0]?.kind).toBe('locks.get');
  });

  it('ALC-09: during the call, after its effect: what it did is found by asking', async () => {
    await sandbox.fault({ kind: 'timeout-after-effect', operation: 'locks.put' });
    await lock();
    const first = start('', 20_000);
    await eventually(async () => expect(await sandbox.lock(house(), lockId)).toBeDefined(), { timeoutMs: 20_000 });
    await first.kill();
    start();
    await replied('StockLocked');
    await agreed('LOCKED');
    expect(await effects('locks.put')).toBe(1);
  });

  it('ALC-09: during the call, whose effect comes late: nobody calls again before the deadline', async () => {
    await sandbox.fault({ kind: 'slow', operation: 'locks.put', ms: 2_500 });
    await lock();
    start('', 4_000); // the answer would come in time, but the caller is dead
    await eventually(async () => expect((await state()).calling).toBe('BEGUN'), { timeoutMs: 20_000 });
    await new Promise((resolve) => setTimeout(resolve, 500));
    await children[0]!.kill();
    start('', 4_000);
    await replied('StockLocked');
    await agreed('LOCKED');
    expect(await effects('locks.put')).toBe(1);
  });

  it('ALC-09: after the call, before its outcome is written: it is found by asking', async () => {
    await lock();
    expect(await start('after').exited).toBe('SIGKILL');
    expect([(await state()).calling, (await sandbox.lock(house(), lockId))?.state]).toEqual(['BEGUN', 'LOCKED']);
    start();
    await replied('StockLocked');
    await agreed('LOCKED');
    expect(await effects('locks.put')).toBe(1);
  });

  it('ALC-09: and given up meanwhile: what was locked is released there', async () => {
    await lock();
    expect(await start('after').exited).toBe('SIGKILL');
    await tell((unit) => askRelease(unit, { ...head(), reason: 'CANCELLED' }));
    start();
    await replied('StockReleased');
    await agreed('RELEASED');
    expect((await history()).some(({ type }) => type === 'StockLocked')).toBe(false);
    expect((await sandbox.ledger(house())).shelves[SKU]?.locked).toBe(0);
  });

  it.each(['before', 'after'])('ALC-09: %s a confirm, a consumption and a release each have their effect once', async (moment) => {
    await lock();
    const first = start();
    await replied('StockLocked');
    await first.kill();
    await confirm();
    expect(await start(moment).exited).toBe('SIGKILL');
    const second = start();
    await replied('StockConfirmed');
    await agreed('CONFIRMED');
    await second.kill();
    const ask = await fenced();
    await tell((unit) => askConsume(unit, { ...ask, parcelId: 'P1' }));
    expect(await start(moment).exited).toBe('SIGKILL');
    start();
    await replied('StockConsumed');
    await agreed('CONSUMED');
    expect((await sandbox.ledger(house())).shelves[SKU]).toMatchObject({ physical: 8, locked: 0 });
    expect((await store.folded(stock, [`${site}.${SKU}`])).get(`${site}.${SKU}`)!.state).toMatchObject({ onHand: 8, held: 0, confirmed: 0 });
  });

  it.each(['timeout-after-effect', 'timeout-before-effect', 'error-500', 'error-500-after-effect', 'reset', 'rate-limit', 'slow'])('ALC-09: %s: the outcome is unknown, then one lock', async (kind) => {
    for (const operation of ['locks.put', 'locks.confirm', 'locks.release']) await sandbox.fault({ kind, operation, ms: 1_500 });
    await lock();
    start('', 700);
    await replied('StockLocked');
    await agreed('LOCKED');
    await confirm();
    await replied('StockConfirmed');
    await agreed('CONFIRMED');
    await tell((unit) => askRelease(unit, { ...head(), reason: 'CANCELLED' }));
    await replied('StockReleased');
    await agreed('RELEASED');
    expect((await history()).filter(({ type }) => type === 'OutcomeUnknown').length).toBeGreaterThanOrEqual(3);
    expect((await sandbox.ledger(house())).shelves[SKU]?.locked).toBe(0);
  });

  it.each(['before', 'after'])('ALC-09: %s a file is written, it is written once', async (moment) => {
    await lock(`${house()}F`);
    expect(await start(moment, moment === 'after' ? 20_000 : 3_000).exited).toBe('SIGKILL');
    const child = start('', 3_000);
    await replied('StockLocked');
    await confirm();
    await replied('StockConfirmed');
    await child.kill();
    const ask = await fenced();
    await tell((unit) => askConsume(unit, { ...ask, parcelId: 'P1' }));
    expect(await start(moment, moment === 'after' ? 20_000 : 3_000).exited).toBe('SIGKILL');
    start('', 3_000);
    // Goods are taken when the file was worked in, not when it was written.
    await eventually(async () => expect((await sandbox.files(house())).map(({ path }) => path)).toContain(`/in/${lockId}.ship.csv`), { timeoutMs: 40_000 });
    expect(await sandbox.work(house())).toEqual([`done ${lockId}.lock.csv`, `done ${lockId}.confirm.csv`, `done ${lockId}.ship.csv`]);
    await replied('StockConsumed');
    await agreed('CONSUMED');
    expect((await sandbox.files(house())).filter(({ path }) => path.startsWith('/in')).map(({ path }) => path)).toEqual(['confirm', 'lock', 'ship'].map((kind) => `/in/done/${lockId}.${kind}.csv`));
  });
});
