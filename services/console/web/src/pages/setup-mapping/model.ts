import type { ingest } from '@flotilla/contracts';

/** A place in a sample whose value can be taken for a field. */
export interface Leaf {
  /** Relative to the order, or to a line of it; the name of a column of a file. */
  readonly path: string;
  readonly example: string;
  readonly line: boolean;
}

export interface Sample {
  readonly kind: 'json' | 'table';
  /** Where the list of orders stands in a body, and the lines in an order; "" of a single order, and of a file. */
  readonly orders: string;
  readonly lines: string;
  readonly leaves: readonly Leaf[];
  /** Lists of things, which could be orders or lines. */
  readonly lists: readonly string[];
}

export const groups = {
  order: ['channel_order_id', 'number', 'placed_at', 'modified_at', 'payment', 'paid_at', 'cancelled_at', 'cancel_reason', 'remark', 'tags', 'shipping_method'],
  line: ['line_id', 'sku', 'item_id', 'barcode', 'title', 'quantity', 'unit_price', 'line_discount', 'grams'],
  recipient: ['name', 'phone', 'email', 'buyer_id', 'company', 'country', 'province', 'city', 'district', 'street', 'postcode'],
  money: ['currency', 'total', 'amount_paid', 'shipping', 'discount', 'tax'],
} as const;

export const lineFields: ReadonlySet<string> = new Set(groups.line);
/** Without these no order can be read. */
export const needed: readonly string[] = ['channel_order_id', 'placed_at', 'quantity'];

export const noMapping: ingest.Mapping = { webhook: { signatureHeader: '', digest: '', encoding: '', prefix: '', signed: '', timestampHeader: '', deliveryIdHeader: '' }, orders: '', lines: '', fields: [], custom: [], utcOffset: '', currency: '' };

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
type Thing = { readonly [name: string]: Json };
const isThing = (value: Json | undefined): value is Thing => typeof value === 'object' && value !== null && !Array.isArray(value);
const isThings = (value: Json | undefined): value is readonly Thing[] => Array.isArray(value) && value.length > 0 && value.every(isThing);

const deepest = 6;
const mostLeaves = 400;

const joined = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);

/** Lists of things below a thing: `order.items`. */
const listsOf = (value: Json, path = '', depth = 0): readonly string[] => {
  if (!isThing(value) || depth > deepest) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const here = joined(path, name);
    if (isThings(inner)) return [here, ...listsOf(inner[0]!, here, depth + 1)];
    return listsOf(inner, here, depth + 1);
  });
};

const at = (value: Json | undefined, path: string): Json | undefined =>
  path === '' ? value : path.split('.').reduce<Json | undefined>((inner, name) => (isThing(inner) ? inner[name] : Array.isArray(inner) && isThing(inner[0]) ? (inner as readonly Thing[])[0]![name] : undefined), value);

const scalar = (value: Json): string => (value === null ? '' : typeof value === 'object' ? (Array.isArray(value) ? value.map(scalar).join(',') : '') : String(value));

const leavesOf = (value: Json | undefined, line: boolean, left: string, path = '', depth = 0): readonly Leaf[] => {
  if (!isThing(value) || depth > deepest) return [];
  return Object.entries(value).flatMap(([name, inner]): readonly Leaf[] => {
    const here = joined(path, name);
    if (here === left || name.includes('.')) return [];
    if (isThings(inner)) return leavesOf(inner[0], line, left, `${here}[0]`, depth + 1);
    if (isThing(inner)) return leavesOf(inner, line, left, here, depth + 1);
    return [{ path: here, example: scalar(inner).slice(0, 80), line }];
  });
};

const likeLines = /(?:^|_|\.)(?:line_?items?|order_?lines?|items?|lines?|products?|goods|skus?|details?|entries|商品|明细)$/i;
const likeOrders = /(?:^|_|\.)(?:orders?|trades?|order_?list|list|data|results?|records|订单)$/i;
const bySaying = (lists: readonly string[], like: RegExp): string | undefined => lists.find((path) => like.test(path));

