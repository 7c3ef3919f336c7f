import { describe, expect, it } from '@jest/globals';
import type { ChannelApi, Shipment } from '../platform.js';
import { orders } from './orders.js';
import { topSign } from './top.js';
import { writeBack } from './write-back.js';

type Asked = Record<string, string>;
const response = (method: string, data: object): object => ({ [`${method.replace('taobao.', '').replaceAll('.', '_')}_response`]: data });
const wrong = (code: number, subCode = '', subMsg = ''): object => ({ error_response: { code, msg: 'x', sub_code: subCode, sub_msg: subMsg } });

/** TOP answering from a function; every call's signature is checked. */
const top = (answer: (asked: Asked) => object | string): { api: ChannelApi; calls: Asked[]; waits: number[] } => {
  const calls: Asked[] = [];
  const waits: number[] = [];
  const api: ChannelApi = {
    url: 'http://top/', token: '12345678:session-1', secret: Buffer.from('app-secret'),
    wait: (ms) => (waits.push(ms), Promise.resolve()),
    fetch: async (url, init) => {
      const asked = Object.fromEntries(new URLSearchParams(await new Response(init.body as URLSearchParams).text())) as Asked;
      expect([url, asked['sign'], asked['app_key'], asked['session']]).toEqual(['http://top/router/rest', topSign(asked, 'app-secret'), '12345678', 'session-1']);
      calls.push(asked);
      const given = answer(asked);
      return new Response(typeof given === 'string' ? given : JSON.stringify(given));
    },
  };
  return { api, calls, waits };
};
const window = { from: '2026-11-21T10:00:00.000Z', to: '2026-11-21T10:15:00.000Z' };
const listed = (...tids: string[]): object => ({ trades: { trade: tids.length === 1 ? { tid: tids[0] } : tids.map((tid) => ({ tid })) } });

