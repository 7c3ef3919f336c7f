import { Refused, type Decider } from '@flotilla/decider';

/** A price of a lane. Amounts are minor units; grams 0 for `extraGrams` means that nothing above `firstGrams` is carried. */
export interface Rate {
  /** Where from: a province, "*" = anywhere. */
  readonly from: string;
  /** Where to: a province of China, `US`, `US/California` or "*" = anywhere. */
  readonly to: string;
  readonly firstGrams: number;
  readonly firstPrice: number;
  readonly extraGrams: number;
  readonly extraPrice: number;
  /** On every parcel of the lane (a remote area, a season), and in percent of the freight (fuel), rounded up; absent: none. */
  readonly surcharge?: number;
  readonly surchargePercent?: number;
  /** Cubic centimetres that count as a kilogram (抛重): what is larger than it is heavy is paid by its volume; absent: weight alone counts. */
  readonly volumeDivisor?: number;
  readonly currency: string;
  readonly days: number;
  /** Dates, both included; `validTo` "" = open. */
  readonly validFrom: string;
  readonly validTo: string;
}

export interface RateSet extends Rate {
  readonly carrier: string;
  readonly service: string;
}

/** Rates by `from>to@validFrom`. */
export type RateCard = Readonly<Record<string, Rate>>;

export type RateCardCommand = { readonly type: 'SetRates'; readonly data: { readonly carrier: string; readonly service: string; readonly rates: readonly Rate[] } };
export type RateCardEvent = { readonly type: 'RateSet'; readonly data: RateSet };

const rateKey = ({ from, to, validFrom }: Pick<Rate, 'from' | 'to' | 'validFrom'>): string => `${from}>${to}@${validFrom}`;

/** Stream `rateCard-<carrier>.<service>`. A rate of the same lane and first day replaces the earlier one; the same again is nothing. */
export const rateCard: Decider<RateCard, RateCardCommand, RateCardEvent> = {
  category: 'rateCard',
  initial: {},
  evolve: (card, event) => {
    if (event.type !== 'RateSet') return card;
    const { carrier: _, service: __, ...rate } = event.data;
    return { ...card, [rateKey(rate)]: rate };
  },
  decide: ({ data: { carrier, service, rates } }, card) => {
    const known: Record<string, Rate> = { ...card };
    return rates.flatMap((rate) => {
      check(rate);
      const key = rateKey(rate);
      const before = known[key];
      known[key] = rate;
      return before && same(before, rate) ? [] : [{ type: 'RateSet' as const, data: { carrier, service, ...rate } }];
    });
  },
};

/** The id of a card's stream. */
export const rateCardIdOf = (carrier: string, service: string): string => `${carrier}.${service}`;

const check = (rate: Rate): void => {
  if (rate.firstGrams <= 0 || rate.extraGrams < 0 || rate.firstPrice < 0 || rate.extraPrice < 0) throw new Refused('BAD_QUANTITY', 'weights and prices are not negative, and the first weight is above 0');
  const { surcharge = 0, surchargePercent = 0 } = rate;
  if (surcharge < 0 || surchargePercent < 0 || surchargePercent > 100) throw new Refused('BAD_QUANTITY', 'a surcharge is not negative, and at most 100 %');
  if (rate.volumeDivisor !== undefined && !(Number.isInteger(rate.volumeDivisor) && rate.volumeDivisor >= 1_000 && rate.volumeDivisor <= 20_000)) throw new Refused('BAD_QUANTITY', 'volume_divisor is a whole number of cubic centimetres, from 1000 to 20000');
  if (rate.validTo !== '' && rate.validTo < rate.validFrom) throw new Refused('BAD_INSTANT', `valid_to ${rate.validTo} is before valid_from ${rate.validFrom}`);
};

const same = (a: Rate, b: Rate): boolean => (Object.keys({ ...a, ...b }) as (keyof Rate)[]).every((key) => a[key] === b[key]);