/** Delimited text: what stands in quotes may hold anything. */
export const readTable = (text: string, most = Number.POSITIVE_INFINITY): readonly (readonly string[])[] => {
  const body = text.replace(/^\ufeff/, '');
  const head = body.slice(0, body.search(/[\r\n]|$/));
  const delimiter = [',', '\t', ';'].reduce((best, one) => (head.split(one).length > head.split(best).length ? one : best), ',');
  const rows: string[][] = [];
  let [row, cell, quoted] = [[] as string[], '', false];
  const endRow = (): void => {
    row.push(cell);
    if (row.some((one) => one !== '')) rows.push(row);
    row = [];
    cell = '';
  };
  for (let place = 0; place < body.length && rows.length < most; place += 1) {
    const sign = body[place]!;
    if (quoted) {
      if (sign !== '"') cell += sign;
      else if (body[place + 1] === '"') {
        cell += '"';
        place += 1;
      } else quoted = false;
    } else if (sign === '"' && cell === '') quoted = true;
    else if (sign === delimiter) {
      row.push(cell);
      cell = '';
    } else if (sign === '\n') endRow();
    else if (sign !== '\r') cell += sign;
  }
  if (rows.length < most && (cell !== '' || row.length > 0)) endRow();
  return rows;
};

const tableSample = (columns: readonly string[], cells: readonly string[]): Sample => ({
  kind: 'table', orders: '', lines: '', lists: [],
  leaves: columns.flatMap((column, place) => (column.trim() === '' ? [] : [{ path: column.trim(), example: (cells[place] ?? '').slice(0, 80), line: false }])),
});

/** What a sample holds. `orders` and `lines` where they are known already. Undefined where it is neither JSON nor a table. */
export const readSample = (text: string, known: { readonly orders?: string; readonly lines?: string } = {}): Sample | undefined => {
  let parsed: Json;
  try {
    parsed = JSON.parse(text) as Json;
  } catch {
    const [columns, cells] = readTable(text, 2);
    return columns && columns.length > 1 ? tableSample(columns, cells ?? []) : undefined;
  }
  if (isThing(parsed) && Array.isArray(parsed['columns']) && isThings(parsed['rows'])) return tableSample(parsed['columns'].map(scalar), (parsed['rows'][0]!['cells'] as readonly Json[]).map(scalar));
  const all = Array.isArray(parsed) ? [] : listsOf(parsed);
  // A list whose things hold lists themselves is one of orders.
  const nested = all.find((path) => listsOf((at(parsed, path) as readonly Thing[])[0]!).length > 0);
  const orders = known.orders ?? nested ?? (all.length > 0 && !all.some((path) => likeLines.test(path)) ? bySaying(all, likeOrders) : undefined) ?? '';
  const found = at(parsed, orders);
  const order = Array.isArray(found) ? (found[0] as Json | undefined) : found;
  if (!isThing(order)) return undefined;
  const inOrder = listsOf(order);
  const lines = known.lines ?? bySaying(inOrder, likeLines) ?? inOrder[0] ?? '';
  const first = at(order, lines);
  const line = lines === '' ? undefined : Array.isArray(first) ? (first[0] as Json) : first;
  return { kind: 'json', orders, lines, lists: [...new Set([...all, ...inOrder])], leaves: [...leavesOf(order, false, lines), ...leavesOf(line, true, '')].slice(0, mostLeaves) };
};

