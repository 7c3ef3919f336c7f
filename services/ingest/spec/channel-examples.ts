import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ingest } from '@flotilla/contracts';
import { submitted } from '../src/channels/connector/order.js';
import { pulledTrade } from '../src/channels/taobao/orders.js';

/** What the conformance suite must know of a platform: one order of its own, as the platform writes it. */
export interface ChannelExample {
  readonly topic: string;
  /** `second` of the platform's clock at which it was modified; `remark` of the buyer's. Ids are text, so that they stay exact. */
  order(of: { readonly second: number; readonly remark: string }): Record<string, unknown>;
  /** The id that the platform knows it by. */
  readonly id: string;
  /** What its fields mean, where that is data of the channel. */
  readonly mapping?: ingest.Mapping;
  /** Of the person: none of these may be seen once it was accepted. */
  readonly personal: readonly string[];
  /** The headers of a webhook; absent where none are sent. */
  readonly sign?: (secret: string, body: Uint8Array) => Readonly<Record<string, string>>;
}

const fixture = (path: string): Record<string, unknown> => JSON.parse(readFileSync(join(import.meta.dirname, '../src/channels', path), 'utf8').replace(/: (\d{16,})/g, ': "$1"')) as Record<string, unknown>;
const two = (second: number): string => String(second).padStart(2, '0');
const base64 = (secret: string, body: Uint8Array): string => createHmac('sha256', secret).update(body).digest('base64');

const rows = fixture('csv/fixtures/rows.json') as { readonly columns: readonly string[]; readonly rows: readonly { readonly cells: readonly string[] }[] };
const shop = (fixture('generic/fixtures/order.json') as { data: Record<string, unknown>[] }).data[0]!;
const mapping = JSON.parse(readFileSync(join(import.meta.dirname, '../src/channels/generic/fixtures/mapping.json'), 'utf8')) as ingest.Mapping;
const trade = (fixture('taobao/fixtures/trade.json') as { trade_fullinfo_get_response: { trade: Record<string, unknown> } }).trade_fullinfo_get_response.trade;
const personal = fixture('connector/fixtures/personal.json');

/** One per platform of the registry, by name. */
export const examples: Readonly<Record<string, ChannelExample>> = {
  shopify: {
    topic: 'orders/create',
    id: '7200145901234567891',
    order: ({ second, remark }) => ({ ...fixture('shopify/fixtures/order-two-currencies.json'), id: '7200145901234567891', updated_at: `2026-12-01T10:00:${two(second)}Z`, note: remark }),
    personal: ['Greta', 'Lind', 'Storgatan', '070-174'],
    sign: (secret, body) => ({ 'x-shopify-hmac-sha256': base64(secret, body), 'x-shopify-topic': 'orders/create' }),
  },
  woocommerce: {
    topic: 'order.created',
    id: '727',
    order: ({ second, remark }) => ({ ...fixture('woocommerce/fixtures/order.json'), date_modified_gmt: `2026-12-01T10:00:${two(second)}`, customer_note: remark }),
    personal: ['Anna', 'Muster', 'Hafenweg', 'Joerg@Example.com', '431 123456'],
    sign: (secret, body) => ({ 'x-wc-webhook-signature': base64(secret, body), 'x-wc-webhook-topic': 'order.created' }),
  },
  taobao: {
    topic: pulledTrade,
    id: '3180012345678901234',
    order: ({ second, remark }) => ({ ...trade, modified: `2026-12-01 10:00:${two(second)}`, buyer_message: remark }),
    // Masked by the platform, and sealed all the same.
    personal: ['王**', '文三路', '*******5678', '老客户送贺卡'],
  },
  connector: {
    topic: submitted,
    id: 'TB-20261121-0007',
    order: ({ second, remark }) => ({ ...fixture('connector/fixtures/submitted.json'), modifiedAt: `2026-12-01T10:00:${two(second)}.000Z`, personal: JSON.stringify({ ...personal, remark }) }),
    personal: ['王小明', '13800138000', '文三路', '生日快乐'],
  },
  csv: {
    topic: 'order',
    id: 'TB-1001',
    order: ({ second, remark }) => ({ columns: [...rows.columns, '修改时间', '备注'], rows: rows.rows.map(({ cells }, at) => ({ row: at + 2, cells: [...cells, `2026-12-01T10:00:${two(second)}Z`, remark] })) }),
    personal: ['王小明', '13800138000', '文三路'],
  },
  generic: {
    topic: 'order',
    id: 'MU-7001',
    order: ({ second, remark }) => ({ event: 'order.created', data: [{ ...shop, changed: `2026-12-01T10:00:${two(second)}Z`, note: remark }] }),
    mapping: { ...mapping, fields: [...mapping.fields, { field: 'modified_at', from: ['changed'], expression: '' }, { field: 'remark', from: ['note'], expression: '' }] },
    personal: ['Ana Próba', '+36301234567', 'Kossuth'],
    sign: (secret, body) => {
      const time = String(Date.now());
      return { 'x-made-up-time': time, 'x-made-up-signature': `v1=${createHmac('sha256', secret).update(`${time}.`).update(body).digest('hex')}` };
    },
  },
};
