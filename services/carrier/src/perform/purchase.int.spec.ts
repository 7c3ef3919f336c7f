import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { fold, type Of } from '@flotilla/decider';
import { createEventStore, migrateEventStore, type EventStore } from '@flotilla/event-store';
import { crashable, database, eventually, type Crashable, type TestDatabase } from '@flotilla/testing';
import pg from 'pg';
import { fakeKdniao, kdniaoAccount } from '../../spec/fake-kdniao.js';
import { account, fakeSf, type FakeSf } from '../../spec/fake-sf.js';
import { chosen, commands, release } from '../../spec/parcels.js';
import { parcel, type ParcelCommand } from '../decide/parcel.decider.js';
import type { ParcelEvent } from '../decide/parcel.events.js';
import { waybill as waybills, waybillIdOf } from '../decide/waybill.decider.js';

jest.setTimeout(60_000);

const create = 'EXP_RECE_CREATE_ORDER';
const search = 'EXP_RECE_SEARCH_ORDER_RESP';
const update = 'EXP_RECE_UPDATE_ORDER';
let db: TestDatabase;
let store: EventStore;
let sf: FakeSf;
let children: Crashable[] = [];
let counter = 0;
let parcelId = '';

beforeAll(async () => {
  db = await database();
  const client = new pg.Client(db.url);
  await client.connect();
  await migrateEventStore(client, { role: decodeURIComponent(new URL(db.url).username), readers: [] });
  await client.end();
  store = createEventStore({ pool: db.pool });
});
beforeEach(async () => {
  sf = await fakeSf();
  parcelId = `p${(counter += 1)}`;
});
afterEach(async () => {
  await Promise.all(children.map((child) => child.kill()));
  children = [];
  await sf.close();
});
afterAll(async () => {
  await store.close();
  await db.drop();
});

const start = async (killAt = '', timeoutMs = 1_500, others: Readonly<Record<string, string>> = {}): Promise<Crashable> => {
  const child = crashable(fileURLToPath(new URL('../../spec/purchase-child.ts', import.meta.url)), { env: { DATABASE: db.url, KILL_AT: killAt, TIMEOUT_MS: String(timeoutMs), FLOTILLA_SF_URL: sf.url, ...account, ...others } });
  children.push(child);
  return child;
};
const tell = (command: ParcelCommand): Promise<unknown> =>
  store.execute({ streams: [[parcel, parcelId]], meta: { correlation: parcelId, causation: parcelId, actor: 'spec' }, decide: (unit) => unit.run(parcel, parcelId, command) });
const plan = (): Promise<unknown> => tell({ type: 'Plan', data: { release: { ...release, parcelId }, chosen } });
const cancel = (): Promise<unknown> => tell({ ...commands.cancel, data: { ...commands.cancel.data, parcelId } });
const history = async (): Promise<readonly ParcelEvent[]> => (await store.read(`parcel-${parcelId}`)) as unknown as readonly ParcelEvent[];
const status = async (): Promise<string> => fold(parcel, await history()).status;
const reaches = (wanted: string): Promise<unknown> => eventually(async () => expect(await status()).toBe(wanted), { timeoutMs: 30_000 });
const of = async <Type extends ParcelEvent['type']>(type: Type): Promise<readonly Of<ParcelEvent, Type>[]> => (await history()).filter((event): event is Of<ParcelEvent, Type> => event.type === type);

/** Exactly one waybill at the carrier, the one that the fleet knows, claimed by this parcel alone. */
const oneWaybill = async (): Promise<void> => {
  const [issued, ...more] = await of('WaybillIssued');
  expect(more).toEqual([]);
  const number = issued!.data.waybill;
  expect([...sf.booked].map(([reference, { waybill, cancelled }]) => [reference, waybill, cancelled])).toEqual([[parcelId, number, false]]);
  const id = waybillIdOf('sf', number);
  expect((await store.folded(waybills, [id])).get(id)?.state).toEqual({ parcelId, purchase: 1 });
  expect(await of('PurchaseSettled')).toHaveLength(1);
};

