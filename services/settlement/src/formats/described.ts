import type { settlement } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { exponent } from '@flotilla/values';
import type { LineKind } from '../decide/line.js';
import { cell, decimalMark } from './amounts.js';
import { currencyOf, fingerprint, label, number, plainName } from './cells.js';
import type { Reader, Sheet, StatementFormat } from './format.js';
import { instant } from './instants.js';
import { formats } from './registry.js';

const mostNames = 20;
const mostFees = 20;
const mostWords = 300;
const longest = 100;
const kinds: readonly string[] = ['CHARGE', 'REFUND', 'FEE', 'PROMOTION', 'ADJUSTMENT', 'PAYOUT'];

const wrong = (path: string, what: string): never => {
  throw new Refused('BAD_MAPPING', `${path} ${what}`);
};

/** Refused BAD_MAPPING with the path of the first that is wrong. */
export const checkedMapping = (mapping: settlement.StatementMapping): settlement.StatementMapping => {
  const { name, titleZh, titleEn, legacy, fees, fixedCurrency, currency, utcOffset, dateOrder, expense, direction, outgoing, incoming, type, otherKind } = mapping;
  if (!/^[a-z][a-z0-9-]{0,39}$/.test(name)) wrong('name', 'is no name: a-z, 0-9 and "-", at most 40');
  if (formats.some((one) => one.name === name)) wrong('name', 'is that of a format of the code');
  for (const [path, title] of [['title_zh', titleZh], ['title_en', titleEn]] as const) if (title.trim() === '' || title.length > longest) wrong(path, `is no title of at most ${longest} characters`);
  if (!['', 'gb18030', 'windows-1252'].includes(legacy)) wrong('legacy', 'is neither gb18030 nor windows-1252');
  const named = (path: string, names: readonly string[], needed = false): void => {
    if (needed && names.length === 0) wrong(path, 'names no column');
    if (names.length > mostNames) wrong(path, `has more than ${mostNames} names`);
    names.forEach((one, n) => (plainName(one) === '' || one.length > longest ? wrong(`${path}[${n}]`, `is no name of a column of at most ${longest} characters`) : undefined));
  };
  named('occurred_at', mapping.occurredAt, true);
  named('reference', mapping.reference, true);
  named('amount', mapping.amount, true);
  for (const [path, names] of [['expense', expense], ['direction', direction], ['net', mapping.net], ['currency', currency], ['entry', mapping.entry], ['batch', mapping.batch], ['type', type]] as const) named(path, names);
  if (fees.length > mostFees) wrong('fees', `has more than ${mostFees} columns`);
  fees.forEach(({ names }, n) => named(`fees[${n}].names`, names, true));
  const all = Object.values(columnsOf(mapping)).flat();
  const twice = all.find((one, n) => all.indexOf(one) !== n);
  if (twice !== undefined) wrong('the column', `"${twice}" is named twice`);
  if (expense.length > 0 && direction.length > 0) wrong('expense', 'and direction both say what left');
  for (const [path, list] of [['outgoing', outgoing], ['incoming', incoming]] as const) {
    if ((direction.length > 0) !== (list.length > 0)) wrong(path, 'and direction go together');
    if (list.length > mostNames || list.some((word) => word.trim() === '' || word.length > longest)) wrong(path, `has more than ${mostNames} words, an empty one, or one of more than ${longest} characters`);
  }
  if ((currency.length > 0) === (fixedCurrency !== '')) wrong('fixed_currency', 'or a currency column, one of the two');
  if (!/^(?:[A-Z]{3})?$/.test(fixedCurrency)) wrong('fixed_currency', 'is no currency such as EUR');
  if (!/^(?:[+-](?:0\d|1[0-4]):[0-5]\d)?$/.test(utcOffset)) wrong('utc_offset', 'is no offset such as +08:00');
  if (!['', 'DMY', 'MDY'].includes(dateOrder)) wrong('date_order', 'is neither DMY nor MDY');
  if (mapping.kinds.length > mostWords) wrong('kinds', `has more than ${mostWords} words`);
  if (mapping.kinds.length > 0 && type.length === 0) wrong('type', 'names no column in which the words of kinds stand');
  const words = new Set<string>();
  mapping.kinds.forEach(({ word, kind }, n) => {
    if (plainWord(word) === '' || word.length > longest) wrong(`kinds[${n}].word`, `is no word of at most ${longest} characters`);
    if (words.has(plainWord(word))) wrong(`kinds[${n}].word`, 'is named twice');
    words.add(plainWord(word));
    if (![...kinds, 'IGNORED'].includes(kind)) wrong(`kinds[${n}].kind`, `is none of ${kinds.join(', ')}, IGNORED`);
  });
  if (!['', 'UNKNOWN', ...kinds].includes(otherKind)) wrong('other_kind', `is none of ${kinds.join(', ')}`);
  if (type.length === 0 && ['', 'UNKNOWN'].includes(otherKind)) wrong('other_kind', 'has to say what rows are that have no type');
  return mapping;
};

const plainWord = (text: string): string => text.normalize('NFKC').trim().toLowerCase();

/** By the names that `start` asks for. */
const columnsOf = ({ occurredAt, reference, amount, expense, direction, fees, net, currency, entry, batch, type }: settlement.StatementMapping): Readonly<Record<string, readonly string[]>> => {
  const columns = { occurredAt, reference, amount, expense, direction, net, currency, entry, batch, type, ...Object.fromEntries(fees.map(({ names }, n) => [`fee${n}`, names])) };
  return Object.fromEntries(Object.entries(columns).flatMap(([column, names]) => (names.length === 0 ? [] : [[column, names.map(plainName)]])));
};

