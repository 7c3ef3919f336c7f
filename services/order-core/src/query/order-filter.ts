import { Refused } from '@flotilla/decider';
import type { order as contract } from '@flotilla/contracts';
import type { ServiceContext } from '@flotilla/service-kit';
import { phoneE164, toInstant } from '@flotilla/values';
import { actions } from '../decide/actions.js';
import { orderStates, waits } from '../decide/states.js';
import { buyerFacet, facet, wordsOf, type FacetKind } from '../project/facets.js';

const mostValues = 100;
const longestValue = 200;
const deepest = 3;
const mostFilters = 20;

/** A filter whose buyer is known by index alone: it may be kept, and a page token may be made of it. */
export type Filter = contract.OrderFilter;

export const everything: Filter = {
  channels: [], platforms: [], states: [], waitsFor: [], holds: [], actions: [], placedFrom: '', placedBefore: '', waitsSinceBefore: '', totalFrom: 0, totalTo: 0, currency: '', skus: [], product: '', tags: [],
  countries: [], services: [], warehouses: [], carriers: [], number: '', waybill: '', buyerEmail: '', buyerPhone: '', buyerIndex: '', anyOf: [], noneOf: [],
};

/** Nothing is said: it would find every order there is. */
export const asksNothing = (filter: Filter): boolean => Object.values(filter).every((value) => (Array.isArray(value) ? value.length === 0 : value === '' || value === 0));

const bad = (message: string): never => {
  throw new Refused('BAD_REQUEST', message);
};

const indexOf = (ctx: Pick<ServiceContext, 'index'>, { buyerEmail, buyerPhone, buyerIndex }: Filter): string => {
  if ([buyerEmail, buyerPhone, buyerIndex].filter((one) => one !== '').length > 1) bad('ask for the buyer in one way: buyer_email, buyer_phone or buyer_index; several go into any_of');
  if (buyerEmail !== '') return ctx.index('email', buyerEmail.normalize('NFKC').trim().toLowerCase());
  if (buyerPhone !== '') return ctx.index('phone', phoneE164(buyerPhone, 'CN') ?? bad('buyer_phone is no phone number; give it with its country code'));
  return buyerIndex;
};

/** The filter in the one form that it has here: checked, instants in UTC, the buyer's clear text gone. */
export const filterOf = (filter: contract.OrderFilter, ctx: Pick<ServiceContext, 'index'>): Filter => {
  let filters = 0;
  const read = (one: contract.OrderFilter, depth: number): Filter => {
    filters += 1;
    if (depth > deepest) bad(`any_of and none_of go ${deepest} levels deep`);
    if (filters > mostFilters) bad(`a filter has at most ${mostFilters} parts`);
    const texts = [one.channels, one.platforms, one.states, one.waitsFor, one.holds, one.actions, one.skus, one.tags, one.countries, one.services, one.warehouses, one.carriers];
    if (texts.some((values) => values.length > mostValues)) bad(`a field has at most ${mostValues} values`);
    if ([...texts.flat(), one.product, one.number, one.waybill, one.currency, one.buyerEmail, one.buyerPhone, one.buyerIndex].some((text) => text.length > longestValue || text.includes('\0'))) bad(`a value has at most ${longestValue} characters`);
    for (const state of one.states) if (!Object.hasOwn(orderStates, state)) bad(`state is one of ${Object.keys(orderStates).join(', ')}`);
    for (const action of one.actions) if (!(actions as readonly string[]).includes(action)) bad(`action is one of ${actions.join(', ')}`);
    for (const wait of one.waitsFor) if (wait !== 'HOLD' && !wait.startsWith('HOLD:') && !(waits as readonly string[]).includes(wait)) bad(`waits_for is one of HOLD, HOLD:<type>, ${waits.join(', ')}`);
    if ((one.totalFrom !== 0 || one.totalTo !== 0) && one.currency === '') bad('an amount needs its currency');
    if (one.product !== '' && wordsOf(one.product).length === 0) bad('product has no word in it');
    if ([...one.anyOf, ...one.noneOf].some(asksNothing)) bad('a part of any_of or none_of is empty: it would mean every order');
    const instant = (text: string): string => (text === '' ? '' : toInstant(text));
    return {
      ...one,
      placedFrom: instant(one.placedFrom),
      placedBefore: instant(one.placedBefore),
      waitsSinceBefore: instant(one.waitsSinceBefore),
      buyerEmail: '',
      buyerPhone: '',
      buyerIndex: indexOf(ctx, one),
      anyOf: one.anyOf.map((part) => read(part, depth + 1)),
      noneOf: one.noneOf.map((part) => read(part, depth + 1)),
    };
  };
  return read(filter, 1);
};

