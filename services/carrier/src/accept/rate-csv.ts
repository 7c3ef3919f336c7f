import { Refused } from '@flotilla/decider';
import { minorUnits } from '@flotilla/values';
import type { RateSet } from '../decide/rate-card.decider.js';
import { mostRows, readRows, type ReadRows } from './csv.js';

const columns = ['carrier', 'service', 'from_province', 'to_zone', 'first_grams', 'first_price', 'extra_grams', 'extra_price', 'currency', 'days', 'valid_from', 'valid_to'] as const;
/** May be left out. */
const optional = ['surcharge', 'surcharge_percent', 'volume_divisor'] as const;
type Column = (typeof columns)[number] | (typeof optional)[number];

export interface RateRow {
  readonly rate: RateSet;
}

/** Reads a rate card. Refused BAD_CSV if it is none at all. */
export const readRates = (bytes: Uint8Array, known: ReadonlyMap<string, readonly string[]>): ReadRows<RateRow> =>
  readRows(bytes, columns, mostRows, (record) => ({ rate: toRate(record as Record<Column, string>, known) }));

const toRate = (record: Record<Column, string>, known: ReadonlyMap<string, readonly string[]>): RateSet => {
  const { carrier, service, currency } = record;
  const services = known.get(carrier);
  if (!services) throw new Refused('NOT_FOUND', `no carrier "${carrier.slice(0, 40)}"; there are ${[...known.keys()].join(', ')}`);
  if (!services.includes(service)) throw new Refused('NOT_FOUND', `${carrier} has no service "${service.slice(0, 40)}"; it has ${services.join(', ')}`);
  if (record.to_zone === '') throw new Refused('BAD_ADDRESS', 'to_zone is empty; give a province of China, a country code such as US, US/California, or * for anywhere');
  if (record.valid_from === '') throw new Refused('BAD_INSTANT', 'valid_from is empty; give the first day, such as 2026-01-01');
  const rate: RateSet = {
    carrier,
    service,
    from: record.from_province || '*',
    to: record.to_zone,
    firstGrams: integer(record, 'first_grams'),
    firstPrice: minorUnits(record.first_price, currency),
    extraGrams: integer(record, 'extra_grams'),
    extraPrice: minorUnits(record.extra_price || '0', currency),
    currency,
    days: integer(record, 'days'),
    validFrom: day(record, 'valid_from'),
    validTo: day(record, 'valid_to'),
    ...surcharges(record, currency),
    ...(record.volume_divisor ? { volumeDivisor: integer(record, 'volume_divisor') } : {}),
  };
  if (rate.firstGrams === 0) throw new Refused('BAD_QUANTITY', 'first_grams is 0; the first weight is above 0');
  if (rate.volumeDivisor !== undefined && (rate.volumeDivisor < 1_000 || rate.volumeDivisor > 20_000)) throw new Refused('BAD_QUANTITY', `volume_divisor ${rate.volumeDivisor} is not from 1000 to 20000 cubic centimetres`);
  if (rate.validTo !== '' && rate.validTo < rate.validFrom) throw new Refused('BAD_INSTANT', `valid_to ${rate.validTo} is before valid_from ${rate.validFrom}`);
  return rate;
};

// What is not there is not written: a card of before is still the same.
const surcharges = (record: Record<Column, string>, currency: string): Pick<RateSet, 'surcharge' | 'surchargePercent'> => {
  const surcharge = minorUnits(record.surcharge || '0', currency);
  const text = record.surcharge_percent || '0';
  if (!/^\d{1,3}(?:\.\d{1,2})?$/.test(text) || Number(text) > 100) throw new Refused('BAD_QUANTITY', `surcharge_percent "${text.slice(0, 40)}" is not a percentage from 0 to 100 with at most two decimals`);
  return { ...(surcharge === 0 ? {} : { surcharge }), ...(Number(text) === 0 ? {} : { surchargePercent: Number(text) }) };
};

const integer = (record: Record<Column, string>, column: Column): number => {
  const text = record[column] || '0';
  if (!/^\d{1,9}$/.test(text)) throw new Refused('BAD_QUANTITY', `${column} "${text.slice(0, 40)}" is not a whole number`);
  return Number(text);
};

const day = (record: Record<Column, string>, column: Column): string => {
  const text = record[column] ?? '';
  if (text === '') return '';
  const parsed = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00.000Z`) : undefined;
  if (!parsed || Number.isNaN(parsed.getTime()) || parsed.toISOString().slice(0, 10) !== text) throw new Refused('BAD_INSTANT', `${column} "${text.slice(0, 40)}" is no day such as 2026-01-01`);
  return text;
};
