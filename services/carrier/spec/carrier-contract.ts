import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { isNumberOf, type CarrierManifest, type CarrierPort, type Fetch, type Party, type PurchaseOrder } from '../src/perform/carriers/carrier.js';
import type { FakeGateway, Mishap } from './fake-gateway.js';

/** A way to buy waybills: how to connect it, and the fake that plays its gateway. */
export interface ContractedWay {
  readonly manifest: CarrierManifest;
  /** `secret`: what signs; another one than the gateway's must not be let through. Without a fake nobody may be called. */
  readonly connect: (fetch: Fetch, url: string, secret?: string) => CarrierPort;
  /** null: nobody outside is asked. */
  readonly fake: (() => Promise<FakeGateway>) | null;
  /** What of an order is special to it. */
  readonly order?: Partial<PurchaseOrder>;
}

const party: Party = { name: '李雷 (o\'Neil~) #1', phone: '+8613800138000', company: 'A*B & C', country: 'CN', province: '北京市', city: '北京市', district: '朝阳区', postcode: '100020', street: '建国路 1 号 <3#> "B" 50%' };
let counter = 0;

/** What the purchase relies on, of whatever carrier: every adapter runs it. */
export const carrierContract = (name: string, way: ContractedWay): void =>
  describe(`the contract of a carrier: ${name}`, () => {
    const { manifest } = way;
    let fake: FakeGateway | undefined;
    let port: CarrierPort;
    let reference: string;
    const order = (): PurchaseOrder => ({ reference, service: manifest.services[0]!, sender: party, recipient: party, items: [{ name: '马克杯 "大"', quantity: 1, grams: 350 }], grams: 350, orders: [{ channel: 'shop', channelOrderId: '4000000000000000001' }], token: '', ...way.order });
    const soon = (): AbortSignal => AbortSignal.timeout(20_000);
    const impatient = (): AbortSignal => AbortSignal.timeout(250);
    const create = (): string => fake!.operations.create;
    // As the purchase does it: a carrier that answers only to the order itself is given it again, which buys nothing twice.
    const found = async (wanted = true): Promise<unknown> => {
      const answer = await port.ask({ reference, wanted }, soon());
      return answer.kind === 'again' ? port.create(order(), soon()) : answer;
    };
    const bought = async (): Promise<string> => {
      const answer = await port.create(order(), soon());
      if (answer.kind !== 'issued') throw new Error(`not issued: ${JSON.stringify(answer)}`);
      return answer.waybill;
    };

    beforeAll(async () => {
      fake = (await way.fake?.()) ?? undefined;
      port = way.connect(fake ? fetch : () => Promise.reject(new Error('nobody is to be called')), fake?.url ?? '');
    });
    beforeEach(() => void (reference = `order-${(counter += 1)}`));
    afterAll(() => fake?.close());

    it('CAR-03, CAR-04: sells a number of its form, once per reference', async () => {
      const first = await port.create(order(), soon());
      expect(first.kind === 'issued' && isNumberOf(manifest, first.waybill)).toBe(true);
      // Once: it says that it knows the reference, or gives the same number again.
      expect([{ kind: 'known' }, first]).toContainEqual(await port.create(order(), soon()));
      expect(await found()).toEqual(first);
      if (fake) expect([...fake.booked.values()].filter((one) => one === fake?.of(reference))).toHaveLength(1);
    });

    it('CAR-04: no two references have one number', async () => {
      const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => port.create({ ...order(), reference: `${reference}-${n}` }, soon())));
      expect(new Set(answers.map((answer) => (answer.kind === 'issued' ? answer.waybill : ''))).size).toBe(20);
    });

    it('CAR-03: voids, and voiding again is voided', async () => {
      const number = await bought();
      expect(await port.cancel(reference, number, soon())).toEqual({ kind: 'voided' });
      expect(await port.cancel(reference, number, soon())).toEqual({ kind: 'voided' });
      if (fake) expect(fake.of(reference)?.cancelled).toBe(true);
    });

    const { fake: gateway } = way;
    if (gateway === null) return;
    // Of a gateway that can fail.

    it('CAR-12: asked about what it never heard of, it says so, or buys it then, once', async () => {
      const answer = await port.ask({ reference, wanted: true }, soon());
      expect(['not-known', 'again']).toContain(answer.kind);
      expect(fake!.of(reference)).toBeUndefined();
      if (answer.kind === 'again') expect([await found(), await found()].map((one) => (one as { waybill: string }).waybill)).toEqual([fake!.of(reference)?.waybill, fake!.of(reference)?.waybill]);
    });

    it.each(['answer-lost', 'hangs-after', 'error-500-after', 'html', 'empty', 'cut-off'] as const satisfies readonly Mishap[])('CAR-12: %s after the effect is unclear, and asking finds the one number', async (mishap) => {
      fake!.next(create(), mishap);
      expect((await port.create(order(), mishap.startsWith('hangs') ? impatient() : soon())).kind).toBe('unclear');
      expect(await found()).toMatchObject({ kind: 'issued', waybill: fake!.of(reference)!.waybill });
    });

    it.each(['lost', 'hangs-before', 'error-503-before', 'gateway-closed'] as const satisfies readonly Mishap[])('CAR-12: %s before any effect is unclear, never an answer', async (mishap) => {
      fake!.next(create(), mishap);
      expect((await port.create(order(), mishap.startsWith('hangs') ? impatient() : soon())).kind).toBe('unclear');
      expect(fake!.of(reference)).toBeUndefined();
    });

    it('CAR-12: what nobody wants any more can be found or called off after its answer was lost', async () => {
      fake!.next(create(), 'answer-lost');
      await port.create(order(), soon());
      const answer = (await found(false)) as { kind: string; waybill?: string };
      if (answer.kind === 'issued') expect(await port.cancel(reference, answer.waybill!, soon())).toEqual({ kind: 'voided' });
      else expect(answer).toEqual({ kind: 'not-known' });
      expect(fake!.of(reference)?.cancelled).toBe(true);
    });

    it('CAR-03: a signature that the gateway does not take is unclear, and buys nothing', async () => {
      const forged = way.connect(fetch, fake!.url, 'another-secret');
      expect((await forged.create(order(), soon())).kind).toBe('unclear');
      expect((await forged.cancel(reference, '', soon())).kind).toBe('unclear');
      expect(fake!.of(reference)).toBeUndefined();
    });

    it('CAR-03: refuses with its reason where it does not deliver, and what it does not take', async () => {
      fake!.next(create(), 'undeliverable');
      expect(await port.create(order(), soon())).toMatchObject({ kind: 'refused', reason: 'NOT_DELIVERABLE', detail: expect.stringMatching(/\S/) });
      fake!.next(create(), 'refused');
      expect(await port.create(order(), soon())).toMatchObject({ kind: 'refused', reason: 'CARRIER_REFUSED', detail: expect.stringMatching(/\S/) });
      expect(fake!.of(reference)).toBeUndefined();
    });

    it('CAR-03: does not void what it has in its hands, and an answer that is none voids nothing', async () => {
      const number = await bought();
      for (const mishap of ['html', 'empty', 'hangs-before', 'error-500-after', 'error-503-before'] as const) {
        fake!.next(fake!.operations.cancel, mishap);
        expect([mishap, (await port.cancel(reference, number, mishap.startsWith('hangs') ? impatient() : soon())).kind]).toEqual([mishap, 'unclear']);
      }
      fake!.next(fake!.operations.cancel, 'refused');
      expect(await port.cancel(reference, number, soon())).toMatchObject({ kind: 'refused', detail: expect.stringMatching(/\S/) });
    });
  });
