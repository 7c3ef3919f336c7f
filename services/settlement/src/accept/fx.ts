import type { settlement } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import type { Call, ServiceContext } from '@flotilla/service-kit';
import { toInstant } from '@flotilla/values';
import { fx, pairId } from '../decide/fx.decider.js';
import { collected, financeRows } from './finance-csv.js';

const columns = { from: ['from', '原币', '外币'], to: ['to', '本位币', '目标币'], date: ['date', '日期'], rate: ['rate', '汇率'] };

const refuse = (row: number, why: string): never => {
  throw new Refused('BAD_CSV', `row ${row}: ${why}`, { row: String(row) });
};

/** Rates of a file, checked: a rate that is wrong is worse than none, so a file is taken in whole or not at all. */
export const ratesIn = (bytes: Uint8Array, source: string, by: string): readonly settlement.FxRateSet[] => {
  const rows = financeRows(bytes, columns, ['from', 'to', 'date', 'rate']);
  if (rows.length === 0) throw new Refused('BAD_CSV', 'the file has no rates');
  return rows.map(({ row, at }) => {
    const [from, to, rate] = [at('from').toUpperCase(), at('to').toUpperCase(), at('rate')];
    if (!/^[A-Z]{3}$/.test(from) || !/^[A-Z]{3}$/.test(to) || from === to) return refuse(row, 'from and to are two currencies such as USD and EUR');
    if (!/^\d{1,9}(\.\d{1,12})?$/.test(rate) || !/[1-9]/.test(rate)) return refuse(row, 'rate is not a decimal above 0 such as 0.9231');
    if (!/^\d{4}-\d\d-\d\d$/.test(at('date'))) return refuse(row, 'date is not a day such as 2026-11-21');
    try {
      toInstant(at('date'), 'Z');
    } catch {
      return refuse(row, 'date is a day that does not exist');
    }
    return { from, to, date: at('date'), rate, source, by };
  });
};

/** Takes rates in. Those that are known as they are change nothing. */
export const importRates = async (ctx: ServiceContext, requests: AsyncIterable<settlement.ImportFxRatesRequest>, call: Call): Promise<settlement.ImportFxRatesResponse & { readonly position: number }> => {
  const iterator = requests[Symbol.asyncIterator]();
  const { done, value: first } = await iterator.next();
  if (done || first.source === '' || first.source.length > 100) throw new Refused('BAD_REQUEST', 'the first message names the source, in at most 100 characters');
  const rates = ratesIn(await collected(first.data, iterator), first.source, call.meta.actor);
  const pairs = [...new Set(rates.map(({ from, to }) => pairId(from, to)))];
  const { answer, position } = await ctx.store.execute({
    streams: pairs.map((id) => [fx, id] as const),
    meta: call.meta,
    decide: (unit) => rates.reduce((changed, data) => changed + unit.run(fx, pairId(data.from, data.to), { type: 'Set', data }).length, 0),
  });
  return { rates: rates.length, changed: answer, position };
};
