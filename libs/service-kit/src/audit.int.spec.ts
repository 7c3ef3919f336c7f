import { alerts, connect, ops, type Client } from '@flotilla/contracts';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { kit, type Kit } from '../spec/fixture.js';
import type { Running } from './index.js';

jest.setTimeout(60_000);

describe('what a service’s own role may do, and the audit log', () => {
  let world: Kit;
  let service: Running;
  let log: Client<ops.AuditLogRpc>;
  let incidents: Client<alerts.IncidentsRpc>;
  let role: pg.Client;
  beforeAll(async () => {
    world = await kit();
    service = await world.start();
    [log, incidents] = [connect(ops.AuditLog, service.grpc, { audience: 'settlement' }), connect(alerts.Incidents, service.grpc, { audience: 'settlement' })];
    role = new pg.Client(world.env['FLOTILLA_DATABASE_URL']);
    await role.connect();
  });
  afterAll(async () => {
    for (const client of [log, incidents]) client.close();
    await role.end();
    await service.stop();
    await world.end();
  });

  it('OPS-07: every call that changes something is listed, the newest first, page by page', async () => {
    for (let n = 0; n < 5; n += 1) await incidents.ack({ requestId: `a-${n}`, incidentId: `i-${n}` }, { metadata: { 'x-caller': n === 4 ? 'mei' : 'ada' } });
    const first = await log.list({ page: { size: 2 } });
    const rest = await log.list({ page: { size: 10, token: first.nextToken } });
    expect([...first.calls, ...rest.calls].map(({ caller, requestId, targets, outcome }) => [caller, requestId, targets, outcome])).toEqual(
      [4, 3, 2, 1, 0].map((n) => [n === 4 ? 'mei' : 'ada', `a-${n}`, [`incidentId=i-${n}`], 'OK']),
    );
    expect((await log.list({ caller: 'mei' })).calls).toHaveLength(1);
    expect((await log.list({ target: 'incidentId=i-2', method: 'flotilla.alerts.v1.Incidents/Ack' })).calls).toHaveLength(1);
    // The events that it caused carry the same correlation.
    const { correlation } = (await log.list({ target: 'incidentId=i-2' })).calls[0]!;
    expect((await service.ctx.store.read('note-i-2'))[0]!.meta).toMatchObject({ correlation, actor: 'caller:ada' });
  });

  it.each([
    `UPDATE es.event SET data = '{}'`, 'DELETE FROM es.event', 'TRUNCATE es.event', `INSERT INTO es.event DEFAULT VALUES`, 'ALTER TABLE es.event DISABLE TRIGGER ALL', 'DROP TABLE es.event', 'DELETE FROM es.checkpoint',
    `CREATE OR REPLACE FUNCTION es.chain_step() RETURNS int LANGUAGE sql AS 'SELECT 1'`, 'CREATE TABLE es.other (id int)', 'DROP SCHEMA es CASCADE',
    `UPDATE audit.call SET caller = 'nobody'`, 'DELETE FROM audit.call', 'TRUNCATE audit.call', 'DROP TABLE audit.call', 'ALTER SYSTEM SET fsync = off', 'CREATE ROLE other SUPERUSER', `COPY es.event TO PROGRAM 'cat'`,
    'SET session_replication_role = replica',
  ])('OPS-07: Postgres refuses to the service itself: %s', async (statement) => {
    await expect(role.query(statement)).rejects.toMatchObject({ code: '42501' });
  });

  it('OPS-07: what it may, it may: read and append, through the function that chains the hashes', async () => {
    expect((await role.query('SELECT FROM es.event LIMIT 1')).rowCount).toBe(1);
    expect((await role.query(`SELECT proname FROM pg_proc WHERE proname = 'append' AND prosecdef`)).rowCount).toBeGreaterThan(0);
  });
});
