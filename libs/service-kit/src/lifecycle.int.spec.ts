import { spawn } from 'node:child_process';
import { connect as connectTcp } from 'node:net';
import { connect, settlement } from '@flotilla/contracts';
import { eventually } from '@flotilla/testing';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { kit, type Kit } from '../spec/fixture.js';
import { exposition } from './index.js';

jest.setTimeout(60_000);

describe('start and stop of a service', () => {
  let world: Kit;
  beforeAll(async () => {
    world = await kit();
  });
  afterAll(() => world.end());
  const refused = (address: string): Promise<boolean> =>
    new Promise((resolve) => {
      const { hostname, port } = new URL(address);
      const socket = connectTcp(Number(port), hostname, () => (socket.destroy(), resolve(false)));
      socket.on('error', () => resolve(true));
    });
  const connections = async (): Promise<number> =>
    Number((await world.db.pool.query<{ count: string }>(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`)).rows[0]!.count);
  /** What keeps the event loop alive and was not there before. */
  const handles = (): readonly string[] => process.getActiveResourcesInfo().filter((name) => /Timeout|TCP|Pipe/.test(name)).toSorted();

  it('OPS-03: stop lets a call under way finish, closes its ports and leaves nothing behind', async () => {
    await world.db.pool.query('SELECT');
    const before = handles();
    const idle = await connections();
    const service = await world.start();
    const statements = connect(settlement.Statements, service.grpc);
    const underWay = statements.get({ statementId: 'gate' });
    await eventually(() => world.seen.waiting > 0);
    const stopped = service.stop();
    await eventually(() => refused(service.http));
    expect(world.seen.stopped).toBe(false);
    world.seen.opened();
    expect(await underWay).toMatchObject({ statementId: 'gate' });
    await stopped;
    statements.close();
    expect(world.seen.stopped).toBe(true);
    expect([await refused(service.http), await refused(`http://${service.grpc}`)]).toEqual([true, true]);
    await eventually(async () => expect(await connections()).toBeLessThanOrEqual(idle));
    await eventually(() => expect(handles().length).toBeLessThanOrEqual(before.length));
    await service.stop(); // once more does nothing
  });

  it('starts again in the same process, with metrics of its own', async () => {
    const one = await world.start();
    const two = await world.start();
    expect((await exposition('')).body.match(/flotilla_follower_position\{/g)!.length).toBeGreaterThan(0);
    await Promise.all([one.stop(), two.stop()]);
    expect((await exposition('')).body).not.toMatch(/flotilla_follower_position\{/);
  });

  it('OPS-05: says in one sentence what it cannot use', async () => {
    const taken = await world.start();
    const port = new URL(taken.http).port;
    await expect(world.start({ FLOTILLA_HTTP_PORT: port })).rejects.toThrow(`HTTP cannot listen on 127.0.0.1:${port}`);
    await expect(world.start({ FLOTILLA_GRPC_PORT: taken.grpc.split(':')[1]! })).rejects.toThrow(`gRPC cannot listen on ${taken.grpc}`);
    await taken.stop();
    const url = new URL(world.env['FLOTILLA_DATABASE_URL']!);
    url.password = 'wrong';
    await expect(world.start({ FLOTILLA_DATABASE_URL: url.href })).rejects.toThrow(/^FLOTILLA_DATABASE_URL: the database spec_\w+ at 127\.0\.0\.1:\d+ cannot be used \(password authentication failed/);
    await expect(world.start({ FLOTILLA_MIGRATION_DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' })).rejects.toThrow('FLOTILLA_MIGRATION_DATABASE_URL: the database none at 127.0.0.1:1 cannot be used');
    await expect(world.start({ FLOTILLA_GREETING: '' })).rejects.toThrow('FLOTILLA_GREETING: not set (what is said first)');
  });

  it('OPS-05: a process with a wrong configuration ends with 1 and no stack', async () => {
    const main = `import { defineService, startService } from '@flotilla/service-kit'; await startService(defineService({ name: 'alerts', config: {}, migrations: [], build: () => ({}) }));`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', main], { cwd: new URL('..', import.meta.url), env: { PATH: process.env['PATH'], FLOTILLA_HTTP_PROT: '1' } });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const code = await new Promise((resolve) => child.on('exit', resolve));
    expect(code).toBe(1);
    expect(said).toMatch(/^alerts did not start\. The configuration cannot be used:\n {2}FLOTILLA_HTTP_PROT: not known here\n {2}FLOTILLA_HTTP_PORT: not set/);
    expect(said).not.toMatch(/\n\s+at /);
  });
});