/** Names by which shops call our fields, without case and signs; the best first. */
const synonyms: Readonly<Record<string, readonly string[]>> = {
  channel_order_id: ['orderid', 'ordersn', 'orderno', 'tid', 'ordernumber', 'id', '订单号', '订单编号', '平台订单号'],
  number: ['number', 'name', 'ordernumber', 'orderno', 'displayid', '订单号'],
  placed_at: ['placedat', 'createdat', 'orderdate', 'ordertime', 'created', 'createtime', 'datecreated', 'dateadded', '下单时间', '创建时间'],
  modified_at: ['modifiedat', 'updatedat', 'updatetime', 'modified', 'datemodified', '修改时间', '更新时间'],
  payment: ['paymentstatus', 'financialstatus', 'paystatus', 'payment', 'status', '支付状态', '付款状态'],
  paid_at: ['paidat', 'paytime', 'datepaid', 'paymenttime', '付款时间', '支付时间'],
  cancelled_at: ['cancelledat', 'canceledat', 'canceltime', '取消时间'],
  cancel_reason: ['cancelreason', '取消原因'],
  remark: ['remark', 'note', 'customernote', 'buyermessage', 'comment', 'memo', 'message', '买家留言', '备注'],
  tags: ['tags', 'labels', '标签'],
  shipping_method: ['shippingmethod', 'deliverymethod', 'shipmethod', '配送方式', '物流方式'],
  currency: ['currency', 'currencycode', '币种', '货币'],
  total: ['total', 'totalprice', 'totalamount', 'grandtotal', 'amount', '订单金额', '总金额', '合计'],
  amount_paid: ['amountpaid', 'paidamount', 'payment', 'paid', '实付金额', '实付'],
  shipping: ['shippingtotal', 'shippingfee', 'shippingprice', 'postfee', 'freight', 'shippingcost', '运费', '邮费'],
  discount: ['discount', 'discounttotal', 'totaldiscounts', 'discountfee', '优惠', '折扣'],
  tax: ['tax', 'totaltax', 'taxtotal', '税'],
  name: ['receivername', 'recipient', 'consignee', 'fullname', 'shippingname', 'contactname', 'name', '收货人', '收件人', '姓名'],
  phone: ['receivermobile', 'receiverphone', 'mobile', 'phone', 'tel', 'telephone', 'phonenumber', '手机', '电话', '手机号'],
  email: ['email', 'buyeremail', 'customeremail', '邮箱'],
  buyer_id: ['buyerid', 'customerid', 'userid', 'buyernick', '买家id', '买家昵称'],
  company: ['company', '公司'],
  country: ['countrycode', 'country', 'receivercountry', '国家'],
  province: ['province', 'state', 'receiverstate', 'provincename', 'region', '省', '省份'],
  city: ['city', 'receivercity', 'cityname', 'town', '市', '城市'],
  district: ['district', 'receiverdistrict', 'county', 'area', '区', '区县'],
  street: ['street', 'address', 'address1', 'detailaddress', 'receiveraddress', 'addressline1', '地址', '详细地址', '收货地址'],
  postcode: ['postcode', 'zip', 'zipcode', 'postalcode', 'receiverzip', '邮编'],
  line_id: ['lineid', 'oid', 'itemid', 'id', '子订单号'],
  sku: ['sku', 'outersku', 'outerskuid', 'merchantsku', 'skucode', 'sellersku', 'productcode', '商家编码', 'sku编码', '货号'],
  item_id: ['productid', 'itemid', 'numiid', 'variantid', 'goodsid', '商品id'],
  barcode: ['barcode', 'ean', 'gtin', 'upc', '条码'],
  title: ['title', 'productname', 'itemname', 'goodsname', 'name', 'productname', '商品名称', '商品标题', '标题'],
  quantity: ['quantity', 'qty', 'num', 'count', 'number', 'amount', '数量', '购买数量'],
  unit_price: ['unitprice', 'price', 'itemprice', '单价', '价格'],
  line_discount: ['linediscount', 'discount', 'totaldiscount', '商品优惠'],
  grams: ['grams', 'weightgrams', 'weight', '重量'],
};

const plain = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
const last = (path: string): string => plain(path.replace(/\[\d+\]/g, '').split('.').at(-1) ?? '');
const recipient: ReadonlySet<string> = new Set(groups.recipient);

// How well a place's name says a field: its last name, or the whole path, among the field's names; an address's field in an address.
const fit = (leaf: Leaf, field: string, table: boolean): number => {
  if (!table && leaf.line !== lineFields.has(field)) return 0;
  const names = synonyms[field] ?? [];
  const rank = Math.max(...[last(leaf.path), plain(leaf.path)].map((name) => (names.includes(name) ? names.length - names.indexOf(name) : 0)));
  if (rank === 0) return 0;
  const inAddress = /(?:ship|receiver|recipient|consignee|deliver|address)/i.test(leaf.path);
  const inBilling = /(?:bill|invoice|sender)/i.test(leaf.path);
  return rank + (recipient.has(field) === inAddress ? 5 : 0) - (inBilling ? 8 : 0);
};

const ruleOf = (mapping: ingest.Mapping, field: string): ingest.FieldRule | undefined => mapping.fields.find((rule) => rule.field === field);