describe('CAR-12: a purchase that is killed', () => {
  it('CAR-12: before the call: the carrier is asked, and called once its deadline has passed', async () => {
    await plan();
    expect(await (await start('before')).exited).toBe('SIGKILL');
    expect([await status(), sf.calls.length]).toEqual(['BUYING', 0]);
    await start('', 2_500);
    await reaches('WAYBILLED');
    await oneWaybill();
    expect(sf.calls.filter((call) => call === create)).toHaveLength(1);
    const [, second] = await of('PurchaseBegun');
    expect(second?.data.call).toBe(2);
    expect(sf.calls.indexOf(search)).toBeLessThan(sf.calls.indexOf(create));
  });

  it('CAR-12: during the call, after its effect: the number is found by asking', async () => {
    await plan();
    const first = await start();
    sf.watch(async (moment, service) => {
      if (moment === 'done' && service === create) await first.kill();
    });
    await first.exited;
    await start();
    await reaches('WAYBILLED');
    await oneWaybill();
    expect(sf.calls.filter((call) => call === create)).toHaveLength(1);
  });

  it('CAR-12: during the call, whose effect comes late: nobody calls again before the deadline', async () => {
    await plan();
    const first = await start('', 10_000);
    let asked = (): void => undefined;
    const askedOnce = new Promise<void>((resolve) => (asked = resolve));
    sf.watch(async (moment, service) => {
      if (moment === 'done' && service === search) asked();
      if (moment !== 'arrived' || service !== create) return;
      await first.kill();
      await askedOnce; // the request lay somewhere on the way; it takes effect after somebody was told "not known"
    });
    await first.exited;
    await start('', 10_000);
    await reaches('WAYBILLED');
    await oneWaybill();
    expect(sf.calls.filter((call) => call === create)).toHaveLength(1);
    expect((await of('WaybillUnknown')).length).toBeGreaterThan(0);
  });

  it('CAR-12: after the call, before its outcome is written: the number is found by asking', async () => {
    await plan();
    expect(await (await start('after')).exited).toBe('SIGKILL');
    expect([sf.booked.size, await status()]).toEqual([1, 'BUYING']);
    await start();
    await reaches('WAYBILLED');
    await oneWaybill();
    expect(sf.calls.filter((call) => call === create)).toHaveLength(1);
  });

  it('CAR-12: and cancelled meanwhile: what was bought is voided, and nothing else is bought', async () => {
    await plan();
    expect(await (await start('after')).exited).toBe('SIGKILL');
    await cancel();
    expect(await status()).toBe('VOIDING');
    await start();
    await reaches('VOIDED');
    expect([...sf.booked.values()].map(({ cancelled }) => cancelled)).toEqual([true]);
    expect(sf.calls.filter((call) => call === create)).toHaveLength(1);
    expect(await of('WaybillIssued')).toEqual([]);
  });
});

describe('CAR-12: a void that is killed', () => {
  it.each(['before', 'after'])('CAR-12: %s the call is voided once', async (moment) => {
    await plan();
    const buyer = await start();
    await reaches('WAYBILLED');
    await buyer.kill();
    await cancel();
    expect(await (await start(moment)).exited).toBe('SIGKILL');
    expect(await status()).toBe('VOIDING');
    await start();
    await reaches('VOIDED');
    expect([...sf.booked.values()].map(({ cancelled }) => cancelled)).toEqual([true]);
    expect([(await of('VoidSettled')).length, (await of('ParcelVoided')).length]).toEqual([1, 1]);
  });
});

