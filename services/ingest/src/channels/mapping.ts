import type { ingest } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { ownOf, toInstant } from '@flotilla/values';
import { Environment, type ASTNode } from '@marcbachmann/cel-js';
import { lineFields, orderFields, toCanonical, type Found, type FoundOrder, type Problem } from './canonical.js';
import { storable } from './fields.js';
import type { ClearCustom, Reading, Said } from './platform.js';

const mostFrom = 10;
const mostCustom = 50;
const longestPath = 200;
const longestExpression = 1_000;
const mostLines = 1_000;
const longestReplaced = 64 * 1024;
/** Values of an order that all loops over it may meet: about two seconds. */
const mostMet = 2_000_000;

/** What a mapping looks in. `find`: the text at a path, "" if there is none. `where`: how a person finds that path. */
export interface Source {
  readonly order: Readonly<Record<string, unknown>>;
  /** How many. */
  readonly lines: number;
  line(at: number): Readonly<Record<string, unknown>>;
  find(path: string, line?: number): string;
  where(path: string, line?: number): string;
}

interface Expression {
  readonly of: (value: string, order: unknown, line: unknown) => unknown;
  /** Goes through a list. */
  readonly loops: boolean;
}

interface Rule {
  readonly field: string;
  readonly from: readonly string[];
  readonly evaluate: Expression | undefined;
}

export interface CompiledMapping {
  readonly mapping: ingest.Mapping;
  readonly order: readonly Rule[];
  readonly line: readonly Rule[];
  readonly custom: readonly (Rule & ingest.CustomField)[];
}

// Small and without regular expressions: an expression runs on every order, and its cost is bounded by its size and that of the order.
const environment = new Environment({ homogeneousAggregateLiterals: false, limits: { maxAstNodes: 200, maxDepth: 25, maxListElements: 100, maxMapEntries: 100, maxCallArguments: 8 } })
  .registerVariable('value', 'string')
  .registerVariable('order', 'map')
  .registerVariable('line', 'map')
  .registerFunction('string.replace(string, string): string', (text: string, from: string, to: string) => {
    // value.replace("a", value) would make a quarter of a gigabyte of 16 KiB.
    if (from === '' || text.length + (text.split(from).length - 1) * (to.length - from.length) > longestReplaced) return from === '' ? text : tooLong();
    return text.replaceAll(from, to);
  });

const tooLong = (): never => {
  throw new Refused('TOO_LARGE', `makes a text of more than ${longestReplaced} characters`);
};

const loops = new Set(['map', 'filter', 'all', 'exists', 'exists_one']);

const wrong = (path: string, what: string): never => {
  throw new Refused('BAD_MAPPING', `${path} ${what}`);
};

/** Compiled once, and kept as long as the mapping is. Refused BAD_MAPPING with the path of the first that is wrong. */
export const compile = (mapping: ingest.Mapping): CompiledMapping => {
  const known = compiled.get(mapping);
  if (known !== undefined) return known;
  const made = compiling(mapping);
  compiled.set(mapping, made);
  return made;
};
const compiled = new WeakMap<ingest.Mapping, CompiledMapping>();

