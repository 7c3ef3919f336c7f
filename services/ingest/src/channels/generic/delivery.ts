import type { ingest } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { parseExact } from '../exact-json.js';
import { Fields, storable } from '../fields.js';
import { compile, mapOrder, readMapped, type Source } from '../mapping.js';
import type { Arrived, Reading } from '../platform.js';

const mostOrders = 100;
const mostLines = 5_000;

/** A body with one order or several, by the channel's mapping. One of several is kept without the others: they are other people's. */
export const readBody = ({ body, mapping }: Arrived): readonly Reading[] => {
  try {
    if (mapping === undefined) throw new Refused('BAD_MAPPING', 'the channel has no mapping yet; put one with Mappings/Put and replay this');
    const { orders, alone } = ordersOf(body, mapping);
    const sourceOf = sourcesOf(mapping);
    return orders.map((order, index) => {
      const reading = ((): Reading => {
        try {
          return readMapped(compile(mapping), sourceOf(order, index));
        } catch (error) {
          return failed(error);
        }
      })();
      return orders.length === 1 ? reading : { ...reading, body: alone(order) };
    });
  } catch (error) {
    return [failed(error)];
  }
};

const failed = (error: unknown): Reading => {
  if (!(error instanceof Refused)) throw error;
  return { channelOrderId: '', kind: 'announce', buyer: '', said: { as: 'failure', reason: error.reason, detail: error.message } };
};

export const mapBody = (body: Uint8Array, mapping: ingest.Mapping): readonly ReturnType<typeof mapOrder>[] => {
  const sourceOf = sourcesOf(mapping);
  return ordersOf(body, mapping).orders.map((order, index) => mapOrder(compile(mapping), sourceOf(order, index)));
};

interface Orders {
  readonly orders: readonly unknown[];
  /** A body with this one alone, in the same place. */
  readonly alone: (order: unknown) => Uint8Array;
}

const ordersOf = (body: Uint8Array, mapping: ingest.Mapping): Orders => {
  const parsed = parseExact(body);
  const place = stepsOf(mapping.orders);
  const orders = mapping.orders === '' ? (Array.isArray(parsed) ? (parsed as unknown[]) : [parsed]) : at(parsed, place);
  if (!Array.isArray(orders) || orders.length === 0 || orders.length > mostOrders) throw new Refused('CONTRACT_VIOLATED', `${mapping.orders === '' ? 'the body' : mapping.orders} is no list of 1 to ${mostOrders} orders`);
  const lines = stepsOf(mapping.lines);
  if (orders.reduce<number>((sum, order) => sum + linesOf(order, lines).length, 0) > mostLines) throw new Refused('TOO_LARGE', `the orders of a body have at most ${mostLines} lines together`);
  return {
    orders,
    alone: (order) => Buffer.from(JSON.stringify(place.reduceRight<unknown>((inner, step) => (typeof step === 'number' ? [...Array.from({ length: step }, () => null), inner] : { [step]: inner }), [order]))),
  };
};

const linesOf = (order: unknown, place: readonly Step[]): readonly Readonly<Record<string, unknown>>[] => {
  const listed = place.length === 0 ? [order] : at(order, place);
  return (Array.isArray(listed) ? listed : []).filter((line): line is Readonly<Record<string, unknown>> => Fields.of(line) !== undefined);
};

/** Orders of a body as a mapping looks in them. Made once for a body: its paths are taken apart once. */
const sourcesOf = (mapping: ingest.Mapping): ((order: unknown, index: number) => Source) => {
  const known = new Map<string, readonly Step[]>();
  const steps = (path: string): readonly Step[] => {
    const found = known.get(path) ?? stepsOf(path);
    known.set(path, found);
    return found;
  };
  const text = (of: unknown, path: string): string => {
    const value = at(of, steps(path));
    return storable(Array.isArray(value) ? value.map((one) => storable(one, path)).join(',') : value, path);
  };
  return (order, index) => {
    if (Fields.of(order) === undefined) throw new Refused('CONTRACT_VIOLATED', `order ${index + 1} is no object`);
    const lines = linesOf(order, steps(mapping.lines));
    return {
      order: order as Readonly<Record<string, unknown>>,
      lines: lines.length,
      line: (line) => lines[line] ?? {},
      find: (path, line) => (line === undefined ? text(order, path) : text(lines[line], path)),
      where: (path, line) => (line === undefined ? path : `${mapping.lines || 'line'}[${line}].${path}`),
    };
  };
};

type Step = string | number;

/** `stepsOf('items[0].name')` = `['items', 0, 'name']`. */
const stepsOf = (path: string): readonly Step[] =>
  path.split('.').flatMap((part) => [part.replace(/(?:\[\d+\])+$/, ''), ...[...part.matchAll(/\[(\d+)\]/g)].map((match) => Number(match[1]))].filter((step) => step !== ''));

/** `undefined` where there is nothing. */
const at = (of: unknown, steps: readonly Step[]): unknown =>
  steps.reduce<unknown>((value, step) => {
    if (typeof step === 'number') return Array.isArray(value) ? (value as unknown[])[step] : undefined;
    return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, step) ? (value as Record<string, unknown>)[step] : undefined;
  }, of);
