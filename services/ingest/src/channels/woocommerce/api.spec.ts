import { describe, expect, it } from '@jest/globals';
import type { ChannelApi, ListedItem, Shipment } from '../platform.js';
import { readDelivery } from './delivery.js';
import { orders } from './orders.js';
import { stock } from './stock.js';
import { writeBack } from './write-back.js';

interface Call {
  readonly method: string;
  readonly path: string;
  readonly body: Record<string, unknown>;
}
type Given = Response | object;

/** A shop answering from a function; every call's key is checked. */
const shop = (answer: (call: Call) => Given): { api: ChannelApi; calls: Call[]; waits: number[] } => {
  const calls: Call[] = [];
  const waits: number[] = [];
  const api: ChannelApi = {
    url: 'http://shop/', token: 'ck_1:cs_2', secret: new Uint8Array(), wait: (ms) => (waits.push(ms), Promise.resolve()),
    fetch: (url, init) => {
      expect((init.headers as Record<string, string>)['authorization']).toBe(`Basic ${Buffer.from('ck_1:cs_2').toString('base64')}`);
      const call = { method: init.method!, path: url.replace('http://shop/wp-json/wc/v3/', ''), body: JSON.parse((init.body as string | undefined) ?? '{}') as Record<string, unknown> };
      calls.push(call);
      const given = answer(call);
      return Promise.resolve(given instanceof Response ? given : new Response(JSON.stringify(given)));
    },
  };
  return { api, calls, waits };
};
const paged = (body: unknown, pages: number): Response => new Response(JSON.stringify(body), { headers: { 'x-wp-totalpages': String(pages) } });

describe('orders of WooCommerce are asked for', () => {
  const window = { from: '2026-11-21T10:00:00.000Z', to: '2026-11-21T10:15:00.000Z', next: '' };

  it('ING-02: from the last page to the first, with the units of their refunds', async () => {
    const one = shop(({ path }) => (path.startsWith('orders/8/refunds') ? [{ id: 740 }] : paged([{ id: 7, refunds: [] }, { id: 8, refunds: [{ id: 740 }] }], 2)));
    const page = await orders.pull(one.api, window);
    expect(page).toMatchObject({ outcome: 'page', next: '1' });
    expect(page.outcome === 'page' && page.orders.map(({ topic, body }) => [topic, JSON.parse(Buffer.from(body).toString()) as object])).toEqual([
      ['order.pulled', { id: '7', refunds: [] }], ['order.pulled', { id: '8', refunds: [{ id: '740' }], refund_details: [{ id: '740' }] }],
    ]);
    expect(one.calls[1]!.path).toBe('orders?modified_after=2026-11-21T09%3A59%3A59&modified_before=2026-11-21T10%3A15%3A01&dates_are_gmt=true&orderby=modified&order=asc&per_page=50&page=2');
    expect(await orders.pull(one.api, { ...window, next: '1' })).toMatchObject({ outcome: 'page', next: '' });
  });

  it('ING-02: with nothing changed ends at once, and a page that is gone holds nothing', async () => {
    expect(await orders.pull(shop(() => paged([], 0)).api, window)).toEqual({ outcome: 'page', orders: [], next: '' });
    expect(await orders.pull(shop(() => new Response('{"code":"rest_post_invalid_page_number"}', { status: 400 })).api, { ...window, next: '2' })).toEqual({ outcome: 'page', orders: [], next: '1' });
    expect(await orders.pull(shop(() => new Response('{"code":"rest_invalid_param"}', { status: 400 })).api, { ...window, next: '2' })).toMatchObject({ outcome: 'blocked' });
  });

  it('ING-02: a limit is waited out; outages are tried again, a wrong key is said', async () => {
    let limits = 1;
    const limited = shop(() => (limits-- > 0 ? new Response('', { status: 429, headers: { 'retry-after': '2' } }) : paged([], 0)));
    expect(await orders.pull(limited.api, window)).toMatchObject({ outcome: 'page' });
    expect(limited.waits[0]).toBeGreaterThanOrEqual(2_000);
    const long = shop(() => new Response('', { status: 429, headers: { 'retry-after': '3600' } }));
    expect(await orders.pull(long.api, window)).toMatchObject({ outcome: 'retry', afterMs: 3_600_000 });
    expect(long.waits).toEqual([]);
    for (const [outcome, status, body] of [['retry', 503, ''], ['retry', 200, '<html>'], ['blocked', 401, '{}'], ['blocked', 404, '{}']] as const) expect(await orders.pull(shop(() => new Response(body, { status })).api, window)).toMatchObject({ outcome });
  });
});

