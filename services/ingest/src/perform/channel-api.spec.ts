import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createOutside } from '@flotilla/service-kit';
import { largestAnswer } from '../channels/bounded.js';
import { orders } from '../channels/woocommerce/orders.js';
import { channelApi } from './channel-api.js';

describe('a channel’s API', () => {
  let server: Server;
  let bytes = 0;
  beforeAll(() => new Promise<void>((ready) => {
    server = createServer((_request, response) => {
      response.setHeader('x-wp-totalpages', '1');
      response.end(JSON.stringify([{ id: 7, refunds: [], meta_data: [{ key: '_builder', value: 'x'.repeat(bytes) }] }]));
    }).listen(0, '127.0.0.1', ready);
  }));
  afterAll(() => new Promise((done) => server.close(done)));

  const pull = () => {
    const shop = { id: 'woo', platform: 'woocommerce', apiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, secret: new Uint8Array(), token: 'ck:cs', hasSkuMap: false, mapping: undefined, connectedAt: '' };
    return orders.pull(channelApi({ outside: (_target, options) => createOutside(options) }, shop, new AbortController().signal), { from: '2026-11-21T10:00:00.000Z', to: '2026-11-21T10:15:00.000Z', next: '' });
  };

  it('ING-02: takes a page of some MB; one that is larger than can be held is told as that', async () => {
    bytes = 5 * 1024 * 1024;
    expect(await pull()).toMatchObject({ outcome: 'page', orders: [{}], next: '' });
    bytes = largestAnswer;
    expect(await pull()).toMatchObject({ outcome: 'retry', why: expect.stringContaining(`more than ${largestAnswer} bytes`) });
  });
});