const titleOf = (names: readonly string[]): string => names[0] ?? '';

const start = (mapping: settlement.StatementMapping) => {
  const { name, fees, feesSigned, fixedCurrency, utcOffset, dateOrder } = mapping;
  const outgoing = new Set(mapping.outgoing.map(plainWord));
  const incoming = new Set(mapping.incoming.map(plainWord));
  const offsetMs = utcOffset === '' ? 0 : Number(`${utcOffset[0]}1`) * (Number(utcOffset.slice(1, 3)) * 60 + Number(utcOffset.slice(4))) * 60_000;
  const words = new Map(mapping.kinds.map((one) => [plainWord(one.word), one]));
  return ({ channel, separator }: Sheet): Reader => {
    const days = { from: '', to: '' };
    const times = new Map<string, number>();
    let batch = '';
    let mark: ',' | '.' | undefined;
    return {
      row: ({ row, cells, at }) => {
        const type = at('type');
        const word = words.get(plainWord(type));
        if (word?.kind === 'IGNORED') return [];
        const currency = currencyOf(titleOf(mapping.currency), fixedCurrency || at('currency'));
        const texts = [at('amount'), at('expense'), ...fees.map((_fee, n) => at(`fee${n}`)), at('net')];
        mark ??= texts.map(decimalMark).find((one) => one !== undefined);
        // "1,234" alone, between tabs: a thousand, or a bit more than one. Where no other cell has told, nobody may guess.
        const whole = exponent(currency) === 0;
        if (mark === undefined && !whole && separator === '\t' && texts.some((text) => /[.,]/.test(text))) throw new Refused('BAD_AMOUNT', `${titleOf(mapping.amount)} can be read in two ways`);
        const money = (column: string, names: readonly string[]): number => cell(titleOf(names), at(column) || '0', currency, separator, mark ?? (whole ? (at(column).includes('.') ? ',' : '.') : undefined));
        if (at('amount') === '' && at('expense') === '') throw new Refused('BAD_AMOUNT', `${titleOf(mapping.amount)} is missing`);
        const [came, left] = [money('amount', mapping.amount), Math.abs(money('expense', mapping.expense))];
        if (came !== 0 && left !== 0) throw new Refused('BAD_AMOUNT', `${titleOf(mapping.amount)} and ${titleOf(mapping.expense)} both have a value`);
        const way = plainWord(at('direction'));
        const out = word?.negated === true || outgoing.has(way);
        const amount = (out ? 0 - Math.abs(came) : came) - left;
        const taken = fees.reduce((sum, { names }, n) => sum + money(`fee${n}`, names), 0);
        const fee = feesSigned ? 0 - taken : taken;
        const net = amount - fee;
        if (mapping.net.length > 0 && money('net', mapping.net) !== net) throw new Refused('BAD_AMOUNT', `${titleOf(mapping.net)} is not ${titleOf(mapping.amount)} − fees`);
        const occurredAt = instant(titleOf(mapping.occurredAt), at('occurredAt'), utcOffset || undefined, dateOrder);
        const said = word?.kind ?? (mapping.otherKind || 'UNKNOWN');
        // A payment that takes, or a refund that gives, is not what its word says; and of a way that nobody described nobody knows the sign.
        const astray = mapping.direction.length > 0 && !outgoing.has(way) && !incoming.has(way);
        const kind = (astray || (said === 'CHARGE' && amount < 0) || (said === 'REFUND' && amount > 0) ? 'UNKNOWN' : said) as LineKind;
        const order = number(titleOf(mapping.reference), at('reference'));
        const entry = number(titleOf(mapping.entry), at('entry'));
        if (mapping.entry.length > 0 && entry === '') throw new Refused('BAD_TEXT', `${titleOf(mapping.entry)} is missing`);
        const day = new Date(Date.parse(occurredAt) + offsetMs).toISOString().slice(0, 10);
        days.from = days.from === '' || day < days.from ? day : days.from;
        days.to = day > days.to ? day : days.to;
        batch ||= number(titleOf(mapping.batch), at('batch'));
        // Of what stands in the file, not of what this version makes of it. The batch is left out: a row may be exported before and after it was paid out.
        const raw = cells.map((text) => text.trim()).filter((text) => text !== '' && text !== at('batch'));
        const told = [channel, name, ...(entry === '' ? raw : [entry])];
        const base = fingerprint(...told);
        // Rows may be alike in everything: they are told apart by how often they came.
        const nth = (times.get(base) ?? 0) + 1;
        times.set(base, nth);
        return [
          {
            row, part: '', kind, label: label(type), reference: kind === 'PAYOUT' ? '' : order, occurredAt,
            amount: { amount, currency }, fee: { amount: fee, currency }, net: { amount: net, currency }, fingerprint: nth === 1 ? base : fingerprint(...told, nth),
          },
        ];
      },
      end: () => ({ batchNo: batch || (days.from === days.to ? days.from : `${days.from}~${days.to}`), checks: [] }),
    };
  };
};

/** What a mapping describes, as a format like those of the code. Its name tells its version: what was read by it stays told apart. */
export const describedFormat = (mapping: settlement.StatementMapping, version: number): StatementFormat => {
  const columns = columnsOf(mapping);
  return {
    name: `${mapping.name}@${version}`,
    title: { zh: mapping.titleZh, en: mapping.titleEn },
    legacy: mapping.legacy === 'windows-1252' ? 'windows-1252' : 'gb18030',
    columns,
    needed: Object.keys(columns),
    start: start(mapping),
  };
};
