import { createHmac, randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, ingest, reasons } from '@flotilla/contracts';
import { startTestFleet, type TestFleet } from '@flotilla/demo';
import { root, serviceNames, type ServiceName } from '@flotilla/tasks';
import { eventually, harmedJson } from '@flotilla/testing';
import { zipSync } from 'fflate';
import { endlessAddress, endlessBody, endlessHeaders, endlessStreams, growthOf, largeMessages, manySlowBodies } from './flood.ts';
import { askHostilely, callHostilely, describedAt, reflectHostilely, servedAt, strangersBodies } from './hostile.ts';

const MIB = 1024 * 1024;

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
  const channel = (platform: string): { readonly id: string; readonly secret: string } => fleet.stack.run.channels.find((one) => one.platform === platform)!;
  const grow = (service: ServiceName, deed: () => Promise<void>): Promise<number> => growthOf(pids[service]!, deed);

  it.each(serviceNames)('OPS-03: %s answers whatever HTTP is sent to it as its OpenAPI document says, never with an error of its own, and stands', async (service) => {
    const url = fleet.stack.run.http[service]!;
    const described = await describedAt(url);
    expect(described.length).toBeGreaterThan(3);
    const { statuses, wrong } = await askHostilely(url, described);
    expect(wrong).toEqual([]);
    expect(Object.keys(statuses)).toEqual(expect.arrayContaining(['200', '400', '404', '405']));
    await stands(service);
  }, 120_000);

  it.each([['shopify', 'x-shopify-hmac-sha256', 'x-shopify-topic', 'orders/create', 'deploy/seed/orders/shopify.json'], ['woo', 'x-wc-webhook-signature', 'x-wc-webhook-topic', 'order.created', 'services/ingest/src/channels/woocommerce/fixtures/order.json']] as const)('ING-11: what %s signs is stored, placed or parked with a reason, whatever stands in it', async (platform, signature, topicName, topic, file) => {
    const { id, secret } = channel(platform);
    const valid = readFileSync(join(root, file), 'utf8').replaceAll('"{id}"', '5').replaceAll('{number}', '5').replaceAll('{now}', '2026-11-30T00:00:00Z');
    const harmed = harmedJson(valid);
    const states: Record<string, number> = {};
    const wrong: unknown[] = [];
    for (const body of [...strangersBodies.map(([, bytes]) => bytes), ...Array.from({ length: 60 }, () => Buffer.from(harmed[randomInt(harmed.length)]!))]) {
      const headers = { [signature]: createHmac('sha256', secret).update(body).digest('base64'), [topicName]: topic, 'x-shopify-webhook-id': String(randomInt(2 ** 40)) };
      const response = await fetch(`${fleet.stack.run.http['ingest']}/v1/channels/${id}/webhooks`, { method: 'POST', headers, body: new Uint8Array(body) });
      const answer = (await response.json()) as { readonly code?: string; readonly orders?: readonly { readonly state: string; readonly reason: string }[] };
      const fine = response.status === 200 ? answer.orders!.every(({ state, reason }) => (state === 'PARKED') === (reason !== '') && (reason === '' || reason in reasons)) : body.length > MIB && response.status === 413;
      if (!fine) wrong.push([Buffer.from(body).toString('latin1', 0, 300), response.status, answer]);
      for (const { state } of answer.orders ?? []) states[state] = (states[state] ?? 0) + 1;
    }
    expect(wrong).toEqual([]);
    expect(states['PARKED']).toBeGreaterThan(10);
    await stands('ingest');
  }, 120_000);

  it('ING-04: a file is taken or refused with a reason: bombs, a million columns, levels without end, and ingest does not grow with them', async () => {
    const { id, secret } = channel('csv');
    const parts = { 'xl/workbook.xml': '<workbook xmlns:r="r"><sheets><sheet name="a" r:id="r1"/></sheets></workbook>', 'xl/_rels/workbook.xml.rels': '<Relationships><Relationship Id="r1" Target="worksheets/sheet1.xml"/></Relationships>' };
    const workbook = (sheet: Uint8Array): Uint8Array => zipSync(Object.fromEntries(Object.entries({ ...parts, 'xl/worksheets/sheet1.xml': sheet }).map(([name, part]) => [name, typeof part === 'string' ? Buffer.from(part) : part])), { level: 1 });
    const files: readonly (readonly [name: string, bytes: Uint8Array])[] = [
      ['a bomb of zeros', workbook(Buffer.alloc(64 * MIB))],
      ['a bomb of text', workbook(Buffer.from(`<worksheet><sheetData><row r="1"><c t="inlineStr"><is><t>${'x'.repeat(32 * MIB)}`))],
      ['levels of XML', workbook(Buffer.from(`<worksheet><sheetData>${'<a>'.repeat(500_000)}`))],
      ['a million columns', Buffer.from(`${'a,'.repeat(1_000_000)}\n1`)],
      ['one cell', Buffer.concat([Buffer.from('channel_order_id,sku\n"'), Buffer.alloc(20 * MIB, 'x')])],
      ['quotes', Buffer.alloc(5 * MIB, '"')],
      ...strangersBodies.filter(([, bytes]) => bytes.length < MIB).map(([type, bytes], n): [string, Uint8Array] => [`${n} ${type}`, bytes]),
    ];
    const stored: string[] = [];
    const imports = connect(ingest.Imports, fleet.stack.run.grpc['ingest']!);
    const growth = await grow('ingest', async () => {
      for (const [name, bytes] of files) {
        const response = await fetch(`${fleet.stack.run.http['ingest']}/v1/channels/${id}/orders:import`, { method: 'POST', headers: { authorization: `Bearer ${secret}` }, body: new Uint8Array(bytes) });
        const answer = (await response.json()) as { readonly id?: string; readonly code?: string };
        expect([name, response.status, answer.code ?? '']).toEqual([name, response.ok ? response.status : 400, response.ok ? '' : expect.stringMatching(/^(?:BAD_CSV|UNKNOWN_FORMAT|BAD_TEXT)$/)]);
        if (answer.id !== undefined) stored.push(answer.id);
      }
      await eventually(async () => {
        for (const one of stored) expect((await imports.get({ id: one })).state).not.toBe('RUNNING');
      }, { timeoutMs: 60_000 });
    });
    for (const one of stored.slice(0, 4)) expect((await imports.get({ id: one })).reason in reasons).toBe(true);
    imports.close();
    expect(growth).toBeLessThan(250);
    await stands('ingest');
  }, 120_000);

  it('OPS-03: what has no end is ended with a reason, and nobody grows with it', async () => {
    const url = fleet.stack.run.http['ingest']!;
    const { id, secret } = channel('csv');
    const growth = await grow('ingest', async () => {
      const [body, nowhere, headers, address, upload] = await Promise.all([
        endlessBody(url, '/v1/channels/shopify-demo/webhooks'), endlessBody(url, '/nowhere'), endlessHeaders(url), endlessAddress(url), endlessBody(url, `/v1/channels/${id}/orders:import`, [`authorization: Bearer ${secret}`]),
      ]);
      expect(body.answer).toMatch(/^HTTP\/1.1 413 [^]*"code":"TOO_LARGE"/);
      expect(nowhere.answer).toMatch(/^HTTP\/1.1 (?:404|413) [^]*"code":"(?:NOT_FOUND|TOO_LARGE)"/);
      for (const ended of [headers, address]) expect(ended.answer).toMatch(/^HTTP\/1.1 431 [^]*"code":"TOO_LARGE"/);
      expect(upload.answer).toMatch(/^HTTP\/1.1 413 [^]*"code":"TOO_LARGE"/);
      const statuses = await manySlowBodies(url, '/v1/channels/shopify-demo/webhooks', 400, 3_000);
      // Who finds room waits for its time to run out.
      expect(statuses.length).toBeGreaterThan(100);
      expect(new Set(statuses)).toEqual(new Set([429]));
    });
    expect(growth).toBeLessThan(250);
    // Room is there again when they are gone.
    await eventually(async () => expect((await fetch(`${url}/v1/channels/nobody/webhooks`, { method: 'POST', body: 'x' })).status).toBe(404));
    await stands('ingest');
  }, 120_000);

  // After what needs a channel's secret, since some of these calls renew it.
  it.each(serviceNames)('OPS-04: %s answers every call of every method that it serves, whatever stands in it, never with an error of its own, and stands', async (service) => {
    const address = fleet.stack.run.grpc[service]!;
    const served = await servedAt(address);
    expect(served.length).toBeGreaterThan(2);
    const { statuses, wrong } = await callHostilely(address, served, { seed: run, runs: 8 });
    expect({ run, wrong }).toEqual({ run, wrong: [] });
    expect(Object.keys(statuses)).toEqual(expect.arrayContaining(['OK', 'INVALID_ARGUMENT']));
    expect(await reflectHostilely(address)).toBe(true);
    await stands(service);
  }, 120_000);

  it.each(serviceNames)('OPS-04: %s refuses messages that are too large, packed ones too, and ends streams without an end, and does not grow with them', async (service) => {
    const address = fleet.stack.run.grpc[service]!;
    const served = await servedAt(address);
    let answers: readonly string[] = [];
    let streams: Awaited<ReturnType<typeof endlessStreams>> = {};
    const growth = await grow(service, async () => {
      answers = await largeMessages(address, served.find((name) => name.endsWith('ParkedMessages'))!);
      streams = await endlessStreams(address, served, 128);
    });
    for (const answer of answers) expect(answer).toMatch(/^RESOURCE_EXHAUSTED .*larger than/);
    for (const [name, { answer, mib }] of Object.entries(streams)) expect([name, answer, mib < 128]).toEqual([name, expect.stringMatching(/^[A-Z_]+ with a reason$/), true]);
    expect(growth).toBeLessThan(250);
    await stands(service);
  }, 90_000);
});
