import { readFileSync } from 'node:fs';
import { tcpProxy, type TcpProxy } from '@flotilla/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { kit, type Kit } from '../../service-kit/spec/fixture.js';
import { serviceCaller, type CallerKey } from '@flotilla/contracts';
import { specAccess, type Running } from '../../service-kit/src/index.js';
import { alerts, connect, isRefused, settlement, type Connection } from './index.js';

describe('the client and a service, with its log on Postgres', () => {
  let world: Kit;
  let service: Running;
  let network: TcpProxy;
  let connection: Connection;
  beforeAll(async () => {
    world = await kit();
    service = await world.start();
    network = await tcpProxy({ target: { port: Number(service.grpc.split(':')[1]) } });
    const own = specAccess();
    const signing = JSON.parse(readFileSync(own.env['FLOTILLA_CALLER_KEY_FILE']!, 'utf8')) as CallerKey;
    own.remove();
    connection = connect({ address: `127.0.0.1:${network.port}`, key: () => serviceCaller(() => signing).credential(service.ctx.name), metadata: { 'x-caller': 'books' } });
  }, 60_000);
  beforeEach(() => network.heal());
  afterAll(async () => {
    connection?.close();
    await network?.close();
    await service?.stop();
    await world?.end();
  }, 60_000);
  const written = async (stream: string): Promise<number> => Number((await world.db.pool.query<{ n: string }>(`SELECT count(*) AS n FROM es.event WHERE stream_id = $1`, [`note-${stream}`])).rows[0]!.n);

  it('OPS-04: commands whose connection is cut before or after they were done happen once, and all are answered', async () => {
    const incidents = connection.service(alerts.Incidents);
    await incidents.ack({ incidentId: 'warm' });
    const ids = Array.from({ length: 30 }, (_, n) => `i-${n}`);
    for (const [n, incidentId] of ids.entries()) {
      // Of every third the answer is thrown away, of every third it is delayed beyond the cut.
      if (n % 3 === 0) network.dropNextResponse();
      if (n % 3 === 1) setTimeout(() => (network.cut(), setTimeout(() => network.heal(), 50)), 3);
      expect(await incidents.ack({ incidentId })).toMatchObject({ incidentId, detail: '1' });
    }
    expect(network.dropped).toBeGreaterThan(0);
    expect(await Promise.all(ids.map(written))).toEqual(ids.map(() => 1));
  }, 120_000);

  it('OPS-04: a refusal is typed, with what it is about', async () => {
    const failure: unknown = await connection.service(settlement.Statements).get({ statementId: 'missing' }).catch((error: unknown) => error);
    expect(isRefused(failure, 'NOT_FOUND')).toBe(true);
    expect(isRefused(failure, 'HELD')).toBe(false);
    expect(failure).toMatchObject({ reason: 'NOT_FOUND', code: 'NOT_FOUND', details: { statement: 'missing' }, attempts: 1, requestId: '' });
    expect((failure as Error).message).toContain('没有');
  });

  it('OPS-04: the same id with another body is told', async () => {
    const incidents = connection.service(alerts.Incidents);
    await incidents.ack({ incidentId: 'one', requestId: 'r-1' });
    const failure: unknown = await incidents.ack({ incidentId: 'other', requestId: 'r-1' }).catch((error: unknown) => error);
    expect(isRefused(failure, 'REQUEST_ID_REUSED')).toBe(true);
  });
});