const compiling = (mapping: ingest.Mapping): CompiledMapping => {
  const { fields, custom, utcOffset, currency, webhook } = mapping;
  if (fields.length > Object.keys(orderFields).length + Object.keys(lineFields).length) wrong('fields', 'has more rules than there are fields');
  if (custom.length > mostCustom) wrong('custom', `has more than ${mostCustom} fields`);
  if (!/^(?:[+-](?:0\d|1[0-4]):[0-5]\d)?$/.test(utcOffset)) wrong('utc_offset', 'is no offset such as +08:00');
  if (!/^(?:[A-Z]{3})?$/.test(currency)) wrong('currency', 'is no ISO 4217 code');
  for (const [name, path] of [['orders', mapping.orders], ['lines', mapping.lines]] as const) if (path !== '') checkedPath(name, path);
  checkedSigning(webhook);
  const seen = new Set<string>();
  const rule = (path: string, { field, from, expression }: ingest.FieldRule): Rule => {
    if (seen.has(field)) wrong(`${path}.field`, 'names a field twice');
    seen.add(field);
    return { field, from: paths(`${path}.from`, from, expression), evaluate: expressionOf(`${path}.expression`, expression) };
  };
  const rules = fields.map((one, index) => {
    if (!Object.hasOwn(orderFields, one.field) && !Object.hasOwn(lineFields, one.field)) wrong(`fields[${index}].field`, `is none of ${[...Object.keys(orderFields), ...Object.keys(lineFields)].join(', ')}`);
    return rule(`fields[${index}]`, one);
  });
  if (!seen.has('channel_order_id')) wrong('fields', 'has no rule for channel_order_id');
  return {
    mapping,
    order: rules.filter(({ field }) => Object.hasOwn(orderFields, field)),
    line: rules.filter(({ field }) => Object.hasOwn(lineFields, field)),
    custom: custom.map((one, index) => {
      const path = `custom[${index}]`;
      if (!/^[a-z][a-z0-9_]{0,59}$/.test(one.name)) wrong(`${path}.name`, 'is no name: a-z, 0-9 and _, at most 60');
      if (!['TEXT', 'NUMBER', 'BOOL', 'INSTANT'].includes(one.type)) wrong(`${path}.type`, 'is none of TEXT, NUMBER, BOOL, INSTANT');
      if (one.values.length > 200 || one.values.some((value) => value.length > 200)) wrong(`${path}.values`, 'has more than 200 values, or one of more than 200 characters');
      return { ...one, ...rule(path, { field: `custom.${one.name}`, from: one.from, expression: one.expression }) };
    }),
  };
};

const checkedPath = (at: string, path: string): void => {
  if (path.length > longestPath || path.includes('\u0000') || !path.isWellFormed()) wrong(at, `is no path of at most ${longestPath} characters`);
};

const paths = (at: string, from: readonly string[], expression: string): readonly string[] => {
  if (from.length === 0 && expression === '') wrong(at, 'is empty, and there is no expression: nothing could be found');
  if (from.length > mostFrom) wrong(at, `has more than ${mostFrom} paths`);
  from.forEach((path, index) => (path.trim() === '' ? wrong(`${at}[${index}]`, 'is empty') : checkedPath(`${at}[${index}]`, path)));
  return from;
};

const checkedSigning = ({ signatureHeader, digest, encoding, signed, timestampHeader, deliveryIdHeader, prefix }: ingest.WebhookSigning): void => {
  const header = /^(?:[A-Za-z0-9-]{1,80})?$/;
  for (const [name, value] of [['signature_header', signatureHeader], ['timestamp_header', timestampHeader], ['delivery_id_header', deliveryIdHeader]] as const) if (!header.test(value)) wrong(`webhook.${name}`, 'is no name of a header');
  if (!['', 'HMAC_SHA256', 'HMAC_SHA1', 'HMAC_SHA512'].includes(digest)) wrong('webhook.digest', 'is none of HMAC_SHA256, HMAC_SHA1, HMAC_SHA512');
  if (!['', 'HEX', 'BASE64'].includes(encoding)) wrong('webhook.encoding', 'is HEX or BASE64');
  if (prefix.length > 40 || signed.length > 100) wrong('webhook', 'has a prefix of more than 40 or a signed text of more than 100 characters');
  // Without the body in it, one signature would do for any body.
  if (signed !== '' && signed.split('{body}').length !== 2) wrong('webhook.signed', 'must contain {body} once');
  if (signed.includes('{timestamp}') !== (timestampHeader !== '')) wrong('webhook.timestamp_header', 'and {timestamp} in signed go together');
};

