import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it, jest } from '@jest/globals';
import { carrierContract, type ContractedWay } from '../../../spec/carrier-contract.js';
import type { FakeGateway } from '../../../spec/fake-gateway.js';
import { fakeKdniao, kdniaoAccount } from '../../../spec/fake-kdniao.js';
import { cainiaoAccount, fakeCainiao } from '../../../spec/fake-cainiao.js';
import { account, fakeSf } from '../../../spec/fake-sf.js';
import { sizes, templateOf } from '../labels/template.js';
import { cainiao } from '../gateways/cainiao/cainiao.http.js';
import { isNumberOf, type CarrierAdapter } from './carrier.js';
import { carriers } from './registry.js';

jest.setTimeout(60_000);

interface Played {
  readonly fake: () => Promise<FakeGateway>;
  /** Where the gateway stands, what signs, and the rest of the account. */
  readonly url: string;
  readonly secret: string;
  readonly account: Readonly<Record<string, string>>;
}

const kdniao: Played = { fake: fakeKdniao, url: 'FLOTILLA_KDNIAO_URL', secret: 'FLOTILLA_KDNIAO_APP_KEY', account: kdniaoAccount };
// Who has a gateway is played by a fake, which can fail; who asks nobody has none.
const played: Readonly<Record<string, Played | null>> = { sf: { fake: fakeSf, url: 'FLOTILLA_SF_URL', secret: 'FLOTILLA_SF_CHECKWORD', account }, own: null, zto: kdniao, yto: kdniao };

const wayOf = ({ manifest, connect }: CarrierAdapter): ContractedWay => {
  const gateway = played[manifest.name] ?? null;
  return {
    manifest,
    fake: gateway?.fake ?? null,
    connect: (fetch, url, secret) => {
      const port = connect({ config: gateway ? { ...gateway.account, [gateway.url]: url, ...(secret === undefined ? {} : { [gateway.secret]: secret }) } : {}, fetch, now: () => new Date() });
      if (!port) throw new Error(`${manifest.name} is not connected`);
      return port;
    },
  };
};

describe('the registry', () => {
  const folder = new URL('.', import.meta.url);
  const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name);

  it('CAR-03: lists exactly the folders, each of the one shape', () => {
    expect(carriers.map(({ manifest }) => manifest.name).toSorted()).toEqual(folders.toSorted());
    for (const { manifest: { name }, gateway } of carriers) {
      const io = gateway !== undefined ? [`${name}.gateway.ts`, `../../gateways/${gateway}/README.md`] : played[name] === null ? [`${name}.local.ts`] : [`${name}.http.ts`, 'fixtures'];
      for (const part of ['manifest.ts', 'README.md', ...io]) expect([name, part, existsSync(new URL(`${name}/${part}`, folder))]).toEqual([name, part, true]);
      for (const size of sizes) expect(templateOf(name, size).elements.length).toBeGreaterThan(5);
      expect(Object.keys(played)).toContain(name);
    }
  });

  it('CAR-03: a carrier without an account is not used; half an account stops the start', () => {
    for (const { manifest: { name }, connect } of carriers.filter(({ manifest }) => played[manifest.name] !== null)) {
      const { account: whole, url } = played[name]!;
      const options = { fetch, now: () => new Date() };
      expect([name, connect({ ...options, config: {} })]).toEqual([name, undefined]);
      expect(() => connect({ ...options, config: whole })).toThrow(new RegExp(`${url} is not set`));
      expect(connect({ ...options, config: { FLOTILLA_SANDBOX_URL: 'http://127.0.0.1:8110' } })).toBeDefined();
    }
  });

  it('CAR-04: knows each carrier’s numbers by prefix and length', () => {
    const forms: Readonly<Record<string, { readonly good: readonly string[]; readonly bad: readonly string[] }>> = {
      zto: { good: ['73123456789012', '78123456789012', '212345678901'], bad: ['72123456789012', '7312345678901', 'ZT73123456789012', ''] },
      yto: { good: ['YT1234567890123', 'G123456789'], bad: ['YT1234567890123456', 'YT123456789012', '1234567890123', 'yt1234567890123'] },
    };
    for (const { manifest } of carriers) for (const [verdict, numbers] of Object.entries(forms[manifest.name] ?? {})) for (const number of numbers) expect([manifest.name, number, isNumberOf(manifest, number)]).toEqual([manifest.name, number, verdict === 'good']);
    expect(Object.keys(forms).every((name) => carriers.some(({ manifest }) => manifest.name === name))).toBe(true);
  });
});

for (const adapter of carriers) carrierContract(adapter.manifest.name, wayOf(adapter));

// The same carriers' numbers, bought at the platform that masks the recipient.
const throughCainiao = (name: string): ContractedWay => {
  const { manifest } = carriers.find((one) => one.manifest.name === name)!;
  return {
    manifest,
    fake: fakeCainiao,
    order: { token: '1zZ+masked/oaid==', recipient: { name: '王**', phone: '138****0000', company: '', country: 'CN', province: '北京市', city: '北京市', district: '朝阳区', postcode: '', street: '建国路***' } },
    connect: (fetch, url, secret) => cainiao.connect({ config: { ...cainiaoAccount, FLOTILLA_CAINIAO_URL: url, ...(secret === undefined ? {} : { FLOTILLA_CAINIAO_APP_SECRET: secret }) }, fetch, now: () => new Date() })!(manifest.platformCodes['taobao']!),
  };
};
for (const name of ['zto', 'sf']) carrierContract(`${name} through cainiao`, throughCainiao(name));
