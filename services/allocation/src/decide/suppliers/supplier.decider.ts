import { Refused, type Decider } from '@flotilla/decider';

export const DELIVERIES = ['PORTAL', 'MAIL', 'API', 'FILE'] as const;

/** How a supplier is reached, how long it may take to answer, in business minutes, and to send, in business hours. */
export interface SupplierTerms {
  readonly supplier: string;
  readonly name: string;
  readonly email: string;
  readonly language: string;
  readonly responseMinutes: number;
  readonly delivery: string;
  readonly apiUrl: string;
  /** The secret's name in FLOTILLA_SUPPLIER_SECRETS. */
  readonly apiSecret: string;
  /** From the release of a parcel; 0 = nobody minds. */
  readonly shipHours: number;
}

/** Of suppliers about which nobody says otherwise. */
export const SHIP_HOURS = 48;

/** What a supplier takes for one of a SKU, in minor units. */
export interface Cost {
  readonly supplier: string;
  readonly sku: string;
  readonly amount: number;
  readonly currency: string;
}

export type SupplierCommand = { readonly type: 'DescribeSupplier'; readonly data: SupplierTerms };
export type SupplierEvent = { readonly type: 'SupplierDescribed'; readonly data: SupplierTerms };
export type CostCommand = { readonly type: 'SetCost'; readonly data: Cost };
export type CostEvent = { readonly type: 'CostSet'; readonly data: Cost };

// Their fields are always written in the same order.
const isSame = (known: object | null, data: object): boolean => JSON.stringify(known) === JSON.stringify(data);

const YEAR_HOURS = 366 * 24;
const YEAR_MINUTES = YEAR_HOURS * 60;

const describe = (data: SupplierTerms, known: SupplierTerms | null): readonly SupplierEvent[] => {
  const { supplier, email, language, responseMinutes, delivery, apiUrl, apiSecret, shipHours } = data;
  if (!/^[^\s@<>,;"]{1,64}@[^\s@<>,;"]{1,190}$/.test(email)) throw new Refused('BAD_REQUEST', `the e-mail address of ${supplier} cannot be one`);
  if (language !== 'zh' && language !== 'en') throw new Refused('BAD_REQUEST', `language is "${language.slice(0, 20)}", not zh or en`);
  if (responseMinutes < 1 || responseMinutes > YEAR_MINUTES) throw new Refused('BAD_QUANTITY', `response_minutes of ${supplier} is ${responseMinutes}, not from 1 to ${YEAR_MINUTES}`);
  if (shipHours < 0 || shipHours > YEAR_HOURS) throw new Refused('BAD_QUANTITY', `ship_hours of ${supplier} is ${shipHours}, not from 0 to ${YEAR_HOURS}`);
  if (!DELIVERIES.some((one) => one === delivery)) throw new Refused('BAD_REQUEST', `delivery is "${delivery.slice(0, 20)}", not one of ${DELIVERIES.join(', ')}`);
  if (delivery === 'API' && (!/^https?:\/\/[^\s]{3,500}$/.test(apiUrl) || apiSecret === '')) throw new Refused('BAD_REQUEST', `${supplier} takes offers by API and lacks api_url or api_secret`);
  return isSame(known, data) ? [] : [{ type: 'SupplierDescribed', data }];
};

/** Those that were described before they had a time to send in lack it. */
export const termsOf = (described: Omit<SupplierTerms, 'shipHours'> & Partial<Pick<SupplierTerms, 'shipHours'>>): SupplierTerms => ({ ...described, shipHours: described.shipHours ?? SHIP_HOURS });

/** A supplier, by its warehouse's id. */
export const supplier: Decider<SupplierTerms | null, SupplierCommand, SupplierEvent> = { category: 'supplier', initial: null, evolve: (_, { data }) => termsOf(data), decide: ({ data }, known) => describe(data, known) };

const setCost = (data: Cost, known: Cost | null): readonly CostEvent[] => {
  if (!Number.isSafeInteger(data.amount) || data.amount < 0) throw new Refused('BAD_AMOUNT', `the cost of ${data.sku} is no amount`);
  return isSame(known, data) ? [] : [{ type: 'CostSet', data }];
};

/** What a supplier takes for a SKU, by the id of their stock. */
export const cost: Decider<Cost | null, CostCommand, CostEvent> = { category: 'suppliercost', initial: null, evolve: (_, { data }) => data, decide: ({ data }, known) => setCost(data, known) };
