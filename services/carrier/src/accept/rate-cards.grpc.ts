import { carrier } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { serve, type Served, type ServiceContext } from '@flotilla/service-kit';
import { quotes } from '../decide/quote.js';
import { rateCard, rateCardIdOf, type Rate } from '../decide/rate-card.decider.js';
import { bytesOf, reportOf } from './csv.js';
import type { KnownCard } from './order-events.consumer.js';
import { readRates, type RateRow } from './rate-csv.js';

const largest = 8 * 1024 * 1024;
const chunk = 500;

/** Rate cards: import by file, and what they say for a parcel. */
export const rateCardsGrpc = (ctx: Pick<ServiceContext, 'store'>, cards: readonly KnownCard[], today: () => string): Served => {
  const known = new Map<string, string[]>();
  for (const { carrier: name, service } of cards) known.set(name, [...(known.get(name) ?? []), service]);
  return serve(carrier.RateCards, {
    import: async (requests, call) => {
      const { rows, faults } = readRates(await bytesOf(requests, largest), known);
      let accepted = 0;
      for (const [id, rates] of grouped(rows)) {
        const [name = '', service = ''] = id.split('.');
        for (let from = 0; from < rates.length; from += chunk) {
          const { answer } = await ctx.store.execute({
            streams: [[rateCard, id]],
            meta: call.meta,
            decide: (unit) => unit.run(rateCard, id, { type: 'SetRates', data: { carrier: name, service, rates: rates.slice(from, from + chunk) } }).length,
          });
          accepted += answer;
        }
      }
      return reportOf(rows.length + faults.length, accepted, faults);
    },
    quote: async ({ fromProvince, country, province, grams, cubicMm, service }) => {
      if (grams < 0 || cubicMm < 0) throw new Refused('BAD_QUANTITY', 'grams or cubic_mm is negative');
      const asked = cards.filter((card) => service === '' || card.service === service);
      const folded = await ctx.store.folded(rateCard, asked.map((card) => rateCardIdOf(card.carrier, card.service)));
      const priced = asked.map((card) => ({ ...card, rates: folded.get(rateCardIdOf(card.carrier, card.service))?.state ?? {} }));
      return { quotes: quotes(priced, { fromProvince, country: country || 'CN', province, grams, cubicMm, date: today() }) };
    },
  });
};

const grouped = (rows: readonly RateRow[]): ReadonlyMap<string, Rate[]> => {
  const cards = new Map<string, Rate[]>();
  for (const { rate: { carrier: name, service, ...rate } } of rows) {
    const id = rateCardIdOf(name, service);
    cards.set(id, [...(cards.get(id) ?? []), rate]);
  }
  return cards;
};
