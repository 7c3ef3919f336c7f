import { existsSync, readdirSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { sizes, templateOf } from '../labels/template.js';
import { isNumberOf, type CarrierAdapter, type CarrierPort, type Party } from './carrier.js';
import { carriers } from './registry.js';
import { account, fakeSf, type FakeSf } from '../../../spec/fake-sf.js';

jest.setTimeout(60_000);

// Who has a gateway is played by a fake, which can fail; who asks nobody has none.
const fakes: Readonly<Record<string, (() => Promise<FakeSf>) | null>> = { sf: fakeSf, own: null };

it('the registry lists exactly the folders, each of the one shape', () => {
  const folder = new URL('.', import.meta.url);
  const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name);
  expect(carriers.map(({ manifest }) => manifest.name).toSorted()).toEqual(folders.toSorted());
  for (const name of folders) {
    const io = fakes[name] === null ? [`${name}.local.ts`] : [`${name}.http.ts`, 'fixtures'];
    for (const part of ['manifest.ts', 'README.md', ...io]) expect([name, part, existsSync(new URL(`${name}/${part}`, folder))]).toEqual([name, part, true]);
    for (const size of sizes) expect(templateOf(name, size).elements.length).toBeGreaterThan(5);
    expect(Object.keys(fakes)).toContain(name);
  }
});

// What the purchase relies on, of whatever carrier.
describe.each(carriers.map((adapter): [string, CarrierAdapter] => [adapter.manifest.name, adapter]))('the contract of a carrier: %s', (name, adapter) => {
  const party: Party = { name: '李雷 (o\'Neil~)', phone: '13800138000', company: 'A*B & C', country: 'CN', province: '北京市', city: '北京市', district: '朝阳区', postcode: '100020', street: '建国路 1 号' };
  let fake: FakeSf | undefined;
  let port: CarrierPort;
  let reference: string;
  let counter = 0;
  const order = () => ({ reference, service: adapter.manifest.services[0]!, sender: party, recipient: party, items: [{ name: '马克杯', quantity: 1, grams: 350 }], grams: 350 });
  const soon = (): AbortSignal => AbortSignal.timeout(20_000);
  const impatient = (): AbortSignal => AbortSignal.timeout(250);

  beforeAll(async () => {
    fake = await fakes[name]?.();
    port = adapter.connect({ config: { ...account, ...(fake ? { FLOTILLA_SF_URL: fake.url } : {}) }, fetch: fake ? fetch : () => Promise.reject(new Error('nobody is to be called')), now: () => new Date() });
  });
  beforeEach(() => void (reference = `order-${(counter += 1)}`));
  afterAll(() => fake?.close());

  it('CAR-04: sells a number of its form, once per reference', async () => {
    const bought = await port.create(order(), soon());
    expect(bought.kind === 'issued' && isNumberOf(adapter.manifest, bought.waybill)).toBe(true);
    // Once: it says that it knows the reference, or gives the same number again.
    expect([{ kind: 'known' }, bought]).toContainEqual(await port.create(order(), soon()));
    expect(await port.ask(reference, soon())).toEqual(bought);
    if (fake) expect([...fake.booked.keys()].filter((one) => one === reference)).toHaveLength(1);
  });

  it('CAR-04: no two references have one number', async () => {
    const bought = await Promise.all(Array.from({ length: 20 }, (_, n) => port.create({ ...order(), reference: `${reference}-${n}` }, soon())));
    expect(new Set(bought.map((answer) => (answer.kind === 'issued' ? answer.waybill : ''))).size).toBe(20);
  });

  it('voids, and voiding again is voided', async () => {
    const bought = await port.create(order(), soon());
    const number = bought.kind === 'issued' ? bought.waybill : '';
    expect(await port.cancel(reference, number, soon())).toEqual({ kind: 'voided' });
    expect(await port.cancel(reference, number, soon())).toEqual({ kind: 'voided' });
    if (fake) expect(fake.booked.get(reference)?.cancelled).toBe(true);
  });

  if (fakes[name] === null) return;
  // Of a gateway that can fail.

  it('CAR-12: says that it does not know a reference only if it does not', async () => expect(await port.ask(reference, soon())).toEqual({ kind: 'not-known' }));

  it('CAR-12: a lost answer, a lost request, a closed gateway, a 500 and a timeout are unclear, never an answer', async () => {
    const create = 'EXP_RECE_CREATE_ORDER';
    for (const mishap of ['lost', 'answer-lost', 'hangs-before', 'hangs-after', 'error-500-after', 'gateway-closed'] as const) {
      reference = `order-${(counter += 1)}`;
      fake!.next(create, mishap);
      expect([mishap, (await port.create(order(), mishap.startsWith('hangs') ? impatient() : soon())).kind]).toEqual([mishap, 'unclear']);
    }
  });

  it('refuses where it does not deliver', async () => {
    fake!.next('EXP_RECE_CREATE_ORDER', 'undeliverable');
    expect(await port.create(order(), soon())).toMatchObject({ kind: 'refused', reason: 'NOT_DELIVERABLE' });
  });
});