const withRule = (mapping: ingest.Mapping, rule: ingest.FieldRule): ingest.Mapping => {
  const rest = mapping.fields.filter(({ field }) => field !== rule.field);
  return { ...mapping, fields: rule.from.length === 0 && rule.expression === '' ? rest : [...rest, rule] };
};

/** A place for a field: the first, or one that is looked at where those before it are empty. Ten at most. */
export const assign = (mapping: ingest.Mapping, field: string, path: string): ingest.Mapping => {
  const rule = ruleOf(mapping, field) ?? { field, from: [], expression: '' };
  return rule.from.includes(path) || rule.from.length >= 10 ? mapping : withRule(mapping, { ...rule, from: [...rule.from, path] });
};

export const unassign = (mapping: ingest.Mapping, field: string, path: string): ingest.Mapping => {
  const rule = ruleOf(mapping, field);
  return rule ? withRule(mapping, { ...rule, from: rule.from.filter((one) => one !== path) }) : mapping;
};

export const express = (mapping: ingest.Mapping, field: string, expression: string): ingest.Mapping => withRule(mapping, { ...(ruleOf(mapping, field) ?? { field, from: [] }), expression });

/** Whether a place can be dropped on a field: what a line says is of its line. */
export const fits = (leaf: Leaf, field: string, kind: Sample['kind']): boolean => kind === 'table' || leaf.line === lineFields.has(field);

/** With its first field a mapping says the shape as well: what was guessed of the sample until then. */
export const shaped = (before: ingest.Mapping, next: ingest.Mapping, sample: Sample | undefined): ingest.Mapping =>
  before.fields.length > 0 || next.fields.length === 0 || !sample ? next : { ...next, orders: next.orders || sample.orders, lines: next.lines || sample.lines };

/** Fills what nobody has filled yet, from the names in a sample; each place once. */
export const suggest = (mapping: ingest.Mapping, sample: Sample): ingest.Mapping => {
  let next = mapping;
  const fields = Object.values(groups).flat();
  const wishes = fields
    .filter((field) => !ruleOf(mapping, field))
    .flatMap((field) => sample.leaves.map((leaf) => ({ field, path: leaf.path, line: leaf.line, points: fit(leaf, field, sample.kind === 'table') })))
    .filter(({ points }) => points > 0)
    .toSorted((a, b) => b.points - a.points);
  const [filled, used] = [new Set<string>(), new Set<string>()];
  for (const { field, path, line } of wishes) {
    if (filled.has(field) || used.has(`${line} ${path}`)) continue;
    filled.add(field);
    used.add(`${line} ${path}`);
    next = assign(next, field, path);
  }
  return shaped(mapping, next, sample);
};

/** What no order can be read without, and nothing fills. */
export const lacking = (mapping: ingest.Mapping): readonly string[] => {
  const has = (field: string): boolean => ruleOf(mapping, field) !== undefined;
  return [...needed.filter((field) => !has(field)), ...(has('currency') || mapping.currency !== '' ? [] : ['currency']), ...(['sku', 'item_id', 'barcode', 'title'].some(has) ? [] : ['sku'])];
};

export interface Tried {
  readonly orders: number;
  readonly taken: number;
  /** What is wrong with each field, and in how many orders. */
  readonly problems: readonly { readonly field: string; readonly reason: string; readonly detail: string; readonly orders: number }[];
}

/** What a preview says, field by field. */
export const tried = (orders: readonly ingest.MappedOrder[]): Tried => {
  const problems = new Map<string, { readonly field: string; readonly reason: string; readonly detail: string; orders: number }>();
  for (const { reason, detail, fields } of orders) {
    const wrong = fields.filter((one) => one.reason !== '').map((one) => ({ field: one.field.replace(/^lines\[\d+\]\./, ''), reason: one.reason, detail: one.detail }));
    const all = wrong.length === 0 && reason !== '' ? [{ field: '', reason, detail }] : wrong;
    for (const one of new Map(all.map((each) => [`${each.field} ${each.reason}`, each])).values()) {
      const key = `${one.field} ${one.reason}`;
      const known = problems.get(key) ?? { ...one, orders: 0 };
      known.orders += 1;
      problems.set(key, known);
    }
  }
  return { orders: orders.length, taken: orders.filter(({ reason }) => reason === '').length, problems: [...problems.values()].toSorted((a, b) => b.orders - a.orders) };
};
