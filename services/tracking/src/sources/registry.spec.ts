import { existsSync, readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createOutside } from '@flotilla/service-kit';
import { startSandbox, type Sandbox } from '../../../../deploy/sandbox/src/app.js';
import { readConfig } from '../../../../deploy/sandbox/src/config.js';
import { followerOf, type Connected } from './connected.js';
import { sources } from './registry.js';
import type { Source } from './source.js';

it('TRK-01: every folder of a source stands in the registry, under its own name, with what belongs to it', () => {
  const folders = readdirSync('services/tracking/src/sources', { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  expect(sources.map(({ manifest }) => manifest.name).toSorted()).toEqual(folders.toSorted());
  for (const name of folders) for (const part of ['manifest.ts', 'README.md']) expect([name, part, existsSync(`services/tracking/src/sources/${name}/${part}`)]).toEqual([name, part, true]);
});

// A source in whose own form nobody but staff speaks has nothing to call.
const calling = sources.filter(({ manifest }) => manifest.batch > 0);

// What polling and the push door rely on, of whatever source.
describe.each(calling.map((source): [string, Source] => [source.manifest.name, source]))('the contract of a source: %s', (name, source) => {
  let sandbox: Sandbox;
  let url: string;
  const carrier = Object.keys(source.manifest.carriers)[0]!;
  const connect = (config: Readonly<Record<string, string>>) => source.connect({ config, outside: createOutside({ timeoutMs: 1_000 }), now: () => new Date(), callback: 'http://127.0.0.1:1/push' });
  const connection = (at = url) => connect({ FLOTILLA_SANDBOX_URL: at })!;
  beforeAll(async () => {
    sandbox = await startSandbox(readConfig({ FLOTILLA_HTTP_PORT: '0', FLOTILLA_SMTP_PORT: '0' }));
    url = `http://127.0.0.1:${sandbox.httpPort}`;
  });
  afterAll(() => sandbox.close());

  it('TRK-01: believes no push that is not signed', () => {
    for (const body of ['', '{}', 'param=%7B%7D&sign=x', 'msgData=%7B%7D&timestamp=1&msgDigest=x']) expect(() => connection().push(Buffer.from(body), {})).toThrow(expect.objectContaining({ reason: 'BAD_SIGNATURE' }));
  });
  it('TRK-01: knows nothing of a number that nobody has seen, and says so without an error', async () => expect(await connection().poll([{ carrier, waybill: `${name === 'sf' ? 'SF' : '76'}12345678901` }])).toEqual([]));
  it('TRK-01: takes as many numbers in a call as it says', async () => {
    const many = Array.from({ length: source.manifest.batch }, (_, n) => ({ carrier, waybill: `76${String(n).padStart(12, '0')}` }));
    const made = connection();
    expect((await made.follow?.(many)) ?? []).toEqual([]);
    expect(await made.poll(many)).toEqual([]);
  });
  it('TRK-01: following twice is harmless', async () => {
    const made = connection();
    const one = [{ carrier, waybill: '76123456789012' }];
    expect([(await made.follow?.(one)) ?? [], (await made.follow?.(one)) ?? []]).toEqual([[], []]);
  });
  it('TRK-01: rejects if there is no usable answer', async () => {
    for (const at of [`${url}/nowhere`, 'http://127.0.0.1:59999']) await expect(connection(at).poll([{ carrier, waybill: '76123456789012' }])).rejects.toThrow();
  });
  it('TRK-01: without an account it tells nothing', () => {
    expect(connect({})).toBeUndefined();
  });
  if (name === 'sf') it('TRK-01: with half an account it says which part is missing', () => expect(() => connect({ FLOTILLA_SF_URL: url })).toThrow('FLOTILLA_SF_PARTNER_ID is not set'));
});

describe('TRK-02: who follows a shipment', () => {
  const known = new Map(sources.map((source): [string, Connected] => [source.manifest.name, { source, push: () => [], pushAnswer: { contentType: '', body: '' }, poll: () => Promise.resolve([]), ...(source.manifest.name === 'sf' ? {} : { follow: () => Promise.resolve([]) }) }]));
  it.each([
    ['sf', 'CN', 'sf'], ['sf', '', 'sf'], ['zto', 'CN', 'kuaidi100'], ['ems', 'CN', 'kuaidi100'], ['sf', 'US', 'track17'], ['ems', 'DE', 'track17'], ['zto', 'HK', 'track17'], ['usps', 'CN', 'track17'], ['own', 'CN', undefined], ['own', 'MY', undefined],
  ] as const)('%s to "%s": %s', (carrier, country, source: string | undefined) => expect(followerOf(known, carrier, country)?.source).toBe(source));
  it('is the next one if it cannot, and nobody if there is none', () => {
    expect(followerOf(known, 'zto', 'DE', 'track17')).toEqual({ source: 'kuaidi100', follow: true });
    expect(followerOf(known, 'sf', 'DE', 'track17')).toEqual({ source: 'sf', follow: false });
    expect(followerOf(known, 'usps', 'DE', 'track17')).toBeUndefined();
    // Two that refuse: the number ends with the second.
    expect([followerOf(known, 'zto', 'DE', 'kuaidi100'), followerOf(known, 'ems', 'CN', 'kuaidi100')?.source, followerOf(known, 'ems', 'CN', 'track17')]).toEqual([undefined, 'track17', undefined]);
    expect(followerOf(new Map([...known].filter(([name]) => name === 'sf')), 'zto', 'CN')).toBeUndefined();
  });
});