const expressionOf = (at: string, text: string): Expression | undefined => {
  if (text === '') return undefined;
  if (text.length > longestExpression) wrong(at, `is longer than ${longestExpression} characters`);
  const checked = environment.check(text);
  if (!checked.valid) return wrong(at, `cannot be used: ${(checked.error?.message ?? '').split('\n')[0]!.slice(0, 200)}`);
  const program = environment.parse(text);
  let looping = 0;
  visit(program.ast, ({ op, args }) => {
    const name = op === 'rcall' || op === 'call' ? String((args as readonly unknown[])[0]) : '';
    if (name === 'matches') wrong(at, 'uses a regular expression; contains, startsWith, split and replace are there');
    if (loops.has(name)) looping += 1;
  });
  if (looping > 1) wrong(at, 'goes through lists more than once');
  return { of: (value, order, line) => program({ value, order, line }) as unknown, loops: looping > 0 };
};

const visit = (node: unknown, see: (node: ASTNode) => void): void => {
  if (Array.isArray(node)) node.forEach((part) => visit(part, see));
  else if (typeof node === 'object' && node !== null && 'op' in node && 'args' in node) {
    see(node as ASTNode);
    visit((node as ASTNode).args, see);
  }
};

interface Evaluated extends Found {
  readonly problem: Problem | undefined;
}

const evaluated = (rule: Rule, source: Source, line: number | undefined): Evaluated => {
  const name = line === undefined ? rule.field : `lines[${line}].${rule.field}`;
  // What stands in the order counts for each of its lines.
  const places = rule.from.flatMap((path): readonly (readonly [path: string, line: number | undefined])[] => (line === undefined ? [[path, undefined]] : [[path, line], [path, undefined]]));
  let where = '';
  try {
    const place = places.find(([path, of]) => source.find(path, of) !== '');
    // Where it was looked for, if it was not found: a person has to look there.
    where = place === undefined ? (rule.from[0] === undefined ? '' : source.where(rule.from[0], line)) : source.where(...place);
    const value = place === undefined ? '' : source.find(...place);
    return { text: rule.evaluate === undefined ? value : textOf(rule.evaluate.of(value, source.order, line === undefined ? {} : source.line(line))), where, problem: undefined };
  } catch (error) {
    // Neither the expression's own words nor the value: they may be anybody's name.
    const [reason, detail] = error instanceof Refused ? [error.reason, error.message] : ['BAD_FIELD', 'its expression fails on this order'];
    return { text: '', where, problem: { field: name, reason, detail: `${where || name}: ${rule.field} ${detail}` } };
  }
};

const textOf = (value: unknown): string => {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map(textOf).join(',');
  if (typeof value === 'bigint') return String(value);
  // 0.1 + 0.2 is not what anybody means by an amount.
  if (typeof value === 'number') return String(Number(value.toPrecision(15)));
  if (value instanceof Date) return value.toISOString();
  return storable(value, 'it');
};

const customValue = ({ type, values, required }: ingest.CustomField, text: string): string => {
  if (text === '') {
    if (required) throw new Refused('BAD_FIELD', 'is required and missing');
    return '';
  }
  const value = formed(type, text);
  if (values.length > 0 && !values.includes(value)) throw new Refused('BAD_FIELD', 'is none of the declared values');
  return value;
};

const formed = (type: string, text: string): string => {
  switch (type) {
    case 'NUMBER':
      if (!/^-?\d{1,15}(?:\.\d{1,10})?$/.test(text)) throw new Refused('BAD_FIELD', 'is no number');
      return text.replace(/^(-?)0+(?=\d)/, '$1').replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '');
    case 'BOOL': {
      const is = ownOf({ true: 'true', yes: 'true', 1: 'true', 是: 'true', false: 'false', no: 'false', 0: 'false', 否: 'false' }, text.toLowerCase());
      if (is === undefined) throw new Refused('BAD_FIELD', 'is neither true nor false');
      return is;
    }
    case 'INSTANT':
      return toInstant(text);
    default:
      if (text.length > 1_000) throw new Refused('BAD_FIELD', 'is longer than 1000 characters');
      return text;
  }
};

/** Where a mapping looks for what tells an order from the next; empty: an expression alone says it. */
export const orderNumberPaths = ({ order }: CompiledMapping): readonly string[] => orderNumberRule(order).from;

