import { describe, expect, it } from '@jest/globals';
import { fold, Refused, streamOf, type AnyDecider } from '@flotilla/decider';
import type { EventStore, Performed } from '@flotilla/event-store';
import { newKey, orderIdOf, businessClock } from '@flotilla/values';
import { examples } from '../../spec/channel-examples.js';
import { Deliveries } from '../accept/deliveries.js';
import type { OrdersPulled } from '../channels/platform.js';
import { taobao } from '../channels/taobao/manifest.js';
import { channelOrder } from '../decide/channel-order.decider.js';
import { orderPull, type OrderPull } from '../decide/order-pull.decider.js';
import { secretsOf } from '../keys/secrets.js';
import { orderPullPerformer } from './order-pull.performer.js';

const meta = { correlation: '', causation: '', actor: 'spec' };
const at = '2026-12-01T12:00:00.000Z';

/** A pull of a shop that answers so; what is in the streams afterwards. */
const pulling = async (pull: () => Promise<OrdersPulled>, erased: (subject: string) => boolean = () => false): Promise<{ state: OrderPull; types: (id: string) => readonly string[]; raw: (id: string) => unknown; subjects: ReadonlySet<string> }> => {
  const streams = new Map<string, { type: string; data: Record<string, unknown> }[]>();
  const of = (decider: AnyDecider, id: string) => streams.get(streamOf(decider, id)) ?? [];
  const unit = {
    state: (decider: AnyDecider, id: string) => fold(decider, of(decider, id)) as unknown,
    run: (decider: AnyDecider, id: string, command: never) => {
      const events = decider.decide(command, fold(decider, of(decider, id)) as never) as { type: string; data: Record<string, unknown> }[];
      streams.set(streamOf(decider, id), [...of(decider, id), ...events]);
      return events;
    },
  };
  const store = {
    folded: (decider: AnyDecider, ids: readonly string[]) => Promise.resolve(new Map(ids.map((id) => [id, { state: fold(decider, of(decider, id)) as unknown }]))),
    execute: ({ decide }: { decide: (unit: unknown) => unknown }) => Promise.resolve({ answer: decide(unit) }),
  } as unknown as EventStore;
  unit.run(orderPull, 'tb', { type: 'BeginOrderPull', data: { channel: 'tb', at, start: at, longestMs: 86_400_000, asked: true } } as never);
  const subjects = new Set<string>();
  const ensure = (wanted: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> => {
    for (const subject of wanted) subjects.add(subject);
    if (wanted.some(erased)) return Promise.reject(new Refused('SUBJECT_ERASED', 'erased'));
    return Promise.resolve(new Map(wanted.map((subject) => [subject, newKey()])));
  };
  const performer = orderPullPerformer({
    ctx: { store, clock: businessClock(''), outside: () => ({ fetch, broken: () => false }) },
    channels: { forget: () => undefined, get: (id) => Promise.resolve({ id, platform: 'taobao', apiUrl: 'http://top', secret: new Uint8Array(), token: '', hasSkuMap: false, mapping: undefined, connectedAt: '' }) },
    platforms: new Map([['taobao', { ...taobao, orders: { longestWindowMs: 86_400_000, pull } }]]),
    deliveries: new Deliveries({ ensure }, secretsOf(Buffer.alloc(32, 7)), () => ''),
  }, { pulled: () => undefined, failed: () => undefined });
  await performer.perform({ intent: 'tb.1', signal: new AbortController().signal } as unknown as Performed, meta);
  return { state: fold(orderPull, of(orderPull, 'tb') as never), types: (id) => of(channelOrder, orderIdOf('tb', id)).map(({ type }) => type), raw: (id) => of(channelOrder, orderIdOf('tb', id))[0]?.data['raw'], subjects };
};

const trade = (tid: string, buyer: string, change: object = {}): { topic: string; body: Buffer } => ({ topic: examples['taobao']!.topic, body: Buffer.from(JSON.stringify({ ...examples['taobao']!.order({ second: 1, remark: '' }), tid, tid_str: tid, buyer_open_uid: buyer, ...change })) });
const page = (...orders: readonly { topic: string; body: Buffer }[]): (() => Promise<OrdersPulled>) => () => Promise.resolve({ outcome: 'page', orders, next: '' });

describe('a pull of orders', () => {
  it('ING-02, ING-16: takes the orders beside that of somebody who was erased, which waits without its content', async () => {
    const [gone] = (await pulling(page(trade('1', 'erased')))).subjects;
    const pulled = await pulling(page(trade('1', 'erased'), trade('2', 'there'), trade('3', 'erased', { status: 'TRADE_FINISHED' })), (subject) => subject === gone);
    expect(pulled.state).toMatchObject({ status: 'ended', orders: 3 });
    expect([pulled.types('1'), pulled.raw('1')]).toEqual([['DeliveryQuarantined'], []]);
    expect(pulled.types('2')).toEqual(['DeliveryRecorded', 'ChannelOrderReceived']);
    // What names nobody is kept.
    expect([pulled.types('3'), pulled.raw('3')]).toEqual([['DeliveryRecorded'], []]);
  });

  it('ING-02, ING-14: takes the orders beside one whose street cannot be sealed, which waits', async () => {
    const pulled = await pulling(page(trade('1', 'a', { receiver_town: '镇'.repeat(15_000), receiver_address: '文'.repeat(15_000) }), trade('2', 'b')));
    expect(pulled.state).toMatchObject({ status: 'ended', orders: 2 });
    expect([pulled.types('1'), pulled.types('2')]).toEqual([['DeliveryQuarantined'], ['DeliveryRecorded', 'ChannelOrderReceived']]);
  });

  it('ING-02: whose page cannot be taken ends in failure, whatever is thrown, and is begun again', async () => {
    const { state } = await pulling(() => Promise.reject(new TypeError('Anna Muster is no number')));
    expect(state).toMatchObject({ status: 'failed', blocked: false, why: 'a page of orders could not be taken: TypeError', nextAt: expect.stringMatching(/Z$/) });
  }, 20_000);

  it('ING-02: of a platform that will not answer for long waits for it without keeping others from asking', async () => {
    const before = Date.now();
    const { state } = await pulling(() => Promise.resolve({ outcome: 'retry', afterMs: 7_200_000, why: `${'x'.repeat(299)}😀` }));
    expect(Date.parse(state.nextAt) - before).toBeGreaterThanOrEqual(7_200_000);
    expect([state.status, state.why.isWellFormed(), Date.now() - before < 5_000]).toEqual(['failed', true, true]);
  });
});
