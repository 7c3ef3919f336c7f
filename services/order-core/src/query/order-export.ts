import type { order as contract } from '@flotilla/contracts';
import { csvField, decimalText } from '@flotilla/values';
import { orderStates, type OrderStateName } from '../decide/states.js';
import { filterOf, numeral } from './order-filter.js';
import { allOrders, sortOf, type Desk } from './order-list.js';
import type { Questions } from './questions.js';

interface Column {
  readonly en: string;
  readonly zh: string;
  readonly of: (order: contract.OrderSummary, chinese: boolean) => string;
  /** Ours, and a number: it may begin with a minus. */
  readonly number?: true;
}

const columns: readonly Column[] = [
  { en: 'Order', zh: '订单', of: ({ orderId }) => orderId },
  { en: 'Number', zh: '订单号', of: ({ number }) => number },
  { en: 'Channel', zh: '店铺', of: ({ channel }) => channel },
  { en: 'Channel order', zh: '平台订单号', of: ({ channelOrderId }) => channelOrderId },
  { en: 'State', zh: '状态', of: ({ state }, chinese) => orderStates[state as OrderStateName][chinese ? 'zh' : 'en'] },
  { en: 'Waits for', zh: '等待', of: ({ waitsFor }) => waitsFor },
  { en: 'Waits since', zh: '等待自', of: ({ waitsSince }) => waitsSince },
  { en: 'Total', zh: '金额', of: ({ total }) => decimalText(total.amount, total.currency), number: true },
  { en: 'Currency', zh: '币种', of: ({ total }) => total.currency },
  { en: 'Placed', zh: '下单时间', of: ({ placedAt }) => placedAt },
  { en: 'Paid', zh: '付款时间', of: ({ paidAt }) => paidAt },
  { en: 'Priority', zh: '优先级', of: ({ priority }) => String(priority), number: true },
  { en: 'Tags', zh: '标签', of: ({ tags }) => tags.join('; ') },
  { en: 'Holds', zh: '冻结', of: ({ holds }) => holds.join('; ') },
  { en: 'Allowed', zh: '可用操作', of: ({ allowedActions }) => allowedActions.join('; ') },
];

/** RFC 4180. A text that a spreadsheet would take for a formula begins with an apostrophe. */
export const cell = (text: string, number = false): string => {
  const safe = !number && /^[\s]*[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return csvField(safe);
};

const rowOf = (order: contract.OrderSummary, fields: readonly string[], chinese: boolean): string => {
  const values = fields.map((name) => order.custom.find((one) => one.name === name)?.value ?? '');
  return `${[...columns.map(({ of, number }) => cell(of(order, chinese), number)), ...values.map((value) => cell(value, numeral.test(value)))].join(',')}\r\n`;
};

const mostFields = 200;

/** The custom fields of these channels (none given: of all), each of which has a column behind the others. */
const fieldsOf = async (questions: Questions, channels: readonly string[]): Promise<readonly string[]> => {
  const { rows } = await questions.query<{ name: string }>(`SELECT DISTINCT name FROM read.custom_field WHERE $1 OR channel = ANY ($2) ORDER BY name LIMIT ${mostFields}`, [channels.length === 0, channels]);
  return rows.map(({ name }) => name);
};

/** The orders of a list as CSV, as they stand when their page is read. */
export async function* exportOrders({ ctx, questions }: Desk, request: contract.ExportOrdersRequest, signal: AbortSignal): AsyncGenerator<contract.ExportOrdersChunk> {
  const filter = filterOf(request.filter, ctx);
  const sort = sortOf(request.sort, filter);
  const chinese = request.language.toLowerCase().startsWith('zh');
  const fields = await fieldsOf(questions, filter.channels);
  // Excel reads UTF-8 as such only behind a byte order mark.
  yield { data: Buffer.from(`\uFEFF${[...columns.map(({ zh, en }) => (chinese ? zh : en)), ...fields].map((heading) => cell(heading)).join(',')}\r\n`) };
  for await (const orders of allOrders(questions, filter, sort)) {
    if (signal.aborted) return;
    yield { data: Buffer.from(orders.map((order) => rowOf(order, fields, chinese)).join('')) };
  }
}