describe('trades of Taobao are pulled', () => {
  it('ING-02: from the last page to the first, each whole, signed, in China’s time', async () => {
    const shop = top((asked) => {
      if (asked['method'] === 'taobao.trade.fullinfo.get') return response(asked['method'], { trade: { tid: asked['tid'], status: 'x' } });
      if (asked['use_has_next'] === 'false') return response('taobao.trades.sold.increment.get', { total_results: 81 });
      return response('taobao.trades.sold.increment.get', listed(...(asked['page_no'] === '3' ? ['9'] : ['1', '2'])));
    });
    const last = await orders.pull(shop.api, { ...window, next: '' });
    expect(last).toMatchObject({ outcome: 'page', next: '2', orders: [{ topic: 'taobao.trade.fullinfo.get', body: Buffer.from('{"tid":"9","status":"x"}') }] });
    expect(await orders.pull(shop.api, { ...window, next: '1' })).toMatchObject({ outcome: 'page', next: '', orders: [{}, {}] });
    expect(shop.calls[0]).toMatchObject({ start_modified: '2026-11-21 18:00:00', end_modified: '2026-11-21 18:15:00', page_no: '1', page_size: '40' });
    expect(shop.calls.filter(({ method }) => method?.endsWith('increment.get')).map(({ page_no: page }) => page)).toEqual(['1', '3', '1']);
  });

  it('ING-02: with nothing changed ends at once', async () =>
    expect(await orders.pull(top(() => response('taobao.trades.sold.increment.get', { total_results: 0 })).api, { ...window, next: '' })).toEqual({ outcome: 'page', orders: [], next: '' }));

  it('ING-02: a limit is waited out as the platform says, and the call made again', async () => {
    let limits = 2;
    const shop = top(() => (limits-- > 0 ? wrong(7, 'accesscontrol.limited-by-api-access-count', 'This ban will last for 3 more seconds') : response('taobao.trades.sold.increment.get', { total_results: 0 })));
    expect(await orders.pull(shop.api, { ...window, next: '' })).toMatchObject({ outcome: 'page' });
    expect(shop.waits).toHaveLength(2);
    for (const ms of shop.waits) expect(ms).toBeGreaterThanOrEqual(3_000);
  });

  it('ING-02: a limit for long is not waited out here, and says how long it is', async () => {
    const shop = top(() => wrong(7, 'accesscontrol.limited-by-app-access-count', 'This ban will last for 3600 more seconds'));
    expect(await orders.pull(shop.api, { ...window, next: '' })).toMatchObject({ outcome: 'retry', afterMs: 3_600_000 });
    expect([shop.waits, shop.calls.length]).toEqual([[], 1]);
  });

  it('ING-11: with their refunds as they are; an app that may not ask for those gets its trades', async () => {
    const asking = (refund: object) => top(({ method, tid }) => (method === 'taobao.refund.get' ? refund : method === 'taobao.trade.fullinfo.get' ? response(method, { trade: { tid, orders: { order: { oid: '11', refund_id: 77001 } } } }) : response(method!, listed('1'))));
    const trades = async (refund: object): Promise<unknown> => {
      const page = await orders.pull(asking(refund).api, { ...window, next: '1' });
      return page.outcome === 'page' ? JSON.parse(Buffer.from(page.orders[0]!.body).toString()) : page;
    };
    expect(await trades(response('taobao.refund.get', { refund: { refund_id: 77001, refund_fee: '12.30' } }))).toMatchObject({ tid: '1', refund_details: [{ refund_id: '77001', refund_fee: '12.30' }] });
    for (const refusal of [wrong(15, 'isv.refund-not-exist'), wrong(11, 'isv.insufficient-permissions')]) expect(await trades(refusal)).toEqual({ tid: '1', orders: { order: { oid: '11', refund_id: '77001' } } });
    expect(await trades(wrong(15, 'isp.remote-service-timeout'))).toMatchObject({ outcome: 'retry' });
  });

  it.each([
    ['retry', wrong(15, 'isp.remote-service-timeout')], ['retry', '<html>'], ['retry', {}], ['blocked', wrong(27, 'invalid-sessionkey', 'sessionkey')], ['blocked', wrong(25)], ['blocked', wrong(11, 'isv.permission')], ['blocked', wrong(50, 'isv.invalid-session')],
  ])('ING-02: %s after %j', async (outcome, answer) => expect(await orders.pull(top(() => answer).api, { ...window, next: '' })).toMatchObject({ outcome, why: expect.stringMatching(/./) }));

  it('ING-02: without the app’s key it is said what is missing', async () =>
    expect(await orders.pull({ ...top(() => '').api, token: '' }, { ...window, next: '' })).toMatchObject({ outcome: 'blocked', why: expect.stringContaining('<app key>:<session>') }));

  it('ING-14: a trade that is refused does not hold up its page, and is kept with the reason', async () => {
    const shop = top((asked) => (asked['tid'] === '2' ? wrong(15, 'isv.trade-not-exist', '交易不存在') : asked['tid'] === undefined ? response(asked['method']!, listed('1', '2')) : response(asked['method']!, { trade: { tid: asked['tid'] } })));
    const page = await orders.pull(shop.api, { ...window, next: '1' });
    expect(page.outcome === 'page' && page.orders.map(({ body }) => JSON.parse(Buffer.from(body).toString()) as object)).toMatchObject([{ tid: '1' }, { tid: '2', refused: expect.stringContaining('isv.trade-not-exist') }]);
  });
});

