import type { ingest } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { parseExact } from '../exact-json.js';
import { Fields, storable } from '../fields.js';
import { compile, mapOrder, readMapped, type Source } from '../mapping.js';
import type { Arrived, Reading } from '../platform.js';

const mostOrders = 100;

/** A body with one order or several, by the channel's mapping. */
export const readBody = ({ body, mapping }: Arrived): readonly Reading[] => {
  try {
    if (mapping === undefined) throw new Refused('BAD_MAPPING', 'the channel has no mapping yet; put one with Mappings/Put and replay this');
    return sourcesOf(body, mapping).map((source) => readMapped(compile(mapping), source));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return [{ channelOrderId: '', kind: 'announce', buyer: '', said: { as: 'failure', reason: error.reason, detail: error.message } }];
  }
};

export const mapBody = (body: Uint8Array, mapping: ingest.Mapping): readonly ReturnType<typeof mapOrder>[] => sourcesOf(body, mapping).map((source) => mapOrder(compile(mapping), source));

const sourcesOf = (body: Uint8Array, mapping: ingest.Mapping): readonly Source[] => {
  const parsed = parseExact(body);
  const orders = mapping.orders === '' ? (Array.isArray(parsed) ? (parsed as unknown[]) : [parsed]) : at(parsed, mapping.orders);
  if (!Array.isArray(orders) || orders.length === 0 || orders.length > mostOrders) throw new Refused('CONTRACT_VIOLATED', `${mapping.orders === '' ? 'the body' : mapping.orders} is no list of 1 to ${mostOrders} orders`);
  return orders.map((order, index) => {
    const fields = Fields.of(order);
    if (fields === undefined) throw new Refused('CONTRACT_VIOLATED', `order ${index + 1} is no object`);
    const listed = mapping.lines === '' ? [order] : at(order, mapping.lines);
    const lines = (Array.isArray(listed) ? listed : []).filter((line): line is Readonly<Record<string, unknown>> => Fields.of(line) !== undefined);
    const text = (of: unknown, path: string): string => {
      const value = at(of, path);
      return storable(Array.isArray(value) ? value.map((one) => storable(one, path)).join(',') : value, path);
    };
    return {
      order: order as Readonly<Record<string, unknown>>,
      lines,
      find: (path, line) => (line === undefined ? text(order, path) : text(lines[line], path)),
      where: (path, line) => (line === undefined ? path : `${mapping.lines || 'line'}[${line}].${path}`),
    };
  });
};

/** `at(order, 'items[0].name')`; `undefined` where there is nothing. */
const at = (of: unknown, path: string): unknown =>
  path
    .split('.')
    .flatMap((part) => [part.replace(/(?:\[\d+\])+$/, ''), ...[...part.matchAll(/\[(\d+)\]/g)].map((match) => Number(match[1]))].filter((step) => step !== ''))
    .reduce<unknown>((value, step) => {
      if (typeof step === 'number') return Array.isArray(value) ? (value as unknown[])[step] : undefined;
      return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, step) ? (value as Record<string, unknown>)[step] : undefined;
    }, of);
