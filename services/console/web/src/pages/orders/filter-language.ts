import { fieldName, fields, isCustom, type Asked, type Field } from './fields.js';

/**
 * The desk's language, a subset of AIP-160: `state:AUDITING,APPROVED waiting>2h total>=500CNY -tag:vip (channel:a OR sku:B) "blue mug"`.
 * Terms that stand side by side must all hold; of several values one is enough; `-` or NOT turns a term round; words alone are looked for in
 * numbers, waybills and products. Queries are texts: chips and the address bar show the same one, and what a chip does is an edit of it.
 */

/** What is wrong, and where: from (inclusive) to (exclusive), in characters. */
export interface Fault {
  readonly from: number;
  readonly to: number;
  /** A key of the page's words. */
  readonly what: 'unknownField' | 'unclosedQuote' | 'unclosedGroup' | 'strayClose' | 'strayOr' | 'noValue' | 'badValue' | 'badOperator' | 'badSpan' | 'badInstant' | 'badMoney' | 'needsCurrency' | 'badPhone';
  readonly values?: Readonly<Record<string, string>>;
}

export type Operator = ':' | '>' | '>=' | '<' | '<=';

interface Place {
  readonly from: number;
  readonly to: number;
  readonly negated: boolean;
}
export type Condition = Place & { readonly kind: 'condition'; readonly field: string; readonly operator: Operator; readonly values: readonly string[] };
export type Word = Place & { readonly kind: 'word'; readonly text: string };
export type Group = Place & { readonly kind: 'group'; readonly parts: readonly (readonly Term[])[] };
export type Term = Condition | Word | Group;

export interface Parsed {
  readonly terms: readonly Term[];
  readonly faults: readonly Fault[];
}

