import type { Account } from '../bills/bills.js';
import { sleep, type Clock } from '../clock.js';
import type { WorldOrder } from '../orders/order.js';
import { writeJson, type Tree } from '../json.js';
import { fileOf, type Filed, type FileDesk, type FileFormat } from '../platforms/files/files.js';
import { liveBody, type LiveHooks, type LiveShop } from '../platforms/generic/live.js';
import * as changes from '../platforms/shopify/changes.js';
import { refundTree, tradeTree, type TaobaoShop } from '../platforms/taobao/shop.js';
import type { WooShop } from '../platforms/woocommerce/shop.js';
import type { WooWebhooks } from '../platforms/woocommerce/webhooks.js';
import { bigId } from '../random.js';
import type { PlanEntry } from './plan.js';
import type { Correction } from './voyage.js';

/** A shop of the run, by its channel. */
export interface Shops {
  readonly woo: ReadonlyMap<string, WooShop>;
  readonly taobao: ReadonlyMap<string, TaobaoShop>;
  readonly live: ReadonlyMap<string, LiveShop>;
  readonly files: ReadonlyMap<string, { readonly channel: string; readonly secret: string }>;
}

export interface WaysSea {
  readonly clock: Clock;
  readonly shops: Shops;
  readonly wooWebhooks: WooWebhooks;
  readonly live: LiveHooks;
  readonly desk: FileDesk;
  readonly stacks: FileStacks;
  readonly account: (channel: string) => Account;
  readonly corrections: Correction[];
  readonly signal: AbortSignal;
}

/** What a shop calls a product that nobody here has heard of. */
export const UNMAPPED = 'NEW-PANDA';
const LONGEST_PAUSE_MS = 4_000;
const MINUTE = 60_000;

/** One order of a platform other than Shopify, sent on its way or left there to be asked for, as its role wants it. */
export async function sailWay(entry: PlanEntry, order: WorldOrder, sea: WaysSea): Promise<void> {
  const now = (): number => sea.clock.business().getTime();
  const pause = (businessMs: number): Promise<void> => sleep(Math.min(sea.clock.toWallMs(businessMs), LONGEST_PAUSE_MS), sea.signal);
  const named = (prefix: string): void => {
    order.id = `${prefix}${order.number}`;
    entry.channelOrderId = order.id;
  };
  switch (entry.platform) {
    case 'woocommerce': {
      const shop = sea.shops.woo.get(entry.channel)!;
      if (entry.role === 'woo-unmapped') order.lines[0]!.sku = UNMAPPED;
      for (const line of order.lines) line.sku = `${shop.skuPrefix}${line.sku}`;
      const kept = shop.place(order);
      order.id = entry.channelOrderId = String(kept.id);
      sea.account(entry.channel).open(order);
      const send = (topic: 'order.created' | 'order.updated', forged = false): Promise<number> => sea.wooWebhooks.send(shop, kept, topic, forged);
      switch (entry.role) {
        // The one webhook is lost; whoever asks finds it.
        case 'woo-quiet':
          return;
        case 'woo-forged':
          await send('order.created', true);
          return void (await send('order.created'));
        case 'woo-overtaken': {
          order.note = '★';
          shop.touch(kept);
          await send('order.updated');
          return void (await send('order.created'));
        }
        case 'woo-cancelled':
          await send('order.created');
          await pause(2 * MINUTE);
          changes.cancel(order, now(), 'customer', kept.completedAt !== null);
          shop.setStatus(kept, order.refunds.length > 0 ? 'refunded' : 'cancelled');
          return void (await send('order.updated'));
        case 'woo-refund':
          await send('order.created');
          await pause(2 * MINUTE);
          changes.refundUnit(order, now());
          shop.touch(kept);
          return void (await send('order.updated'));
        default:
          return void (await send('order.created'));
      }
    }
    case 'taobao': {
      const shop = sea.shops.taobao.get(entry.channel)!;
      const trade = shop.place(order);
      const back = () => [...trade.refunds.values()].filter(({ status }) => status === 'SUCCESS').map(({ id }) => ({ id, at: trade.modifiedAt, amount: minor(refundTree(shop, id)['refund_fee']) }));
      if (entry.role !== 'taobao-spoilt') sea.account(entry.channel).open(order, back);
      if (entry.role === 'taobao-cancelled') {
        await pause(4 * 60 * MINUTE);
        order.cancelledAt = now();
        shop.touch(trade);
      }
      if (entry.role === 'taobao-refund') {
        await pause(20 * MINUTE);
        const line = order.lines.at(-1)!;
        trade.refunds.set(line.id, { id: bigId('refund', line.id), status: 'SUCCESS', fee: null });
        shop.touch(trade);
      }
      if (entry.role === 'taobao-spoilt') {
        trade.spoilt = true;
        const right = { ...trade, spoilt: false };
        sea.corrections.push({ role: entry.role, channel: entry.channel, channelOrderId: order.id, source: 'PULL', payload: writeJson(tradeTree(right, FIELDS)) });
      }
      return;
    }
    case 'generic': {
      const shop = sea.shops.live.get(entry.channel)!;
      named('LIVE');
      if (entry.role !== 'live-bad') sea.account(entry.channel).open(order);
      const body = liveBody(order, entry.role === 'live-bad' ? { quantity: -1 } : {});
      if (entry.role === 'live-bad') sea.corrections.push({ role: entry.role, channel: entry.channel, channelOrderId: order.id, source: 'WEBHOOK', payload: liveBody(order) });
      await sea.live.send(shop, order.id, `live-${order.id}`, body);
      // Once more under the same id, and once under another.
      if (entry.role === 'live-again') await sea.live.send(shop, order.id, `live-${order.id}`, body);
      if (entry.role === 'live-again') await sea.live.send(shop, order.id, `live-${order.id}-2`, body);
      return;
    }
    case 'csv': {
      named('F');
      if (entry.role !== 'file-bad') sea.account(entry.channel).open(order);
      const shop = sea.shops.files.get(entry.channel)!;
      for (const full of sea.stacks.add(entry, { order, garbage: entry.role === 'file-bad' })) await upload(shop, full, sea);
      return;
    }
    default:
      throw new Error(`nothing is known of ${entry.platform}`);
  }
}

