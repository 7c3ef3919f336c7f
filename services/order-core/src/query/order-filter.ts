import { Refused } from '@flotilla/decider';
import type { order as contract } from '@flotilla/contracts';
import type { ServiceContext } from '@flotilla/service-kit';
import { phoneE164, toInstant } from '@flotilla/values';
import { actions } from '../decide/actions.js';
import { orderStates, waits } from '../decide/states.js';
import { customOf, facet, wordsOf, type FacetKind } from '../project/facets.js';

const mostValues = 100;
const longestValue = 200;
const deepest = 3;
const mostFilters = 20;
const longestWait = 10 * 366 * 86_400;
const mostCustom = 20;
const customName = /^[a-z][a-z0-9_]{0,59}$/;
// As ingest writes them: numbers in one form, instants in UTC.
export const numeral = /^-?\d{1,15}(?:\.\d{1,10})?$/;

/** In the place of a name: nobody works at it. */
export const unclaimed = 'none';

/** A filter whose buyer is known by index alone: it may be kept, and a page token may be made of it. */
export type Filter = contract.OrderFilter;

export const everything: Filter = {
  channels: [], platforms: [], states: [], waitsFor: [], holds: [], actions: [], placedFrom: '', placedBefore: '', waitsSinceFrom: '', waitsSinceBefore: '', waitsLongerSeconds: 0, waitsShorterSeconds: 0, totalFrom: 0, totalTo: 0, currency: '', skus: [], product: '', tags: [],
  countries: [], places: [], addressFlags: [], services: [], warehouses: [], carriers: [], number: '', waybill: '', buyerEmail: '', buyerPhone: '', buyerIndex: '', anyOf: [], noneOf: [], custom: [], claimedBy: [],
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

const customAsked = (asked: contract.CustomFilter): contract.CustomFilter => {
  const bounds = [asked.from, asked.to].filter((bound) => bound !== '');
  if (bounds.every((bound) => numeral.test(bound))) return asked;
  if (bounds.some((bound) => numeral.test(bound))) bad(`${asked.name} is asked for from a number to an instant; give two of a kind`);
  return { ...asked, from: asked.from && toInstant(asked.from), to: asked.to && toInstant(asked.to) };
};

/** From … to of a custom field. Which values are numbers only its channel knows: what does not look like one is in no range. */
const within = ({ name, from, to }: contract.CustomFilter, param: (value: unknown) => string): string => {
  const numbers = numeral.test(from || to);
  const value = numbers ? `CASE WHEN c.value ~ '^-?[0-9]{1,15}([.][0-9]{1,10})?$' THEN c.value::numeric END` : `CASE WHEN c.value LIKE '____-__-__T%Z' THEN c.value END`;
  const bound = (sign: string, text: string): string => (text === '' ? '' : ` AND ${value} ${sign} ${param(text)}${numbers ? '::numeric' : ''}`);
  return `EXISTS (SELECT FROM json_to_recordset(o.custom) AS c(name text, value text) WHERE c.name = ${param(name)}${bound('>=', from)}${bound('<=', to)})`;
};

/** The filter in the one form that it has here: checked, instants in UTC, the buyer's clear text gone. */
export const filterOf = (filter: contract.OrderFilter, ctx: Pick<ServiceContext, 'index'>): Filter => {
  let filters = 0;
  const read = (one: contract.OrderFilter, depth: number): Filter => {
    filters += 1;
    if (depth > deepest) bad(`any_of and none_of go ${deepest} levels deep`);
    if (filters > mostFilters) bad(`a filter has at most ${mostFilters} parts`);
    const texts = [one.channels, one.platforms, one.states, one.waitsFor, one.holds, one.actions, one.skus, one.tags, one.countries, one.places, one.addressFlags, one.services, one.warehouses, one.carriers, one.claimedBy, ...one.custom.map(({ values }) => values)];
    if (texts.some((values) => values.length > mostValues)) bad(`a field has at most ${mostValues} values`);
    if ([...texts.flat(), one.product, one.number, one.waybill, one.currency, one.buyerEmail, one.buyerPhone, one.buyerIndex].some((text) => text.length > longestValue || text.includes('\0'))) bad(`a value has at most ${longestValue} characters`);
    for (const state of one.states) if (!Object.hasOwn(orderStates, state)) bad(`state is one of ${Object.keys(orderStates).join(', ')}`);
    for (const action of one.actions) if (!(actions as readonly string[]).includes(action)) bad(`action is one of ${actions.join(', ')}`);
    for (const wait of one.waitsFor) if (wait !== 'HOLD' && !wait.startsWith('HOLD:') && !(waits as readonly string[]).includes(wait)) bad(`waits_for is one of HOLD, HOLD:<type>, ${waits.join(', ')}`);
    if ((one.totalFrom !== 0 || one.totalTo !== 0) && one.currency === '') bad('an amount needs its currency');
    if (one.product !== '' && wordsOf(one.product).length === 0) bad('product has no word in it');
    if ([...one.anyOf, ...one.noneOf].some(asksNothing)) bad('a part of any_of or none_of is empty: it would mean every order');
    if ([one.waitsLongerSeconds, one.waitsShorterSeconds].some((seconds) => seconds < 0 || seconds > longestWait)) bad('an order waits from 0 seconds to ten years');
    const instant = (text: string): string => (text === '' ? '' : toInstant(text));
    if (one.custom.length > mostCustom) bad(`a filter asks for at most ${mostCustom} custom fields`);
    for (const { name } of one.custom) if (!customName.test(name)) bad('a custom field has a name of a-z, 0-9 and _, as its channel declares it');
    return {
      ...one,
      placedFrom: instant(one.placedFrom),
      placedBefore: instant(one.placedBefore),
      waitsSinceFrom: instant(one.waitsSinceFrom),
      waitsSinceBefore: instant(one.waitsSinceBefore),
      custom: one.custom.map(customAsked),
      buyerEmail: '',
      buyerPhone: '',
      buyerIndex: indexOf(ctx, one),
      anyOf: one.anyOf.map((part) => read(part, depth + 1)),
      noneOf: one.noneOf.map((part) => read(part, depth + 1)),
    };
  };
  return read(filter, 1);
};

/** A condition upon `o` (read.order_list) and `f` (read.order_facets), with waits counted until `now`. Every value is a parameter; nothing from outside is SQL. */
export const conditionsOf = (filter: Filter, param: (value: unknown) => string, now: Date): readonly string[] => {
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
  if (filter.claimedBy.length > 0) {
    // As events name whoever called.
    const names = filter.claimedBy.filter((name) => name !== unclaimed).map((name) => (name.startsWith('caller:') ? name : `caller:${name}`));
    const kinds = [
      ...(names.length > 0 ? [`o.claimed_by <> '' AND o.claimed_by = ANY (${param(names)}) AND o.claimed_until > now()`] : []),
      ...(names.length < filter.claimedBy.length ? ['o.claimed_until <= now()'] : []),
    ];
    conditions.push(kinds.length === 1 ? kinds[0]! : `(${kinds.join(' OR ')})`);
  }
  if (filter.placedFrom !== '') conditions.push(`o.placed_at >= ${param(filter.placedFrom)}`);
  if (filter.placedBefore !== '') conditions.push(`o.placed_at < ${param(filter.placedBefore)}`);
  if (filter.waitsSinceBefore !== '') conditions.push(`o.waits_for <> '' AND o.waits_since < ${param(filter.waitsSinceBefore)}`);
  if (filter.waitsSinceFrom !== '') conditions.push(`o.waits_for <> '' AND o.waits_since >= ${param(filter.waitsSinceFrom)}`);
  const ago = (seconds: number): string => new Date(now.getTime() - seconds * 1_000).toISOString();
  if (filter.waitsLongerSeconds !== 0) conditions.push(`o.waits_for <> '' AND o.waits_since < ${param(ago(filter.waitsLongerSeconds))}`);
  if (filter.waitsShorterSeconds !== 0) conditions.push(`o.waits_for <> '' AND o.waits_since >= ${param(ago(filter.waitsShorterSeconds))}`);
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
  any('place', filter.places);
  any('flag', filter.addressFlags);
  any('service', filter.services);
  any('warehouse', filter.warehouses);
  any('carrier', filter.carriers);
  if (filter.number !== '') any('number', [filter.number]);
  if (filter.waybill !== '') any('waybill', [filter.waybill]);
  if (filter.product !== '') for (const word of wordsOf(filter.product)) any('word', [word]);
  if (filter.buyerIndex !== '') any('buyer', [filter.buyerIndex]);
  for (const asked of filter.custom) {
    any('custom', asked.values.length > 0 ? asked.values.map((value) => customOf(asked.name, value)) : [asked.name]);
    if (asked.from !== '' || asked.to !== '') conditions.push(within(asked, param));
  }
  if (all.length > 0) conditions.push(`f.facets @> ${param(all)}::text[]`);

  // A part of a view that was saved before there was this or that to ask does not ask it.
  const nested = (part: Filter): string => conditionsOf({ ...everything, ...part }, param, now).map((one) => `(${one})`).join(' AND ');
  if (filter.anyOf.length > 0) conditions.push(`(${filter.anyOf.map((part) => `(${nested(part)})`).join(' OR ')})`);
  for (const part of filter.noneOf) conditions.push(`NOT (${nested(part)})`);
  return conditions;
};
