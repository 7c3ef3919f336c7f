import { Workbook } from '@cj-tech-master/excelts';
import { atOffset, sleep } from '../../clock.js';
import type { Ledger } from '../../ledger/ledger.js';
import { decimal, totalsOf, type WorldOrder } from '../../orders/order.js';

export type FileFormat = 'csv' | 'xlsx';

/** An order of a file; `garbage`: one of its cells makes no sense. */
export interface Filed {
  readonly order: WorldOrder;
  readonly garbage: boolean;
}

const PATIENCE_MS = 20_000;
const AGAIN_MS = 300;

/** The same columns as a Chinese export and as an English one: ingest knows both by their names. */
const COLUMNS: Readonly<Record<FileFormat, readonly string[]>> = {
  csv: ['订单号', '下单时间', '币种', '付款状态', '收货人', '手机', '国家', '省份', '城市', '区县', '邮编', '详细地址', '买家留言', '运费', '优惠金额', '实付金额', '子订单号', '商家编码', '商品名称', '数量', '单价'],
  xlsx: ['order id', 'order date', 'currency', 'payment status', 'recipient', 'phone', 'country', 'province', 'city', 'district', 'postcode', 'address', 'note', 'freight', 'discount', 'order total', 'line_id', 'item sku', 'item name', 'quantity', 'price'],
};

/** A row per line; the rows of an order stand together and each has its number. */
export const rowsOf = ({ order, garbage }: Filed): string[][] => {
  const totals = totalsOf(order);
  const money = (amount: number): string => decimal(amount, order.currency);
  const { shipTo } = order;
  return order.lines.map((line, at) => [
    order.id, atOffset(order.createdAt, 480), order.currency, order.paidAt === null ? '未付款' : '已付款', shipTo?.name ?? '', shipTo?.phone ?? order.phone ?? '', shipTo?.country ?? '', shipTo?.province ?? '', shipTo?.city ?? '', shipTo?.district ?? '',
    shipTo?.postcode ?? '', shipTo?.street ?? '', order.note ?? '', money(totals.shipping), money(totals.discount), money(totals.total), line.id, line.sku, line.title, garbage && at === 0 ? '两个' : String(line.quantity), money(line.price),
  ]);
};

export async function fileOf(format: FileFormat, filed: readonly Filed[]): Promise<Buffer> {
  const rows = [COLUMNS[format], ...filed.flatMap(rowsOf)];
  if (format === 'csv') return Buffer.from(`\ufeff${rows.map((row) => row.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')).join('\r\n')}\r\n`);
  const book = new Workbook();
  const sheet = book.addWorksheet('orders');
  for (const row of rows) sheet.addRow([...row]);
  return Buffer.from((await book.xlsx.writeBuffer()) as Uint8Array);
}

/** Somebody who uploads files with orders. */
export class FileDesk {
  readonly #stopped = new AbortController();
  #last: { readonly shop: { channel: string; secret: string }; readonly name: string; readonly bytes: Buffer; readonly filed: readonly Filed[] } | undefined;

  constructor(private readonly options: { ingestUrl: string; ledger: Ledger }) {}

  stop(): void {
    this.#stopped.abort();
  }

  /** The last CSV file with a blank line more: another file with the same orders. Its name, once it is stored; undefined: there is none yet. */
  async again(): Promise<string | undefined> {
    if (this.#last === undefined) return undefined;
    const { shop, name, bytes, filed } = this.#last;
    await this.upload(shop, name, Buffer.concat([bytes, Buffer.from('\r\n')]), filed);
    return name;
  }

  /** Uploads until it is stored: the same bytes again are the same import. Answers its id. */
  async upload(shop: { channel: string; secret: string }, name: string, bytes: Buffer, filed: readonly Filed[]): Promise<string> {
    const { signal } = this.#stopped;
    const { ledger, ingestUrl } = this.options;
    for (; !signal.aborted; await sleep(AGAIN_MS, signal)) {
      let status = 0;
      let id = '';
      try {
        const response = await fetch(`${ingestUrl}/v1/channels/${encodeURIComponent(shop.channel)}/orders:import`, {
          method: 'POST', body: new Uint8Array(bytes), headers: { authorization: `Bearer ${shop.secret}`, 'content-type': 'application/octet-stream', 'content-disposition': `attachment; filename="${name}"` }, signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
        });
        ({ id = '' } = (await response.json()) as { id?: string });
        status = response.status;
      } catch {
        status = 0;
      }
      const accepted = status >= 200 && status < 300;
      ledger.note({ world: 'files', direction: 'out', kind: 'upload', channel: shop.channel, orderId: name, status: accepted ? 'accepted' : status === 0 ? 'no answer' : `refused ${status}` });
      if (!accepted) continue;
      if (name.endsWith('.csv') && filed.length > 0) this.#last = { shop, name, bytes, filed };
      for (const { order } of filed) ledger.note({ world: 'files', direction: 'out', kind: 'order in a file', channel: shop.channel, orderId: order.id, deliveryId: id, status: 'accepted', announcement: true, way: 'FILE' });
      return id;
    }
    return '';
  }
}
