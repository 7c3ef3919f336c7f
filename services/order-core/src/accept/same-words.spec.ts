import { describe, expect, it } from '@jest/globals';
import type { ingest } from '@flotilla/contracts';
import { silentLogger } from '@flotilla/event-store';
import type { Incoming } from '@flotilla/messaging';
import { open, seal, type Field } from '@flotilla/values';
import { content, orderId, shipTo } from '../../spec/samples.js';
import { order } from '../decide/order.decider.js';
import { noOrder, type OrderState } from '../decide/order.state.js';
import { sameWords } from './same-words.js';

const key = Buffer.alloc(32, 3);
const sealed = (field: Field, text: string): string => seal(key, 'person', field, text);
const written = (street: string, remark = ''): ingest.ChannelOrder => content({ shipTo: { ...shipTo, street: sealed('street', street), name: sealed('name', 'Ada'), phone: '' }, remark: sealed('text', remark) });
const message = (data: ingest.ChannelOrder): Incoming => ({ type: 'flotilla.ingest.v1.ChannelOrderAmended', data: { order: data } }) as unknown as Incoming;
const placed = (first: ingest.ChannelOrder): OrderState =>
  order.decide({ type: 'TakeContent', data: { content: first, rules: { riskLimit: 50_000, paymentMinutes: 30 }, at: '2026-11-21T09:01:00.000Z', progress: 'NONE' } }, noOrder).reduce(order.evolve, noOrder);
const prepare = (first: ingest.ChannelOrder, opens: (texts: readonly string[]) => Promise<readonly string[]> = async (texts) => texts.map((text) => open(() => key, text) ?? '')) => {
  const folded = async () => new Map([[orderId, { state: placed(first), version: 1 }]]);
  return sameWords({ store: { folded: folded as never }, open: opens, log: silentLogger });
};

describe('an amended order, sealed anew', () => {
  it('ORD-05: keeps the words that are the same in the form in which they are known', async () => {
    const first = written('1 Oak St', 'ring twice');
    const [again] = await prepare(first)([message(written('1 Oak St', 'ring twice'))]);
    expect(again!.shipTo).toEqual(first.shipTo);
    expect(again!.remark).toBe(first.remark);
  });

  it('ORD-05: takes the words that are others, and compares what follows with them', async () => {
    const first = written('1 Oak St');
    const moved = written('2 Elm St');
    const [one, two] = await prepare(first)([message(moved), message(written('2 Elm St'))]);
    expect(one!.shipTo).toEqual({ ...first.shipTo, street: moved.shipTo.street });
    expect(two!.shipTo).toEqual(one!.shipTo);
  });

  it('ING-07: a personal custom field that says the same stays as it is known; another, and what is not sealed, is taken', async () => {
    const custom = (card: string, coupon: string): Partial<ingest.ChannelOrder> => ({ custom: [{ name: 'coupon', value: coupon }, { name: 'id_card', value: sealed('text', card) }] });
    const first = { ...written('1 Oak St'), ...custom('A1', 'LIVE') };
    const [same, other, again] = await prepare(first)([message({ ...written('1 Oak St'), ...custom('A1', 'LATE') }), message({ ...written('1 Oak St'), ...custom('B2', 'LATE') }), message({ ...written('1 Oak St'), ...custom('B2', 'LATE') })]);
    expect(same!.custom).toEqual([{ name: 'coupon', value: 'LATE' }, first.custom[1]]);
    expect(other!.custom[1]).not.toEqual(first.custom[1]);
    expect(again!.custom).toEqual(other!.custom);
  });

  it('ORD-05: takes an amendment as it is where nothing can be compared', async () => {
    const unavailable = prepare(written('1 Oak St'), () => Promise.reject(new Error('ingest is away')));
    expect(await unavailable([message(written('1 Oak St'))])).toEqual([undefined]);
    expect(await prepare(written('1 Oak St'))([{ type: 'flotilla.ingest.v1.ChannelOrderAmended', data: {} } as unknown as Incoming])).toEqual([undefined]);
  });
});
