/**
 * Orders as the GraphQL Admin API writes them, in the words of REST, so that there is one mapping. Connections
 * (`edges[].node`, `nodes[]`) become lists, names snake_case, global ids numbers, `shopMoney.amount` plain amounts.
 */
export const restOf = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(restOf);
  if (!isObject(value)) return value;
  if (Array.isArray(value['edges'])) return value['edges'].map((edge) => restOf(isObject(edge) ? edge['node'] : edge));
  if (Array.isArray(value['nodes'])) return value['nodes'].map(restOf);
  const rest: Record<string, unknown> = {};
  for (const [name, part] of Object.entries(value)) rest[snake(name)] = restOf(part);
  return named(rest);
};

/** Whether an object is written in GraphQL's words. */
export const isGraphql = (order: unknown): boolean => isObject(order) && (Object.hasOwn(order, 'lineItems') || Object.hasOwn(order, 'legacyResourceId') || Object.hasOwn(order, 'totalPriceSet'));

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const renamed: Readonly<Record<string, string>> = {
  currency_code: 'currency',
  display_financial_status: 'financial_status',
  subtotal_line_items_quantity: 'total_quantity',
  original_unit_price_set: 'price_set',
  total_line_items_price_set: 'total_line_items_price_set',
  custom_attributes: 'properties',
  order_name: 'name',
};

const named = (rest: Record<string, unknown>): Record<string, unknown> => {
  const gid = typeof rest['id'] === 'string' ? /^gid:\/\/shopify\/\w+\/(\d+)/.exec(rest['id'])?.[1] : undefined;
  const id = rest['legacy_resource_id'] ?? gid;
  if (id !== undefined && id !== null) rest['id'] = id;
  for (const [from, to] of Object.entries(renamed)) {
    // An amount's own currency_code stays; the order's is called currency.
    if (Object.hasOwn(rest, from) && !Object.hasOwn(rest, to) && !(from === 'currency_code' && Object.hasOwn(rest, 'amount'))) rest[to] = rest[from];
  }
  const discountSet = ['total_discounts_set', 'total_discount_set'].find((name) => Object.hasOwn(rest, name));
  if (discountSet !== undefined) rest[discountSet] = rest[discountSet] ?? null;
  if (isObject(rest['shipping_line'])) rest['shipping_lines'] ??= [rest['shipping_line']];
  if (isObject(rest['variant'])) rest['sku'] ??= rest['variant']['sku'];
  if (Array.isArray(rest['properties'])) rest['note_attributes'] ??= rest['properties'];
  if (typeof rest['restock_type'] === 'string') rest['restock_type'] = rest['restock_type'].toLowerCase();
  return rest;
};