describe('what WooCommerce lists', () => {
  const listed = async (product: object, variations: readonly object[]): Promise<readonly ListedItem[]> => {
    const page = await stock.list(shop(({ path }) => (path.includes('/variations') ? variations : paged([{ id: 93, type: 'variable', ...product }], 1))).api, { from: '', location: '' });
    return page.outcome === 'page' ? page.items : [];
  };
  const inOrder = (name: string): string => {
    const order = { id: 1, status: 'processing', currency: 'USD', total: '1.00', date_created_gmt: '2026-11-21T10:00:00', date_modified_gmt: '2026-11-21T10:00:00', line_items: [{ id: 315, name, quantity: 1, total: '1.00' }] };
    const [reading] = readDelivery({ topic: 'order.updated', body: Buffer.from(JSON.stringify(order)), receivedAt: '2026-11-21T10:00:00.000Z' });
    return reading!.said.as === 'order' ? reading!.said.order.lines[0]!.title : JSON.stringify(reading!.said);
  };

  it.each([
    ['one option', 'Ship &amp; Idea', [{ name: 'Shoe size', option: '38' }], 'Ship &amp; Idea - 38'],
    ['two options', 'Idea', [{ name: 'Color', option: 'Black' }, { name: 'Size', option: 'M' }], 'Idea - Black, M'],
    ['an option in an order of an old shop', 'Idea', [{ name: 'Color', option: 'Black' }], 'Idea &ndash; Black'],
    ['two options of which one is called by two words', 'Idea', [{ name: 'Color', option: 'Black' }, { name: 'Shoe size', option: '38' }], 'Idea'],
    ['three options', 'Idea', [{ name: 'A', option: '1' }, { name: 'B', option: '2' }, { name: 'C', option: '3' }], 'Idea'],
  ])('ING-08, ING-12: a variation of %s is called as in orders, so that the SKU map knows it in both', async (_, name, attributes, inOrders) => {
    expect((await listed({ name }, [{ id: 7, attributes }])).map(({ title }) => title)).toEqual([inOrder(inOrders)]);
  });

  it('ING-12: a title that cannot be stored keeps no page from being read, and none is cut within a character', async () => {
    expect((await listed({ name: 'a\u0000' }, [{ id: 7, attributes: [{ name: 'A', option: 'x' }] }])).map(({ title }) => title)).toEqual(['x']);
    const [cut] = await listed({ name: `${'a'.repeat(499)}🎁` }, [{ id: 7, attributes: [] }]);
    expect(cut!.title.isWellFormed()).toBe(true);
  });
});

