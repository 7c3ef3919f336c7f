import { eventually } from '@flotilla/testing';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { kit, type Kit } from '../spec/fixture.js';
import type { Running } from './index.js';

jest.setTimeout(60_000);

describe('HTTP of a service', () => {
  let world: Kit;
  let service: Running;
  beforeAll(async () => {
    world = await kit();
    service = await world.start();
  });
  afterAll(async () => {
    await service.stop();
    await world.end();
  });
  const ask = async (path: string, init?: RequestInit): Promise<{ status: number; type: string; body: string }> => {
    const response = await fetch(`${service.http}${path}`, init);
    return { status: response.status, type: response.headers.get('content-type') ?? '', body: await response.text() };
  };
  const problem = async (path: string, init?: RequestInit): Promise<Record<string, unknown>> => {
    const { status, type, body } = await ask(path, init);
    expect(type).toContain('application/problem+json');
    const parsed = JSON.parse(body) as Record<string, unknown>;
    expect(parsed['status']).toBe(status);
    return parsed;
  };

  it('OPS-03: /livez, /readyz and /metrics', async () => {
    expect(await ask('/livez')).toMatchObject({ status: 200, body: 'ok' });
    await eventually(async () => expect(await ask('/readyz')).toMatchObject({ status: 200, body: 'ok' }));
    const { status, body } = await ask('/metrics');
    expect(status).toBe(200);
    expect(body).toMatch(/flotilla_consumer_lag_messages\{service_name="settlement",consumer="notes-\w+"\} 0/);
    expect(body).toMatch(/flotilla_follower_position\{service_name="settlement",follower="relay"\} \d+/);
    expect(body).toContain('nodejs_eventloop_lag_seconds');
  });

  it('OPS-03: a refusal is an RFC 9457 problem with its reason', async () => {
    expect(await problem('/refused')).toEqual({ type: 'urn:flotilla:reason:UNKNOWN_SKU', title: 'the SKU is not in the catalogue', status: 409, code: 'UNKNOWN_SKU', detail: 'no SKU "S-1"; import the catalogue' });
  });

  it('OPS-03: what is our fault says nothing of itself', async () => {
    const answer = await problem('/broken');
    expect(answer).toMatchObject({ status: 500, code: 'INTERNAL' });
    expect(JSON.stringify(answer)).not.toContain('123');
  });

  it('OPS-03: what is not there, and what is no path', async () => {
    expect(await problem('/nothing')).toMatchObject({ status: 404, code: 'NOT_FOUND' });
    expect(await problem('/echo')).toMatchObject({ status: 405, code: 'METHOD_NOT_ALLOWED' });
    expect(await problem('/%zz')).toMatchObject({ status: 400, code: 'BAD_REQUEST' });
  });

  it('ING-11: a body over 1 MiB is refused before it is read', async () => {
    expect(await problem('/echo', { method: 'POST', body: Buffer.alloc(1024 * 1024 + 1) })).toMatchObject({ status: 413, code: 'TOO_LARGE' });
    expect(await ask('/echo', { method: 'POST', body: Buffer.alloc(1024 * 1024) })).toMatchObject({ status: 201 });
  });

  it.each([['application/json'], ['application/x-www-form-urlencoded'], ['text/plain'], ['nonsense'], ['text/'], ['a b/c; d'], [undefined]])('ING-11: bytes that are no JSON reach the controller as they came, as %s', async (type) => {
    const body = Buffer.from('7b2022c3280d0a00', 'hex');
    const { status, body: answer } = await ask('/echo', { method: 'POST', body: new Uint8Array(body), ...(type ? { headers: { 'content-type': type } } : {}) });
    expect([status, JSON.parse(answer)]).toEqual([201, { bytes: true, hex: body.toString('hex') }]);
  });
});
