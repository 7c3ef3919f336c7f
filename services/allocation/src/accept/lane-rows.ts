import type { allocation } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { minorUnits } from '@flotilla/values';
import { isWarehouse } from '../decide/names.js';
import { integerOf, type CsvRow } from './csv-rows.js';

const dayOf = ({ values }: CsvRow, column: string): string => {
  // A day of a workbook has a time of the day.
  const text = (values[column] ?? '').replace(/^(\S{10}) 00:00:00$/, '$1');
  const parsed = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00.000Z`) : undefined;
  if (text !== '' && (!parsed || Number.isNaN(parsed.getTime()) || parsed.toISOString().slice(0, 10) !== text)) throw new Refused('BAD_INSTANT', `${column} "${text.slice(0, 40)}" is no day such as 2026-01-01`);
  return text;
};

/** A lane as a carrier's rate card has it: prices in decimals of its currency, days of business dates. */
export const toLane = (row: CsvRow): allocation.Lane => {
  const text = (column: string): string => row.values[column] ?? '';
  const [carrier, service, currency, toZone, warehouse] = [text('carrier'), text('service'), text('currency'), text('to_zone'), text('warehouse')];
  if (!/^[a-z0-9_-]{1,40}$/.test(carrier)) throw new Refused('BAD_REQUEST', `carrier "${carrier.slice(0, 40)}" is not a carrier's id such as sf`);
  if (!/^[A-Z_]{1,40}$/.test(service)) throw new Refused('BAD_REQUEST', `service "${service.slice(0, 40)}" is not a service such as STANDARD`);
  if (toZone === '' || toZone.length > 100) throw new Refused('BAD_ADDRESS', 'to_zone is a province of China, a country such as US, US/California, CN/新疆/喀什, or * for anywhere');
  if (warehouse !== '' && !isWarehouse(warehouse)) throw new Refused('UNKNOWN_WAREHOUSE', `warehouse "${warehouse.slice(0, 40)}" cannot be an id`);
  if (text('valid_from') === '') throw new Refused('BAD_INSTANT', 'valid_from is empty; give the first day, such as 2026-01-01');
  return {
    carrier, service, warehouse, toZone, currency,
    fromProvince: text('from_province').slice(0, 100),
    firstGrams: integerOf(row, 'first_grams'),
    firstPrice: minorUnits(text('first_price'), currency),
    extraGrams: integerOf(row, 'extra_grams'),
    extraPrice: minorUnits(text('extra_price') || '0', currency),
    days: integerOf(row, 'days'),
    validFrom: dayOf(row, 'valid_from'),
    validTo: dayOf(row, 'valid_to'),
  };
};

export const laneColumns = ['carrier', 'service', 'from_province', 'to_zone', 'first_grams', 'first_price', 'currency', 'days', 'valid_from'] as const;
