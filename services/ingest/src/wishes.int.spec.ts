import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, ingest as api, type Client } from '@flotilla/contracts';
import { eventually } from '@flotilla/testing';
import { open } from '@flotilla/values';
import { filesSecret, World } from '../spec/world.js';

const street = '浙江省杭州市西湖区龙井路七七七七号';
const remark = '不要圆通，发顺丰，贺卡写：岁岁平安';

describe('addresses and wishes, on real Postgres and Kafka', () => {
  const world = new World();
  const patient = { timeoutMs: 60_000 };
  let remarks: Client<api.RemarksRpc>;

  beforeAll(async () => {
    await world.start();
    remarks = connect(api.Remarks, world.service.grpc);
  }, 120_000);
  afterAll(async () => {
    remarks?.close();
    await world.stop();
  }, 60_000);

  const taken = async (id: string, change: Record<string, unknown>): Promise<api.ChannelOrder> => {
    expect(await world.webhook(world.order(id, change))).toMatchObject({ status: 200 });
    return eventually(() => world.received(world.orderId(id)), patient);
  };
  const clear = async (text: string): Promise<string> => {
    const { keys } = await world.keys.get({ subjects: [text.split('.')[2]!] });
    return open((subject) => keys.find((one) => one.subject === subject)?.key, text)!;
  };
  const complete = async (body: unknown, secret = filesSecret): Promise<{ status: number; body: Record<string, never> & { code?: string; address?: api.AddressCheck; suggestions?: readonly { city: string }[]; flags?: readonly { flag: string; zh: string; en: string }[] } }> => {
    const answer = await fetch(`${world.service.http}/v1/channels/${world.files}/addresses:complete`, { method: 'POST', headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' }, body: typeof body === 'string' ? body : JSON.stringify(body) });
    return { status: answer.status, body: (await answer.json()) as never };
  };

  it('ING-09 ING-10: an order carries where it goes, what was changed for that, and the buyer’s wishes; words of the buyer stay sealed', async () => {
    const order = await taken('7700000000001', { note: remark, shipping_address: { name: '岳灵珊', address1: street, city: '', zip: '31OO12', country_code: 'CN', phone: '13712340001' } });
    expect(order.shipTo).toMatchObject({ country: 'CN', province: '浙江省', city: '杭州市', district: '西湖区', postcode: '310012' });
    expect(order.address).toMatchObject({ province: '浙江省', city: '杭州市', district: '西湖区', code: '330106', phone: 'MOBILE', flags: [] });
    expect(order.address.changes).toEqual([
      { field: 'province', from: '', to: '浙江省' }, { field: 'city', from: '', to: '杭州市' }, { field: 'district', from: '', to: '西湖区' }, { field: 'postcode', from: '31OO12', to: '310012' },
    ]);
    expect(order.tags).toEqual(['spec', 'buyer:not:yto', 'buyer:carrier:sf', 'buyer:gift-card']);
    expect([await clear(order.shipTo.street), await clear(order.remark), await clear(order.giftMessage)]).toEqual([street, remark, '岁岁平安']);
    const stored = await world.everythingStored();
    const published = world.rawRecords.map(({ value }) => value?.toString() ?? '').join('\n');
    for (const word of ['岳灵珊', '龙井路', '岁岁平安', '13712340001']) expect([word, stored.includes(word), published.includes(word)]).toEqual([word, false, false]);
    expect(published).toContain('buyer:carrier:sf');
  }, 90_000);

  it('ING-09: what a courier could not find is flagged, and stands as it was given', async () => {
    const order = await taken('7700000000002', { shipping_address: { name: '岳灵珊', address1: '大楼旁边', province: '浙江省', city: '杭州市', zip: '310012', country_code: 'CN', phone: '13712340001-8821' } });
    expect(order.address).toMatchObject({ city: '杭州市', district: '', flags: ['VAGUE', 'PHONE_VIRTUAL'], changes: [], phone: 'VIRTUAL' });
  }, 90_000);

  it('ING-10: rules for remarks are data with versions: tried, refused with the path of what is wrong, and in force for what comes afterwards', async () => {
    expect(await remarks.getRules({ version: 0 })).toMatchObject({ version: 0, putBy: '' });
    const rules = { carriers: [], rules: [{ tag: 'buyer:bell', title: 'rings the upper bell', titleZh: '按上面的门铃', any: ['upper bell'], unless: [] }] };
    expect(await remarks.try({ rules, remarks: ['ring the upper bell', 'thanks'] })).toEqual({ remarks: [{ tags: ['buyer:bell'], titles: ['rings the upper bell'], titlesZh: ['按上面的门铃'] }, { tags: [], titles: [], titlesZh: [] }] });
    await expect(remarks.putRules({ requestId: randomUUID(), rules: { ...rules, rules: [{ ...rules.rules[0]!, any: ['(a'] }] }, dryRun: false })).rejects.toMatchObject({ details: expect.stringContaining('rules[0].any[0]') });
    await expect(remarks.try({ rules, remarks: ['x'.repeat(2_001)] })).rejects.toThrow();
    expect(await remarks.putRules({ requestId: randomUUID(), rules, dryRun: true })).toEqual({ version: 0 });
    expect(await remarks.getRules({ version: 0 })).toMatchObject({ version: 0 });
    const requestId = randomUUID();
    expect(await remarks.putRules({ requestId, rules, dryRun: false })).toEqual({ version: 1 });
    expect(await remarks.putRules({ requestId, rules, dryRun: false })).toEqual({ version: 1 });
    expect(await remarks.getRules({ version: 1 })).toMatchObject({ version: 1, rules });
    expect((await taken('7700000000003', { note: 'Ring the UPPER bell; 发顺丰' })).tags).toEqual(['spec', 'buyer:bell']);
  }, 90_000);

  it('ING-09: a checkout completes a partial address with the channel’s secret, and learns what is wrong in two languages', async () => {
    expect((await complete({ province: '浙江省', city: '杭' })).body.suggestions).toEqual([{ province: '浙江省', city: '杭州市', district: '', code: '330100' }]);
    const { status, body } = await complete({ street: '广东省深圳市南山区某大厦附近' });
    expect([status, body.address?.city, body.flags?.map(({ flag }) => flag)]).toEqual([200, '深圳市', ['VAGUE']]);
    expect(body.flags![0]).toMatchObject({ zh: expect.stringContaining('门牌号'), en: expect.stringContaining('house number') });
    for (const [sent, code] of [['{', 'BAD_JSON'], [{ street: 'x'.repeat(401) }, 'BAD_REQUEST'], [{ nobody: 'x' }, 'BAD_REQUEST'], [{ country: 'Atlantis' }, 'BAD_ADDRESS'], [' '.repeat(9_000), 'TOO_LARGE']] as const) expect([sent, (await complete(sent)).body.code]).toEqual([sent, code]);
    expect(await complete({}, 'wrong')).toMatchObject({ status: 401, body: { code: 'UNAUTHENTICATED' } });
  }, 90_000);
});
