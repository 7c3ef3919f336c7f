import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, ingest as api, type Client } from '@flotilla/contracts';
import { startForTest } from '@flotilla/service-kit';
import { crashable, eventually } from '@flotilla/testing';
import { orderIdOf } from '@flotilla/values';
import { startSftpServer, type SftpServer } from '../../../deploy/sandbox/src/sftp/server.js';
import { World } from '../spec/world.js';
import { ingest } from './ingest.service.js';

const header = 'channel_order_id,placed_at,currency,sku,quantity';
const csv = (...ids: readonly string[]): string => `${[header, ...ids.map((id) => `${id},2026-11-30T09:00:00+01:00,EUR,TEA-LJ-250,1`)].join('\n')}\n`;
const patient = { timeoutMs: 60_000 };

describe('files that lie in folders, on real Postgres and Kafka and over SFTP', () => {
  const filesDir = mkdtempSync(join(tmpdir(), 'ingest-files-'));
  const world = new World({ FLOTILLA_FILES_DIR: filesDir, FLOTILLA_FILE_SECRETS: JSON.stringify({ shop: { host: '127.0.0.1', password: 'file-password' }, wrong: { host: '127.0.0.1', password: 'guess' }, elsewhere: { host: 'files.example', password: 'theirs' } }), FLOTILLA_FILES_SETTLE_SECONDS: '0.5' });
  const folder = join(filesDir, 'shop');
  let server: SftpServer;
  let imports: Client<api.ImportsRpc>;
  const noSftp = { host: '', port: 0, user: '', hostKey: '', path: '', secret: '' };
  const inFolder = { sftp: noSftp, folder: 'shop', everySeconds: 1, mappingVersion: 0, paused: false };
  const place = (name: string, text: string): void => {
    writeFileSync(join(folder, `${name}.tmp`), text);
    renameSync(join(folder, `${name}.tmp`), join(folder, name));
  };
  const lying = (below = ''): readonly string[] => readdirSync(join(folder, below)).filter((name) => name.includes('.') && !name.endsWith('.tmp')).toSorted();
  const gone = (name: string): Promise<unknown> => eventually(() => Promise.resolve(!lying().includes(name)), patient);
  const received = async (like: string): Promise<number> => Number((await world.db.pool.query<{ n: string }>("SELECT count(*) AS n FROM es.event WHERE type = 'ChannelOrderReceived' AND data->'order'->>'channelOrderId' LIKE $1", [like])).rows[0]!.n);
  const importsOf = async (fileName: string): Promise<readonly string[]> => (await world.db.pool.query<{ type: string }>("SELECT type FROM es.event WHERE stream_id IN (SELECT stream_id FROM es.event WHERE type = 'ImportReceived' AND data->>'fileName' = $1) ORDER BY position", [fileName])).rows.map(({ type }) => type);

  beforeAll(async () => {
    mkdirSync(folder);
    await world.start();
    imports = connect(api.Imports, world.service.grpc);
    server = await startSftpServer({ user: 'shop-user', password: 'file-password', folders: ['/', '/orders'] });
  }, 120_000);
  afterAll(async () => {
    imports?.close();
    await world.stop();
    await server?.close();
    rmSync(filesDir, { recursive: true, force: true });
  }, 60_000);

  it('ING-04: a file in a watched folder is taken once it stays as it is, and lies in done/ with its report', async () => {
    const [a, b] = [`W-${world.run}-1`, `W-${world.run}-2`];
    expect(await imports.putSource({ channel: world.files, source: inFolder })).toMatchObject({ channel: world.files, source: { folder: 'shop' }, problem: '' });
    // Whoever writes has not come to the end: it grows with each look.
    writeFileSync(join(folder, 'growing.csv'), `${header}\n`);
    writeFileSync(join(folder, 'other.csv.part'), csv('never'));
    symlinkSync('/etc/hostname', join(folder, 'linked.csv'));
    for (let row = 0; row < 15; row += 1) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      writeFileSync(join(folder, 'growing.csv'), csv(a, ...Array.from({ length: row }, (_, n) => `${a}-${n}`)));
    }
    expect(await importsOf('growing.csv')).toEqual([]);
    writeFileSync(join(folder, 'growing.csv'), csv(a, b));
    await gone('growing.csv');
    const [kept = '', report = ''] = lying('done');
    expect(kept).toMatch(/^[0-9a-f]{12}\.growing\.csv$/);
    expect(report).toBe(`${kept}.report.csv`);
    expect(readFileSync(join(folder, 'done', report), 'utf8').split('\r\n').map((line) => line.split(',').toSpliced(2, 1).join(','))).toEqual(['\ufeffrow,channel_order_id,outcome,reason,detail,cell', `2,${a},ACCEPTED,,,`, `3,${b},ACCEPTED,,,`, '']);
    expect(readFileSync(join(folder, 'done', kept), 'utf8')).toBe(csv(a, b));
    expect(lying()).toEqual(['linked.csv', 'other.csv.part']);
    await eventually(() => world.received(orderIdOf(world.files, a)), patient);
    // The same again, under another name: nothing is new, and it does not stay.
    place('again.csv', csv(a, b));
    await gone('again.csv');
    expect(await importsOf('growing.csv')).toEqual(['ImportReceived', 'ImportRowsTaken', 'ImportDone']);
    expect(await importsOf('again.csv')).toEqual([]);
    expect(lying('done').filter((name) => name.endsWith('.again.csv'))).toHaveLength(1);
  }, 120_000);

  it.each([
    ['that is none', 'report.csv', '%PDF-1.7', 'UNKNOWN_FORMAT'],
    ['that is empty', 'empty.csv', '', 'BAD_CSV'],
    ['whose orders stand apart', `${'long-'.repeat(30)}apart.csv`, csv('x-1', 'x-2', 'x-1'), 'BAD_CSV'],
  ])('ING-04: a file %s lies in refused/ with the reason, and the others are taken', async (_what, name, text, reason) => {
    place(name, text);
    await gone(name);
    const [kept = ''] = lying('refused').filter((one) => one.endsWith(`.${name.slice(-60)}`));
    expect(readFileSync(join(folder, 'refused', `${kept}.reason.txt`), 'utf8')).toMatch(new RegExp(`^${reason}: .+\n$`));
    expect(readFileSync(join(folder, 'refused', kept), 'utf8')).toBe(text);
    expect(await received('x-%')).toBe(0);
  }, 90_000);

  it('ING-04: two replicas take each file once between them', async () => {
    const second = await startForTest(ingest, world.env);
    try {
      const names = Array.from({ length: 8 }, (_, n) => `both-${n}.csv`);
      for (const name of names) place(name, csv(`B-${world.run}-${name}`));
      for (const name of names) await gone(name);
      for (const name of names) expect(await importsOf(name)).toEqual(['ImportReceived', 'ImportRowsTaken', 'ImportDone']);
      expect(await received(`B-${world.run}-%`)).toBe(8);
      expect(lying('done').filter((name) => /both-\d\.csv$/.test(name))).toHaveLength(8);
    } finally {
      await second.stop();
    }
  }, 120_000);

  it('ING-04: whoever dies before or after a file is noted leaves it where it is; the next takes it once', async () => {
    imports.close();
    await world.stopService();
    for (const killAt of ['before', 'after']) {
      place(`killed-${killAt}.csv`, csv(`K-${world.run}-${killAt}`));
      const child = crashable(fileURLToPath(new URL('../spec/file-sources-child.ts', import.meta.url)), { env: { DATABASE: world.db.url, KILL_AT: killAt, KEK: world.env['FLOTILLA_KEK']!, FILES_DIR: filesDir } });
      expect(await child.exited).toBe('SIGKILL');
      // Of two that lie there the first by its name is noted: the second’s, in the second round.
      expect(lying().filter((name) => name.startsWith('killed'))).toContain(`killed-${killAt}.csv`);
    }
    expect((await Promise.all(['before', 'after'].map((killAt) => importsOf(`killed-${killAt}.csv`)))).flat()).toEqual(['ImportReceived']);
    await world.startService();
    imports = connect(api.Imports, world.service.grpc);
    for (const killAt of ['before', 'after']) {
      await gone(`killed-${killAt}.csv`);
      expect(await importsOf(`killed-${killAt}.csv`)).toEqual(['ImportReceived', 'ImportRowsTaken', 'ImportDone']);
    }
    expect(await received(`K-${world.run}-%`)).toBe(2);
  }, 120_000);

  it('ING-04: a file at an SFTP server is taken; a wrong key or password is told, and a secret is shown nowhere', async () => {
    const shop = `sftp-${world.run}`;
    await world.channels.connect({ id: shop, platform: 'csv', secret: 'x' });
    const sftp = { host: '127.0.0.1', port: server.port, user: 'shop-user', hostKey: server.hostKey, path: '/orders', secret: 'shop' };
    const source = { ...inFolder, folder: '', sftp };
    const problem = (words: string): Promise<unknown> => eventually(async () => (await imports.getSource({ channel: shop })).problem.includes(words), patient);
    await expect(imports.putSource({ channel: shop, source: { ...source, sftp: { ...sftp, secret: 'absent' } } })).rejects.toThrow('FLOTILLA_FILE_SECRETS has no "absent"');
    await expect(imports.putSource({ channel: shop, source: { ...source, sftp: { ...sftp, secret: 'elsewhere' } } })).rejects.toThrow('is for another host');
    for (const folder of [inFolder.folder, `${inFolder.folder}/done`]) await expect(imports.putSource({ channel: shop, source: { ...inFolder, folder } })).rejects.toThrow(`the files of ${world.files} lie there`);
    await expect(imports.putSource({ channel: shop, source: { ...source, mappingVersion: 7 } })).rejects.toThrow('no mapping of version 7');
    await imports.putSource({ channel: shop, source: { ...source, sftp: { ...sftp, hostKey: 'A'.repeat(43) } } });
    await problem('verification failed');
    await imports.putSource({ channel: shop, source: { ...source, sftp: { ...sftp, secret: 'wrong' } } });
    await problem('authentication');
    server.put('/orders/export.csv', csv(`S-${world.run}`));
    server.put('/orders/broken.csv', '%PDF-1.7');
    await imports.putSource({ channel: shop, source });
    const paths = (): readonly string[] => server.list().map(({ path }) => path.replace(/[0-9a-f]{12}\./, '')).toSorted();
    await eventually(() => Promise.resolve(paths().length === 4 && paths().every((path) => /^\/orders\/(?:done|refused)\//.test(path))), patient);
    expect(paths()).toEqual(['/orders/done/export.csv', '/orders/done/export.csv.report.csv', '/orders/refused/broken.csv', '/orders/refused/broken.csv.reason.txt']);
    expect(server.list().find(({ path }) => path.endsWith('.report.csv'))!.text).toContain('ACCEPTED');
    expect(await imports.getSource({ channel: shop })).toMatchObject({ problem: '', problemSince: '' });
    expect(await world.everythingStored()).not.toContain('file-password');
  }, 120_000);
});