describe('a shipment is told to WooCommerce', () => {
  const shipment: Shipment = { channelOrderId: '727', carrier: 'sf', waybill: 'SF7444400031887', lines: [{ channelLineId: '315', quantity: 2 }] };
  interface Meta { id?: number; key: string; value: unknown }
  /** A shop that keeps what is put. */
  const keeping = (order: { status?: string; line_items?: object[]; refunds?: object[]; meta_data?: Meta[]; notes?: { id: number; note: string }[] } = {}) => {
    const kept = { id: 727, status: 'processing', line_items: [{ id: 315, quantity: 3 }], meta_data: [] as Meta[], notes: [] as { id: number; note: string }[], ...order };
    const one = shop(({ method, path, body }) => {
      if (path.startsWith('orders/727/notes') && method === 'GET') return kept.notes;
      if (path.startsWith('orders/727/refunds')) return [{ id: 740, line_items: [{ id: 1, quantity: -1, meta_data: [{ key: '_refunded_item_id', value: '315' }] }] }];
      if (method === 'POST') return kept.notes[kept.notes.push({ id: 900 + kept.notes.length, note: body['note'] as string }) - 1]!;
      if (method === 'PUT') {
        for (const meta of body['meta_data'] as Meta[]) {
          const found = kept.meta_data.find(({ id }) => id !== undefined && id === meta.id);
          if (found) found.value = meta.value;
          else kept.meta_data.push({ id: 13_200 + kept.meta_data.length, key: meta.key, value: meta.value });
        }
        kept.status = (body['status'] as string | undefined) ?? kept.status;
      }
      return kept;
    });
    return { ...one, kept, writes: (): string[] => one.calls.filter(({ method }) => method !== 'GET').map(({ method, path }) => `${method} ${path}`) };
  };

  it('ING-13: as tracking, note and, when all of it has left, as completed; a second time nothing is written', async () => {
    const one = keeping();
    for (const _ of [1, 2]) expect(await writeBack(one.api, shipment)).toEqual({ outcome: 'done', fulfilmentId: '900' });
    expect(one.writes()).toEqual(['PUT orders/727', 'POST orders/727/notes']);
    expect(one.kept).toMatchObject({ status: 'processing', notes: [{ note: expect.stringContaining('SF7444400031887') }], meta_data: [{ key: '_flotilla_shipment_SF7444400031887' }, { key: '_wc_shipment_tracking_items', value: [{ tracking_number: 'SF7444400031887', custom_tracking_provider: 'SF Express' }] }] });
    await writeBack(one.api, { ...shipment, waybill: 'SF7444400031888', lines: [{ channelLineId: '315', quantity: 1 }] });
    expect(one.kept).toMatchObject({ status: 'completed', meta_data: [{}, { value: [{ tracking_number: 'SF7444400031887' }, { tracking_number: 'SF7444400031888' }] }, { key: '_flotilla_shipment_SF7444400031888' }] });
    expect(one.kept.meta_data).toHaveLength(3);
  });

  it('ING-13: of two parcels that are told at once none is lost, and the order is completed', async () => {
    const one = keeping();
    const second = { ...shipment, waybill: 'SF7444400031888', lines: [{ channelLineId: '315', quantity: 1 }] };
    // Both read before either writes, and each writes what it read.
    let reads = 0;
    let both = (): void => undefined;
    const read = new Promise<void>((done) => (both = done));
    const together: ChannelApi = {
      ...one.api,
      fetch: async (url, init) => {
        const answer = await one.api.fetch(url, init);
        if (init.method === 'GET' && url.endsWith('orders/727') && (reads += 1) === 2) both();
        if (init.method === 'GET' && url.endsWith('orders/727')) await read;
        return answer;
      },
    };
    for (const told of await Promise.all([shipment, second].map((parcel) => writeBack(together, parcel)))) expect(told).toMatchObject({ outcome: 'done' });
    expect(one.kept.status).toBe('completed');
    const list = one.kept.meta_data.find(({ key }) => key === '_wc_shipment_tracking_items')!.value as { tracking_number: string }[];
    expect(list.map(({ tracking_number: number }) => number).toSorted()).toEqual(['SF7444400031887', 'SF7444400031888']);
  });

  it('ING-13: fields that cannot be read end it, and plugins’ meta data does not', async () => {
    expect(await writeBack(keeping({ status: 'a\u0000' }).api, shipment)).toMatchObject({ outcome: 'failed', reason: 'PLATFORM_REFUSED' });
    const full = keeping({ meta_data: Array.from({ length: 1_200 }, (_, at) => ({ id: at + 1, key: `_p${at}\u0000`, value: 'x' })) });
    expect(await writeBack(full.api, shipment)).toMatchObject({ outcome: 'done' });
  });

  it('ING-13: units that were paid back are not waited for', async () => {
    const one = keeping({ refunds: [{ id: 740 }] });
    await writeBack(one.api, shipment);
    expect(one.kept.status).toBe('completed');
  });

  it('ING-13: a note whose answer was lost is found, and not written again', async () => {
    const one = keeping({ notes: [{ id: 55, note: 'SF7444400031887' }] });
    expect(await writeBack(one.api, shipment)).toEqual({ outcome: 'done', fulfilmentId: '55' });
    expect(one.writes()).toEqual(['PUT orders/727']);
  });

  it.each([[{ status: 'cancelled' }, 'PLATFORM_REFUSED'], [{ line_items: [] }, 'PLATFORM_REFUSED']])('ING-13: %j is refused', async (order, reason) => expect(await writeBack(keeping(order).api, shipment)).toMatchObject({ outcome: 'failed', reason }));

  it('ING-13: what cannot be right is refused before anything is asked; what is not there is NOT_FOUND, an outage is waited for', async () => {
    const none = keeping();
    expect(await writeBack(none.api, { ...shipment, waybill: 'a b' })).toMatchObject({ outcome: 'failed', reason: 'BAD_REQUEST' });
    expect(await writeBack(none.api, { ...shipment, channelOrderId: '../x' })).toMatchObject({ outcome: 'failed', reason: 'NOT_FOUND' });
    expect(none.calls).toEqual([]);
    for (const [status, wanted] of [[404, { outcome: 'failed', reason: 'NOT_FOUND' }], [400, { outcome: 'failed', reason: 'PLATFORM_REFUSED' }], [502, { outcome: 'retry' }], [401, { outcome: 'retry' }]] as const) expect(await writeBack(shop(() => new Response('{}', { status })).api, shipment)).toMatchObject(wanted);
  });
});