describe('CAR-12: a purchase whose answer is lost', () => {
  it.each(['lost', 'answer-lost', 'hangs-after', 'error-500-after', 'gateway-closed'] as const)('CAR-12: %s: is UNKNOWN, then exactly one waybill', async (mishap) => {
    sf.next(create, mishap);
    await plan();
    await start('', 1_000);
    await reaches('WAYBILLED');
    await oneWaybill();
    expect((await of('WaybillUnknown')).length).toBeGreaterThan(0);
  });

  it('CAR-12: the answer to a void is lost: it is voided again', async () => {
    sf.next(update, 'answer-lost');
    await plan();
    await start();
    await reaches('WAYBILLED');
    await cancel();
    await reaches('VOIDED');
    expect((await of('VoidUnknown')).length).toBe(1);
    expect(sf.calls.filter((call) => call === update)).toHaveLength(2);
  });

  it('CAR-04: a number that another parcel has is refused; one without the carrier’s form is voided there and refused', async () => {
    await plan();
    await start();
    await reaches('WAYBILLED');
    const first = parcelId;
    parcelId = `${first}-again`;
    sf.next(create, 'taken-number');
    await plan();
    await reaches('REFUSED');
    expect((await of('CarrierRefused')).map(({ data }) => data.reason)).toEqual(['DUPLICATE_WAYBILL']);
    expect(sf.booked.get(first)?.cancelled).toBe(false);
    parcelId = `${first}-bad`;
    sf.next(create, 'wrong-number');
    await plan();
    await reaches('REFUSED');
    expect((await of('CarrierRefused')).map(({ data }) => data.reason)).toEqual(['BAD_WAYBILL']);
    expect(sf.booked.get(parcelId)?.cancelled).toBe(true);
  });
});

describe('CAR-12: through a gateway that answers only to the order itself', () => {
  let kdniao: FakeSf;
  const zto = { choice: { ...('choice' in chosen ? chosen.choice : undefined)!, carrier: 'zto' } };
  const begin = (killAt = '', timeoutMs = 1_000): Promise<Crashable> => start(killAt, timeoutMs, { CARRIER: 'zto', FLOTILLA_KDNIAO_URL: kdniao.url, ...kdniaoAccount });
  const planned = (): Promise<unknown> => tell({ type: 'Plan', data: { release: { ...release, parcelId }, chosen: zto } });
  beforeEach(async () => void (kdniao = await fakeKdniao()));
  afterEach(() => kdniao.close());
  const one = async (): Promise<void> => {
    const [said, ...more] = await of('WaybillIssued');
    expect([more, [...kdniao.booked.values()].map(({ waybill, cancelled }) => [waybill, cancelled])]).toEqual([[], [[said!.data.waybill, false]]]);
    expect(await of('PurchaseSettled')).toHaveLength(1);
  };

  it.each(['lost', 'answer-lost', 'hangs-after', 'html'] as const)('CAR-12: %s: is UNKNOWN, then exactly one waybill', async (mishap) => {
    kdniao.next('1007', mishap);
    await planned();
    await begin();
    await reaches('WAYBILLED');
    await one();
    expect([(await of('WaybillUnknown')).length, (await of('PurchaseBegun')).map(({ data }) => data.call)]).toEqual([1, [1, 2]]);
  });

  it.each(['before', 'after'])('CAR-12: killed %s the call: exactly one waybill', async (moment) => {
    await planned();
    expect(await (await begin(moment)).exited).toBe('SIGKILL');
    expect([await status(), kdniao.booked.size]).toEqual(['BUYING', moment === 'after' ? 1 : 0]);
    await begin();
    await reaches('WAYBILLED');
    await one();
  });

  it('CAR-12: killed and cancelled meanwhile: what was bought is called off, and not ordered again', async () => {
    await planned();
    expect(await (await begin('after')).exited).toBe('SIGKILL');
    await cancel();
    await begin();
    await reaches('VOIDED');
    expect([...kdniao.booked.values()].map(({ cancelled }) => cancelled)).toEqual([true]);
    expect(kdniao.calls.filter((call) => call === '1007')).toHaveLength(1);
    expect(await of('WaybillIssued')).toEqual([]);
  });
});