/** A condition upon `o` (read.order_list) and `f` (read.order_facets). Every value is a parameter; nothing from outside is SQL. */
export const conditionsOf = (filter: Filter, param: (value: unknown) => string): readonly string[] => {
  const conditions: string[] = [];
  const column = (name: string, values: readonly string[]): void => {
    // One value as such: the planner knows how many rows have it.
    if (values.length === 1) conditions.push(`o.${name} = ${param(values[0])}`);
    if (values.length > 1) conditions.push(`o.${name} = ANY (${param(values)})`);
  };
  column('channel', filter.channels);
  column('platform', filter.platforms);
  column('state', filter.states);
  if (filter.waitsFor.length > 0) {
    const kinds = filter.waitsFor.map((wait) => (wait === 'HOLD' ? `o.waits_for LIKE 'HOLD:%'` : `o.waits_for = ${param(wait)}`));
    conditions.push(kinds.length === 1 ? kinds[0]! : `(${kinds.join(' OR ')})`);
  }
  if (filter.holds.length > 0) conditions.push(`o.waits_for <> '' AND o.holds <> '{}' AND o.holds && ${param(filter.holds)}::text[]`);
  // Of what waits for nothing any more nothing may be done.
  if (filter.actions.length > 0) conditions.push(`o.waits_for <> '' AND o.allowed && ${param(filter.actions)}::text[]`);
  if (filter.placedFrom !== '') conditions.push(`o.placed_at >= ${param(filter.placedFrom)}`);
  if (filter.placedBefore !== '') conditions.push(`o.placed_at < ${param(filter.placedBefore)}`);
  if (filter.waitsSinceBefore !== '') conditions.push(`o.waits_for <> '' AND o.waits_since < ${param(filter.waitsSinceBefore)}`);
  if (filter.currency !== '') conditions.push(`o.total_currency = ${param(filter.currency)}`);
  if (filter.totalFrom !== 0) conditions.push(`o.total_amount >= ${param(filter.totalFrom)}`);
  if (filter.totalTo !== 0) conditions.push(`o.total_amount <= ${param(filter.totalTo)}`);

  const all: string[] = [];
  const any = (kind: FacetKind, values: readonly string[]): void => {
    if (values.length === 1) all.push(facet(kind, values[0]!));
    if (values.length > 1) conditions.push(`f.facets && ${param(values.map((value) => facet(kind, value)))}::text[]`);
  };
  any('sku', filter.skus);
  any('tag', filter.tags);
  any('country', filter.countries);
  any('service', filter.services);
  any('warehouse', filter.warehouses);
  any('carrier', filter.carriers);
  if (filter.number !== '') any('number', [filter.number]);
  if (filter.waybill !== '') any('waybill', [filter.waybill]);
  if (filter.product !== '') all.push(...wordsOf(filter.product).map((word) => facet('word', word)));
  if (filter.buyerIndex !== '') all.push(buyerFacet(filter.buyerIndex));
  if (all.length > 0) conditions.push(`f.facets @> ${param(all)}::text[]`);

  const nested = (part: Filter): string => conditionsOf(part, param).map((one) => `(${one})`).join(' AND ');
  if (filter.anyOf.length > 0) conditions.push(`(${filter.anyOf.map((part) => `(${nested(part)})`).join(' OR ')})`);
  for (const part of filter.noneOf) conditions.push(`NOT (${nested(part)})`);
  return conditions;
};
