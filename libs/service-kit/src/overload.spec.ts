import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash, randomBytes } from 'node:crypto';
import { allocation, apiKeyCaller, connect, ops } from '@flotilla/contracts';
import { exposition } from '@flotilla/telemetry';
import { quietLog } from '@flotilla/testing';
import grpc from '@grpc/grpc-js';
import { Body, Controller, Post } from '@nestjs/common';
import { errorInfo } from '../spec/error-info.js';
import { Describe, json } from './describe.js';
import { Door, parseAccess } from './door.js';
import { serve, startGrpc, type GrpcServer } from './grpc-server.js';
import { startHttp, type HttpServer } from './http.js';
import { loadGate } from './shedding.js';

let seen = 0;

@Controller()
class TakingController {
  @Describe({ id: 'take', summary: 'For specs', answers: { 201: ['Taken', json({ type: 'object' })] } })
  @Post('take')
  take(@Body() body: Buffer): { readonly size: number } {
    seen += 1;
    return { size: body.length };
  }
}

describe('a process that can do no more', () => {
  let busy = 0;
  let now = 0;
  let http: HttpServer;
  let server: GrpcServer;
  const key = randomBytes(32).toString('base64url');
  const who = parseAccess(JSON.stringify({ services: [], apiKeys: [{ name: 'spec', roles: ['admin'], sha256: createHash('sha256').update(key).digest('hex'), expires: '2999-01-01T00:00:00Z' }] }));
  const gate = loadGate({ at: 0.8, now: () => now, busy: () => busy, waitMs: () => 0 });
  /** So long at a load, until the gate has seen it; then nothing is left of what everybody gets. */
  const at = (share: number): void => {
    busy = share;
    for (let passed = 0; passed < 5_000; passed += 50) {
      now += 50;
      gate.load();
    }
    for (let n = 0; share >= 0.8 && n < 100; n += 1) gate.enter('http');
  };
  const post = (body = '{}'): Promise<Response> => fetch(`${http.url}/take`, { method: 'POST', body });
  beforeAll(async () => {
    const handlers = new Proxy({}, { get: () => async () => ((seen += 1), { items: [], messages: [], nextToken: '' }) });
    http = await startHttp({ name: 'spec', controllers: [TakingController], context: {}, probes: { ready: () => [] }, host: '127.0.0.1', port: 0, log: quietLog(), gate });
    server = await startGrpc({ services: [serve(ops.ParkedMessages, handlers as never), serve(allocation.Routing, handlers as never)], host: '127.0.0.1', port: 0, reflection: false, door: new Door('spec', () => who), audit: { write: async () => undefined }, log: quietLog(), gate });
  });
  afterAll(() => Promise.all([http.stop(), server.stop()]));

  it('OPS-06: refuses HTTP with 503, when to come back, and a problem, before anything is read', async () => {
    at(1);
    seen = 0;
    for (const body of ['{}', 'x'.repeat(500_000)]) {
      const answer = await post(body);
      expect([answer.status, answer.headers.get('retry-after'), answer.headers.get('content-type')]).toEqual([503, '1', expect.stringContaining('application/problem+json')]);
      expect(await answer.json()).toMatchObject({ code: 'OVERLOADED', status: 503 });
    }
    expect(seen).toBe(0);
  });

  it('OPS-06: never refuses probes and metrics', async () => {
    at(1);
    for (let n = 0; n < 20; n += 1) expect(await Promise.all(['livez', 'readyz', 'metrics'].map(async (path) => (await fetch(`${http.url}/${path}`)).status))).toEqual([200, 200, 200]);
  });

  it('OPS-06: refuses gRPC with RESOURCE_EXHAUSTED and a pushback, but not those who look after it', async () => {
    at(1);
    seen = 0;
    const routing = connect(allocation.Routing, `127.0.0.1:${server.port}`, { caller: apiKeyCaller(key) });
    const error = await routing.getRules({}).then(() => undefined, (cause: grpc.ServiceError) => cause);
    expect([error?.code, error?.metadata.get('grpc-retry-pushback-ms')[0]]).toEqual([grpc.status.RESOURCE_EXHAUSTED, '1000']);
    expect(errorInfo(error!.metadata)).toMatchObject({ reason: 'OVERLOADED', domain: 'flotilla' });
    expect(seen).toBe(0);
    const parked = connect(ops.ParkedMessages, `127.0.0.1:${server.port}`, { audience: 'spec', caller: apiKeyCaller(key) });
    expect(await parked.list({})).toMatchObject({ nextToken: '' });
    routing.close();
    parked.close();
  });

  it('OPS-06: takes everything again once it is quiet, and has counted whom it refused', async () => {
    at(0.1);
    expect((await post()).status).toBe(201);
    const { body } = await exposition('');
    const refused = (protocol: string): number => Number(new RegExp(`flotilla_requests_shed_total\\{protocol="${protocol}"\\} (\\d+)`).exec(body)?.[1]);
    expect([refused('http') >= 2, refused('grpc')]).toEqual([true, 1]);
    expect(body).toMatch(/flotilla_http_server_seconds_count\{method="POST",route="\/take",status="503"\} 2/);
  });
});