/** Reads a query; what it cannot read it names and leaves out. */
export const parse = (text: string): Parsed => {
  const faults: Fault[] = [];
  let at = 0;
  const space = (): void => {
    while (/\s/.test(text[at] ?? '')) at += 1;
  };
  const keyword = (word: string): boolean => text.startsWith(word, at) && /[\s()]|^$/.test(text[at + word.length] ?? '') && (at === 0 || /[\s()-]/.test(text[at - 1]!));

  const quoted = (): string => {
    const from = at;
    let value = '';
    for (at += 1; at < text.length && text[at] !== '"'; at += 1) {
      if (text[at] === '\\' && at + 1 < text.length) at += 1;
      value += text[at];
    }
    if (at >= text.length) faults.push({ from, to: text.length, what: 'unclosedQuote' });
    at += 1;
    return value;
  };
  const bare = (stop: RegExp): string => {
    const from = at;
    while (at < text.length && !stop.test(text[at]!)) at += 1;
    return text.slice(from, at);
  };

  const term = (depth: number): Term | undefined => {
    const from = at;
    let negated = false;
    for (;;) {
      if (text[at] === '-' && /\S/.test(text[at + 1] ?? ' ')) at += 1;
      else if (keyword('NOT')) {
        at += 3;
        space();
      } else break;
      negated = !negated;
    }
    if (text[at] === '(') {
      const opened = at;
      at += 1;
      const parts = either(depth + 1);
      if (text[at] === ')') at += 1;
      else faults.push({ from: opened, to: opened + 1, what: 'unclosedGroup' });
      return { kind: 'group', parts, negated, from, to: at };
    }
    if (text[at] === '"') {
      const value = quoted();
      return { kind: 'word', text: value, negated, from, to: at };
    }
    const begin = at;
    const name = bare(/[\s:<>=()"]/);
    const operator = /^(?::|>=|<=|>|<|=)/.exec(text.slice(at))?.[0];
    if (operator === undefined || name === '') {
      // A sign that begins nothing belongs to the word: "#1001", "a=b" and "=".
      if (at === begin) at += 1;
      bare(/[\s()"]/);
      return { kind: 'word', text: text.slice(begin, at), negated, from, to: at };
    }
    at += operator.length;
    const field = fieldName(name);
    const values: string[] = [];
    for (;;) {
      const value = text[at] === '"' ? quoted() : bare(/[\s,()"]/);
      if (value !== '') values.push(value);
      if (text[at] !== ',') break;
      at += 1;
    }
    if (!fields[field] && !isCustom(field)) {
      // "10:30" or "http://…" is a word with a colon in it.
      if (!/^[\p{L}_.]+$/u.test(name) || (values[0] ?? '').startsWith('//')) return { kind: 'word', text: text.slice(begin, at), negated, from, to: at };
      faults.push({ from: begin, to: begin + name.length, what: 'unknownField', values: { field: name } });
      return undefined;
    }
    if (values.length === 0) {
      faults.push({ from, to: at, what: 'noValue', values: { field } });
      return undefined;
    }
    return { kind: 'condition', field, operator: operator === '=' ? ':' : (operator as Operator), values, negated, from, to: at };
  };

  const either = (depth: number): (readonly Term[])[] => {
    const parts: Term[][] = [[]];
    for (space(); at < text.length; space()) {
      if (text[at] === ')') {
        if (depth > 0) break;
        faults.push({ from: at, to: at + 1, what: 'strayClose' });
        at += 1;
      } else if (keyword('OR')) {
        if (parts.at(-1)!.length === 0) faults.push({ from: at, to: at + 2, what: 'strayOr' });
        at += 2;
        parts.push([]);
      } else if (keyword('AND')) at += 3;
      else {
        const one = term(depth);
        if (one) parts.at(-1)!.push(one);
      }
    }
    if (parts.length > 1 && parts.at(-1)!.length === 0) faults.push({ from: at, to: at, what: 'strayOr' });
    return parts;
  };

  const parts = either(0);
  return { terms: parts.length === 1 ? parts[0]! : [{ kind: 'group', parts, negated: false, from: 0, to: text.length }], faults };
};

const spans: Readonly<Record<string, number>> = { s: 1, m: 60, min: 60, h: 3_600, d: 86_400, w: 604_800, 分: 60, 分钟: 60, 小时: 3_600, 天: 86_400, 周: 604_800 };

/** "1h30m" → 5400; undefined if it is no span. */
export const secondsOf = (text: string): number | undefined => {
  if (!/^(?:\d+(?:\.\d+)?\s*(?:s|min|m|h|d|w|分钟|分|小时|天|周))+$/u.test(text)) return undefined;
  return [...text.matchAll(/(\d+(?:\.\d+)?)\s*(s|min|m|h|d|w|分钟|分|小时|天|周)/gu)].reduce((sum, [, count, unit]) => sum + Number(count) * spans[unit!]!, 0);
};

/** 7200 → "2h". */
export const spanText = (seconds: number): string => {
  const [unit, size] = (Object.entries({ d: 86_400, h: 3_600, m: 60, s: 1 }) as [string, number][]).find(([, one]) => seconds % one === 0 && seconds >= one) ?? ['s', 1];
  return `${seconds / size}${unit}`;
};

const decimals = (currency: string): number | undefined => {
  try {
    return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits;
  } catch {
    return undefined;
  }
};

/** From which instant on, and before which one, a day or an instant is; a day is the reader's. */
const instantsOf = (text: string): { readonly from: Date; readonly before: Date } | undefined => {
  const day = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (day) {
    const [year, month, date] = day.slice(1).map(Number) as [number, number, number];
    const from = new Date(year, month - 1, date);
    return from.getMonth() === month - 1 ? { from, before: new Date(year, month - 1, date + 1) } : undefined;
  }
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(text)) return undefined;
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? undefined : { from: at, before: new Date(at.getTime() + 1) };
};

interface Meaning {
  readonly filter: Asked;
  readonly faults: readonly Fault[];
}

/** What a query asks, as order-core takes it. */
export const compile = (text: string): Meaning => {
  const { terms, faults: unread } = parse(text);
  const faults: Fault[] = [...unread];

  const bounds = (field: string, operator: Operator, value: string, term: Condition): Asked | undefined => {
    const span = instantsOf(value);
    if (!span) {
      faults.push({ from: term.from, to: term.to, what: 'badInstant', values: { value } });
      return undefined;
    }
    const [from, before] = field === 'placed' ? (['placedFrom', 'placedBefore'] as const) : (['waitsSinceFrom', 'waitsSinceBefore'] as const);
    switch (operator) {
      case ':':
        return { [from]: span.from.toISOString(), [before]: span.before.toISOString() };
      case '>=':
        return { [from]: span.from.toISOString() };
      case '>':
        return { [from]: span.before.toISOString() };
      case '<':
        return { [before]: span.from.toISOString() };
      case '<=':
        return { [before]: span.before.toISOString() };
    }
  };

  const money = ({ operator, values, from, to }: Condition): Asked | undefined => {
    const [, figure, named] = /^(\d+(?:\.\d+)?)\s*([A-Za-z]{3})?$/.exec(values[0]!) ?? [];
    const bad = (what: Fault['what']): undefined => void faults.push({ from, to, what, values: { value: values[0]! } });
    if (figure === undefined || values.length > 1) return bad('badMoney');
    const currency = named?.toUpperCase() ?? currencyOf(terms);
    if (currency === undefined) return bad('needsCurrency');
    const digits = decimals(currency);
    if (digits === undefined) return bad('badMoney');
    const amount = Math.round(Number(figure) * 10 ** digits);
    // Zero is how a filter says that it does not ask.
    if (amount + (operator === '<' ? -1 : 1) <= 0 || (amount === 0 && operator !== '>')) return bad('badMoney');
    switch (operator) {
      case ':':
        return { currency, totalFrom: amount, totalTo: amount };
      case '>=':
        return { currency, totalFrom: amount };
      case '>':
        return { currency, totalFrom: amount + 1 };
      case '<':
        return { currency, totalTo: amount - 1 };
      case '<=':
        return { currency, totalTo: amount };
    }
  };

  const condition = (term: Condition): Asked | undefined => {
    const { field, operator, values, from, to } = term;
    const bad = (what: Fault['what'], value = values[0]!): undefined => void faults.push({ from, to, what, values: { value, field } });
    if (isCustom(field)) {
      const name = field.slice('custom.'.length);
      if (operator === ':') return { custom: [{ name, values: values[0] === '*' ? [] : values, from: '', to: '' }] };
      if (operator === '>' || operator === '<') return bad('badOperator', operator);
      return { custom: [{ name, values: [], from: operator === '>=' ? values[0]! : '', to: operator === '<=' ? values[0]! : '' }] };
    }
    const known: Field = fields[field]!;
    if (operator !== ':' && !['instant', 'span', 'money'].includes(known.kind)) return bad('badOperator', operator);
    switch (known.kind) {
      case 'list': {
        const given = values.map((value) => known.values?.find((one) => one.toLowerCase() === value.toLowerCase()) ?? (known.upper ? value.toUpperCase() : value));
        const unknown = known.values && given.find((value) => !known.values!.includes(value) && !value.startsWith('HOLD:'));
        return unknown === undefined ? { [known.list]: given } : bad('badValue', unknown);
      }
      case 'text':
        return values.length > 1 ? { anyOf: values.map((value) => ({ [known.text]: value })) } : { [known.text]: known.text === 'currency' ? values[0]!.toUpperCase() : values[0]! };
      case 'buyer': {
        const asked = values.map((value) => (value.includes('@') ? { buyerEmail: value } : { buyerPhone: value }));
        const odd = values.find((value) => !value.includes('@') && value.replace(/\D/g, '').length < 7);
        if (odd !== undefined) return bad('badPhone', odd);
        return asked.length === 1 ? asked[0]! : { anyOf: asked };
      }
      case 'instant':
        return bounds(field, operator, values[0]!, term);
      case 'span': {
        const seconds = secondsOf(values[0]!);
        if (seconds === undefined || seconds <= 0) return bad('badSpan');
        if (operator === ':') return bad('badOperator', operator);
        return operator.startsWith('>') ? { waitsLongerSeconds: Math.round(seconds) } : { waitsShorterSeconds: Math.round(seconds) };
      }
      case 'money':
        return money(term);
    }
  };

  const word = (text: string): Asked => ({ anyOf: [{ number: text }, { waybill: text }, ...(/[\p{L}\p{N}]/u.test(text) ? [{ product: text }] : [])] });

  const group = ({ parts }: Group): Asked | undefined => {
    const filters = parts.map(all).filter((part) => Object.keys(part).length > 0);
    return filters.length === 0 ? undefined : filters.length === 1 ? filters[0]! : { anyOf: filters };
  };

  const all = (list: readonly Term[]): Asked => {
    let asked: Asked = {};
    // Words side by side are one text to look for.
    const words = list.filter((term): term is Word => term.kind === 'word' && !term.negated).map(({ text: one }) => one);
    const meanings = [
      ...(words.length > 0 ? [{ negated: false, asked: word(words.join(' ')) }] : []),
      ...list.filter((term) => term.kind !== 'word' || term.negated).map((term) => ({ negated: term.negated, asked: term.kind === 'word' ? word(term.text) : term.kind === 'group' ? group(term) : condition(term) })),
    ];
    for (const one of meanings) {
      if (!one.asked) continue;
      if (one.negated) asked = { ...asked, noneOf: [...(asked.noneOf ?? []), one.asked] };
      else if (Object.entries(one.asked).every(([key, value]) => (asked as Record<string, unknown>)[key] === undefined || (key === 'currency' && asked.currency === value))) asked = { ...asked, ...one.asked };
      else if (Object.keys(one.asked).every((key) => key === 'custom')) asked = { ...asked, custom: [...(asked.custom ?? []), ...one.asked.custom!] };
      // The same is asked twice, and both must hold: not (not that).
      else asked = { ...asked, noneOf: [...(asked.noneOf ?? []), { noneOf: [one.asked] }] };
    }
    return asked;
  };

  return { filter: all(terms), faults };
};

const currencyOf = (terms: readonly Term[]): string | undefined => terms.find((term): term is Condition => term.kind === 'condition' && term.field === 'currency' && !term.negated)?.values[0]?.toUpperCase();

const bareValue = /^[^\s,()":<>=]+(?:[:=][^\s,()"]*)?$/;

/** A value as it is written: quoted where it would be read as something else. */
export const valueText = (value: string): string => (bareValue.test(value) && !value.startsWith('-') ? value : `"${value.replace(/["\\]/g, '\\$&')}"`);

export const conditionText = (field: string, operator: Operator, values: readonly string[], negated = false): string => `${negated ? '-' : ''}${field}${operator}${values.map(valueText).join(',')}`;

const amountText = (amount: number, currency: string): string => `${amount / 10 ** (decimals(currency) ?? 2)}${currency}`;

/** The text of a filter that was saved: what `compile` makes of it asks the same. */
export const textOf = (filter: Asked): string => {
  const terms: string[] = [];
  const words = wordsIn(filter.anyOf);
  for (const [name, field] of Object.entries(fields)) {
    switch (field.kind) {
      case 'list': {
        const values = (filter[field.list] ?? []) as readonly string[];
        if (values.length > 0) terms.push(conditionText(name, ':', values));
        break;
      }
      case 'text': {
        const value = filter[field.text] ?? '';
        if (value !== '' && !(field.text === 'currency' && (filter.totalFrom || filter.totalTo))) terms.push(conditionText(name, ':', [value]));
        break;
      }
      case 'buyer':
        for (const value of [filter.buyerEmail ?? '', filter.buyerPhone ?? '']) if (value !== '') terms.push(conditionText(name, ':', [value]));
        break;
      case 'instant': {
        const [from, before] = name === 'placed' ? [filter.placedFrom, filter.placedBefore] : [filter.waitsSinceFrom, filter.waitsSinceBefore];
        if (from) terms.push(`${name}>=${instantText(from)}`);
        if (before) terms.push(`${name}<${instantText(before)}`);
        break;
      }
      case 'span':
        if (filter.waitsLongerSeconds) terms.push(`${name}>${spanText(filter.waitsLongerSeconds)}`);
        if (filter.waitsShorterSeconds) terms.push(`${name}<${spanText(filter.waitsShorterSeconds)}`);
        break;
      case 'money':
        if (filter.totalFrom) terms.push(`${name}>=${amountText(filter.totalFrom, filter.currency ?? '')}`);
        if (filter.totalTo) terms.push(`${name}<=${amountText(filter.totalTo, filter.currency ?? '')}`);
        break;
    }
  }
  for (const { name, values, from, to } of filter.custom ?? []) {
    if (from === '' && to === '') terms.push(conditionText(`custom.${name}`, ':', values.length > 0 ? values : ['*']));
    if (from !== '') terms.push(`custom.${name}>=${valueText(from)}`);
    if (to !== '') terms.push(`custom.${name}<=${valueText(to)}`);
  }
  if (words !== undefined) terms.push(valueText(words));
  else if ((filter.anyOf ?? []).length > 0) terms.push(`(${filter.anyOf!.map(textOf).join(' OR ')})`);
  for (const part of filter.noneOf ?? []) {
    const inner = part.noneOf?.length === 1 && textOf({ ...part, noneOf: [] }) === '' ? textOf(part.noneOf[0]!) : undefined;
    if (inner !== undefined) terms.push(parse(inner).terms.length === 1 ? inner : `(${inner})`);
    else {
      const one = textOf(part);
      const [only, ...others] = parse(one).terms;
      terms.push(only && others.length === 0 && !only.negated ? `-${one}` : `-(${one})`);
    }
  }
  return terms.join(' ');
};

/** Midnight of the reader is a day. */
const instantText = (iso: string): string => {
  const at = new Date(iso);
  const two = (n: number): string => String(n).padStart(2, '0');
  return at.getHours() + at.getMinutes() + at.getSeconds() + at.getMilliseconds() === 0 ? `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}` : iso;
};

/** What was a free word when it was saved. */
const wordsIn = (parts: readonly Asked[] | undefined): string | undefined => {
  const [number, waybill, product] = parts ?? [];
  const text = number?.number ?? '';
  const says = (part: Asked | undefined, key: 'number' | 'waybill' | 'product'): boolean => part !== undefined && part[key] === text && textOf({ ...part, [key]: '' }) === '';
  return text !== '' && (parts?.length ?? 0) <= 3 && says(number, 'number') && says(waybill, 'waybill') && (product === undefined || says(product, 'product')) ? text : undefined;
};

// Edits: a chip, a menu and a link change the text, and nothing else does.

/** Without the n-th term. */
export const without = (text: string, n: number): string => {
  const term = parse(text).terms[n];
  return term ? `${text.slice(0, term.from).trimEnd()} ${text.slice(term.to).trimStart()}`.trim() : text;
};

/** With another term in the place of the n-th one. */
export const replaced = (text: string, n: number, by: string): string => {
  const term = parse(text).terms[n];
  return term ? `${text.slice(0, term.from)}${by}${text.slice(term.to)}` : text;
};

/** With one more term. */
export const added = (text: string, term: string): string => {
  const query = text.trim();
  const { terms } = parse(query);
  // Beside an OR at the top, one more must hold for both sides.
  const [only] = terms;
  const open = terms.length === 1 && only?.kind === 'group' && only.from === 0 && !query.startsWith('(') && !query.startsWith('-');
  return query === '' ? term : `${open ? `(${query})` : query} ${term}`;
};

/** A value of a field taken in or out: the field's own term is changed, or made, or goes with its last value. */
export const toggledValue = (text: string, field: string, value: string): string => {
  const { terms } = parse(text);
  const n = terms.findIndex((term) => term.kind === 'condition' && term.field === field && term.operator === ':' && !term.negated);
  if (n < 0) return added(text, conditionText(field, ':', [value]));
  const { values } = terms[n] as Condition;
  const next = values.includes(value) ? values.filter((one) => one !== value) : [...values, value];
  return next.length === 0 ? without(text, n) : replaced(text, n, conditionText(field, ':', next));
};

/** Where the caret is: the field that is being named, or whose value is being typed, and which characters a proposal would replace. */
export const caretAt = (text: string, caret: number): { readonly kind: 'field' | 'value'; readonly field: string; readonly typed: string; readonly from: number } => {
  const before = text.slice(0, caret);
  const start = Math.max(...[' ', '(', '\t'].map((sign) => before.lastIndexOf(sign))) + 1;
  const token = before.slice(start).replace(/^-/, '');
  const at = caret - token.length;
  const [, name, values] = /^([\p{L}_.]+)(?::|>=|<=|>|<|=)(.*)$/su.exec(token) ?? [];
  if (name === undefined || values === undefined) return { kind: 'field', field: '', typed: token, from: at };
  const typed = values.slice(values.lastIndexOf(',') + 1);
  return { kind: 'value', field: fieldName(name), typed, from: caret - typed.length };
};