/** What tells an order from the next, as the mapping reads it; "" where nothing stands, whatever its expression would make of that. Refused if its expression fails. */
export const orderNumberOf = ({ order }: CompiledMapping, source: Source): string => {
  const rule = orderNumberRule(order);
  if (rule.from.length > 0 && rule.from.every((path) => source.find(path) === '')) return '';
  const { text, problem } = evaluated(rule, source, undefined);
  if (problem !== undefined) throw new Refused(problem.reason, problem.detail);
  return text.trim();
};

const orderNumberRule = (order: readonly Rule[]): Rule => order.find(({ field }) => field === 'channel_order_id')!;

/** Everything that a mapping makes of an order: what was found where, what it becomes, and what is wrong with it. */
export interface Mapped {
  readonly read: ReturnType<typeof toCanonical>;
  readonly found: FoundOrder;
  readonly problems: readonly Problem[];
}

// A loop costs what the order holds, and one in a rule for lines costs it for each line: a thousand lines beside a list of half a million would take a quarter of an hour.
const boundedLoops = (order: readonly Rule[], line: readonly Rule[], source: Source): void => {
  const count = (rules: readonly Rule[]): number => rules.filter(({ evaluate }) => evaluate?.loops === true).length;
  const times = count(order) + count(line) * source.lines;
  if (times > 0 && times * valuesIn(source.order, Math.ceil(mostMet / times)) > mostMet) throw new Refused('TOO_LARGE', `the mapping goes ${times} times through lists of this order, which is too large for that`);
};

/** How many values stand in it, counted up to `most`. */
const valuesIn = (value: unknown, most: number): number => {
  if (typeof value !== 'object' || value === null) return 1;
  let found = 1;
  for (const one of Object.values(value)) if ((found += valuesIn(one, most - found)) > most) return most + 1;
  return found;
};

/** An order of a source, by a mapping. */
export const mapOrder = ({ mapping, order, line, custom }: CompiledMapping, source: Source): Mapped => {
  if (source.lines > mostLines) throw new Refused('TOO_LARGE', `an order has at most ${mostLines} lines`);
  boundedLoops([...order, ...custom], line, source);
  const problems: Problem[] = [];
  const all = (rules: readonly Rule[], at: number | undefined): Readonly<Record<string, Found>> =>
    Object.fromEntries(
      rules.map((rule) => {
        const { problem, ...found } = evaluated(rule, source, at);
        if (problem !== undefined) problems.push(problem);
        return [rule.field, found];
      }),
    );
  const values: ClearCustom[] = [];
  for (const one of custom) {
    const { text, where, problem } = evaluated(one, source, undefined);
    if (problem !== undefined) problems.push(problem);
    else {
      try {
        const value = customValue(one, one.type === 'INSTANT' && text !== '' ? toInstant(text, mapping.utcOffset || undefined) : text.trim());
        if (value !== '') values.push({ name: one.name, value, personal: one.personal });
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        problems.push({ field: one.field, reason: 'BAD_FIELD', detail: `${where || one.field}: ${one.name} ${error.reason === 'BAD_INSTANT' ? 'is no time' : error.message}` });
      }
    }
  }
  const found: FoundOrder = { order: all(order, undefined), lines: Array.from({ length: source.lines }, (_, at) => all(line, at)), custom: values, utcOffset: mapping.utcOffset, currency: mapping.currency };
  const read = toCanonical(found);
  // What could not be found is what has to be said, not that it is missing.
  const failed = new Set(problems.map(({ field }) => field));
  return { read, found, problems: [...problems, ...read.problems.filter(({ field }) => !failed.has(field))] };
};

/** What a delivery of a mapped channel says about one order. */
export const readMapped = (compiledMapping: CompiledMapping, source: Source): Reading => {
  try {
    const { read, problems } = mapOrder(compiledMapping, source);
    const [first] = problems;
    const said: Said = first === undefined ? { as: 'order', order: read.order, facts: read.facts } : { as: 'failure', reason: first.reason, detail: first.detail };
    return { channelOrderId: read.channelOrderId, kind: 'announce', buyer: read.buyer, said };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { channelOrderId: '', kind: 'announce', buyer: '', said: { as: 'failure', reason: error.reason, detail: error.message } };
  }
};