const minor = (value: Tree | undefined): number => Math.round(Number(value ?? 0) * 100);
const FIELDS = ['tid', 'tid_str', 'status', 'type', 'created', 'modified', 'pay_time', 'end_time', 'payment', 'post_fee', 'discount_fee', 'buyer_open_uid', 'buyer_message', 'seller_memo', 'seller_flag', 'is_sh_ship', 'shipping_type', 'receiver_name', 'receiver_state', 'receiver_city', 'receiver_district', 'receiver_town', 'receiver_address', 'receiver_zip', 'receiver_mobile', 'oaid', 'orders'];

interface Full {
  readonly format: FileFormat;
  readonly number: number;
  readonly filed: readonly Filed[];
}

async function upload(shop: { channel: string; secret: string }, { format, number, filed }: Full, sea: WaysSea): Promise<void> {
  const bytes = await fileOf(format, filed);
  const name = `orders-${number}.${format}`;
  // The first workbook was cut off on its way: it is refused whole, and sent again.
  if (format === 'xlsx' && number === 1) await sea.desk.upload(shop, `cut-${name}`, bytes.subarray(0, Math.floor(bytes.length * 0.6)), []);
  await sea.desk.upload(shop, name, bytes, filed);
  // And one of them is sent twice: the same bytes are the same file.
  if (format === 'csv' && number === 1) await sea.desk.upload(shop, name, bytes, []);
}

const PER_FILE = 8;

/** Orders that wait until their file is full; an order that is in two files is in one of each kind. */
export class FileStacks {
  readonly #left: Record<FileFormat, number>;
  readonly #stacks: Record<FileFormat, Filed[]> = { csv: [], xlsx: [] };
  readonly #numbers: Record<FileFormat, number> = { csv: 0, xlsx: 0 };

  constructor(entries: readonly PlanEntry[]) {
    const of = (format: FileFormat): number => entries.filter((entry) => formatsOf(entry).includes(format)).length;
    this.#left = { csv: of('csv'), xlsx: of('xlsx') };
  }

  add(entry: PlanEntry, filed: Filed): readonly Full[] {
    return formatsOf(entry).flatMap((format): readonly Full[] => {
      const stack = this.#stacks[format];
      stack.push(filed);
      this.#left[format] -= 1;
      if (stack.length < PER_FILE && this.#left[format] > 0) return [];
      this.#stacks[format] = [];
      return [{ format, number: (this.#numbers[format] += 1), filed: stack }];
    });
  }
}

const formatsOf = ({ role }: PlanEntry): readonly FileFormat[] => (role === 'file-csv' || role === 'file-bad' ? ['csv'] : role === 'file-xlsx' ? ['xlsx'] : role === 'file-again' ? ['csv', 'xlsx'] : []);

