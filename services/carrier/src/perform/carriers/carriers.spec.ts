import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it, jest } from '@jest/globals';
import { carrierContract, type ContractedWay } from '../../../spec/carrier-contract.js';
import { cainiaoAccount, fakeCainiao } from '../../../spec/fake-cainiao.js';
import { played } from '../../../spec/played.js';
import { sizes, templateOf } from '../labels/template.js';
import { cainiao } from '../gateways/cainiao/cainiao.http.js';
import { isNumberOf, type CarrierAdapter } from './carrier.js';
import { carriers } from './registry.js';

jest.setTimeout(60_000);

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

  it('CAR-03: lists exactly the folders, each of the one shape, and the rows of the gateways', () => {
    expect(carriers.filter(({ gateway }) => gateway === undefined).map(({ manifest }) => manifest.name).toSorted()).toEqual(folders.toSorted());
    expect(new Set(carriers.map(({ manifest }) => manifest.name)).size).toBe(carriers.length);
    for (const { manifest: { name, title, label, services, numbers }, gateway } of carriers) {
      const io = played[name] === null ? [`${name}.local.ts`] : [`${name}.http.ts`, 'fixtures'];
      const parts = gateway === undefined ? ['manifest.ts', 'README.md', ...io].map((part) => `${name}/${part}`) : [`../gateways/${gateway}/README.md`];
      for (const part of parts) expect([part, existsSync(new URL(part, folder))]).toEqual([part, true]);
      for (const size of sizes) expect(templateOf(label, size).elements.length).toBeGreaterThan(5);
      expect([name, /\p{Script=Han}/u.test(title.zh), /^[\x20-\x7e]+$/.test(title.en), services.length > 0, numbers.length > 0]).toEqual([name, true, true, true, true]);
      expect(Object.keys(played)).toContain(name);
    }
  });

  it('CAR-03: nothing that the generator left to be written is there', () => {
    const written = folders.flatMap((name) => readdirSync(new URL(`${name}/`, folder), { recursive: true, encoding: 'utf8' }).filter((file) => /\.(?:ts|md|json)$/.test(file)).map((file) => `${name}/${file}`));
    expect(written.filter((file) => readFileSync(new URL(file, folder), 'utf8').includes('TO BE WRITTEN'))).toEqual([]);
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
      sto: { good: ['773123456789012', '431234567890123', '3712345678901'], bad: ['783123456789012', '77312345678'] },
      yunda: { good: ['312345678901234', '412345678901234', '5123456789012'], bad: ['512345678901234', '123456789012'] },
      jt: { good: ['JT1234567890123', 'JT123456789012'], bad: ['YT1234567890123', 'JT12345678901'] },
      jd: { good: ['JDX021234567890', 'JDVA12345678901-1-1-'], bad: ['JD1234567890123456', 'JJD0099999999'] },
      ems: { good: ['RB123456785GB', '1012345678901', '9123456789012'], bad: ['RB123456786GB', '1312345678901'] },
      'china-post': { good: ['9812345678901', 'PA12345678901', 'RB123456785GB'], bad: ['2812345678901', 'PA1234567890'] },
      deppon: { good: ['DPK12345678901', 'DPK123456789012', '12345678'], bad: ['1234567', 'DPK1234567890'] },
      best: { good: ['71234567890123'], bad: ['7123456789012', 'A7123456789012'] },
    };
    for (const { manifest } of carriers) for (const [verdict, numbers] of Object.entries(forms[manifest.name] ?? {})) for (const number of numbers) expect([manifest.name, number, isNumberOf(manifest, number)]).toEqual([manifest.name, number, verdict === 'good']);
    for (const { manifest, gateway } of carriers) if (gateway !== undefined) expect(Object.keys(forms)).toContain(manifest.name);
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
for (const name of ['zto', 'sf', 'sto', 'yunda', 'ems', 'china-post']) carrierContract(`${name} through cainiao`, throughCainiao(name));
