import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { registry } from '@flotilla/contracts';
import { startTestFleet, type TestFleet } from '@flotilla/demo';
import { serviceNames, type ServiceName } from '@flotilla/tasks';
import { askHostilely, callHostilely, describedAt, type Operation } from './hostile.ts';

/** What a service answers beyond what its description says, and beyond its probes: pages and doors for others. */
const doors: Readonly<Partial<Record<ServiceName, readonly Operation[]>>> = {
  allocation: [
    { method: 'POST', path: '/v1/warehouses/{warehouse}/stock' }, { method: 'GET', path: '/s/{token}' }, { method: 'POST', path: '/s/{token}' }, { method: 'POST', path: '/s/{token}/video' }, { method: 'GET', path: '/v/{token}' }, { method: 'POST', path: '/v1/suppliers/{supplier}/offers/{offer}/video' },
  ],
  tracking: [
    { method: 'POST', path: '/v1/sources/{source}/routes' }, { method: 'POST', path: '/v1/sources/sf/routes' }, { method: 'POST', path: '/v1/sources/kuaidi100/routes' }, { method: 'POST', path: '/v1/sources/track17/routes' },
    { method: 'GET', path: '/t/{token}' }, { method: 'GET', path: '/track' }, { method: 'POST', path: '/track' }, { method: 'GET', path: '/track/phone' }, { method: 'POST', path: '/track/phone' }, { method: 'GET', path: '/o/{token}' }, { method: 'POST', path: '/o/{token}' },
  ],
};
const probes: readonly Operation[] = ['/livez', '/readyz', '/metrics'].map((path) => ({ method: 'GET', path }));

/** The services of proto/ whose package is the service's own. */
const packages: Readonly<Record<ServiceName, readonly string[]>> = {
  ingest: ['ingest'], 'order-core': ['order'], allocation: ['allocation'], carrier: ['carrier'], tracking: ['tracking'], settlement: ['settlement'], alerts: ['alerts', 'audit'],
};

describe('a fleet, asked by strangers', () => {
  let fleet: TestFleet;
  let pids: Readonly<Record<string, number>>;
  const run = 1 + Math.floor(Math.random() * 1_000_000);
  beforeAll(async () => {
    fleet = await startTestFleet();
    pids = fleet.stack.fleet.pids();
  }, 300_000);
  afterAll(() => fleet?.stop(), 60_000);
  const stands = async (service: ServiceName): Promise<void> => {
    expect((await fetch(`${fleet.stack.run.http[service]}/readyz`)).status).toBe(200);
    expect(fleet.stack.fleet.pids()[service]).toBe(pids[service]);
  };

  it.each(serviceNames)('OPS-03: %s answers whatever HTTP is sent to it, never with an error of its own, and stands', async (service) => {
    const url = fleet.stack.run.http[service]!;
    const described = await describedAt(url);
    if (service === 'ingest') expect(described.length).toBeGreaterThan(4);
    const { statuses, wrong } = await askHostilely(url, [...described, ...(doors[service] ?? []), ...probes]);
    expect(wrong).toEqual([]);
    expect(Object.keys(statuses)).toEqual(expect.arrayContaining(['200', '400', '404']));
    await stands(service);
  }, 60_000);

  it.each(serviceNames)('OPS-04: %s answers every call of every method, whatever stands in it, never with an error of its own, and stands', async (service) => {
    const names = [...registry].flatMap((desc) => (desc.kind === 'service' && [...packages[service], 'ops'].some((name) => desc.file.proto.package === `flotilla.${name}.v1`) ? [desc.typeName] : []));
    expect(names.length).toBeGreaterThan(0);
    const { statuses, wrong } = await callHostilely(fleet.stack.run.grpc[service]!, names, { seed: run, runs: 8 });
    expect({ run, wrong }).toEqual({ run, wrong: [] });
    expect(Object.keys(statuses)).toEqual(expect.arrayContaining(['OK', 'INVALID_ARGUMENT']));
    await stands(service);
  }, 60_000);
});