describe('a shipment is sent to Taobao', () => {
  const shipment: Shipment = { channelOrderId: '318', carrier: 'zto', waybill: '75312345678901', lines: [{ channelLineId: '11', quantity: 2 }] };
  interface Line { oid: string; status: string; invoice_no?: string }
  const trading = (lines: Line[], send: (asked: Asked) => object | string = (asked) => {
    for (const line of lines) if (asked['sub_tid'] === undefined || asked['sub_tid'].split(',').includes(line.oid)) Object.assign(line, { status: 'WAIT_BUYER_CONFIRM_GOODS', invoice_no: asked['out_sid'] });
    return response('taobao.logistics.offline.send', { shipping: { is_success: true } });
  }) => top((asked) => (asked['method'] === 'taobao.logistics.offline.send' ? send(asked) : response(asked['method']!, { trade: { tid: '318', orders: { order: lines } } })));
  const sends = (shop: ReturnType<typeof top>): Asked[] => shop.calls.filter(({ method }) => method === 'taobao.logistics.offline.send');

  it('ING-13: with the platform’s code of the carrier; a part of the trade is a split; a second time nothing is sent', async () => {
    const lines: Line[] = [{ oid: '11', status: 'WAIT_SELLER_SEND_GOODS' }, { oid: '12', status: 'WAIT_SELLER_SEND_GOODS' }];
    const shop = trading(lines);
    for (const _ of [1, 2]) expect(await writeBack(shop.api, shipment)).toEqual({ outcome: 'done', fulfilmentId: '318/75312345678901', open: true });
    expect(sends(shop)).toMatchObject([{ tid: '318', out_sid: '75312345678901', company_code: 'ZTO', sub_tid: '11', is_split: '1' }]);
    const whole = trading([{ oid: '11', status: 'WAIT_SELLER_SEND_GOODS' }]);
    await writeBack(whole.api, shipment);
    expect(sends(whole)[0]).not.toHaveProperty('sub_tid');
  });

  it('ING-13: an answer that was lost is found by asking; a refusal because of it is none', async () => {
    const lines: Line[] = [{ oid: '11', status: 'WAIT_SELLER_SEND_GOODS' }];
    const shop = trading(lines, (asked) => {
      Object.assign(lines[0]!, { status: 'WAIT_BUYER_CONFIRM_GOODS', invoice_no: asked['out_sid'] });
      return wrong(15, 'isv.logistics-offline-service-error:B04', '该订单已发货');
    });
    expect(await writeBack(shop.api, shipment)).toMatchObject({ outcome: 'done' });
  });

  it.each([
    ['failed', [{ oid: '11', status: 'TRADE_CLOSED' }]], ['failed', [{ oid: '99', status: 'WAIT_SELLER_SEND_GOODS' }]],
  ])('ING-13: %s where the trade’s lines are %j', async (outcome, lines) => expect(await writeBack(trading(lines).api, shipment)).toMatchObject({ outcome, reason: 'PLATFORM_REFUSED' }));

  it('ING-13: of a line that has another number already is done: the platform has one for each, that of the first parcel', async () => {
    const shop = trading([{ oid: '11', status: 'WAIT_BUYER_CONFIRM_GOODS', invoice_no: 'OTHER1' }]);
    expect(await writeBack(shop.api, shipment)).toMatchObject({ outcome: 'done' });
    expect(sends(shop)).toEqual([]);
  });

  it('ING-13: words of the platform’s that cannot be kept end it, or are waited for', async () => {
    expect(await writeBack(trading([{ oid: '11', status: 'a\u0000' }]).api, shipment)).toMatchObject({ outcome: 'failed', reason: 'PLATFORM_REFUSED' });
    expect(await writeBack(top(() => wrong(15, 'isv.x', 'a\u0000')).api, shipment)).toMatchObject({ outcome: 'retry', why: expect.stringContaining('cannot be read') });
    const cut = await writeBack(top(() => wrong(15, 'isv.x', `${'x'.repeat(185)}😀`)).api, shipment);
    expect(cut.outcome === 'failed' && cut.detail.isWellFormed()).toBe(true);
  });

  it('ING-13: what cannot be a number or a trade is refused before anything is asked', async () => {
    const shop = trading([]);
    expect(await writeBack(shop.api, { ...shipment, waybill: 'a b' })).toMatchObject({ outcome: 'failed', reason: 'BAD_REQUEST' });
    expect(await writeBack(shop.api, { ...shipment, channelOrderId: 'x' })).toMatchObject({ outcome: 'failed', reason: 'NOT_FOUND' });
    expect(shop.calls).toEqual([]);
  });

  it.each([[wrong(27)], [wrong(15, 'isp.timeout')], ['<html>']])('ING-13: %j is waited for', async (answer) => expect(await writeBack(top(() => answer).api, shipment)).toMatchObject({ outcome: 'retry' }));
});
