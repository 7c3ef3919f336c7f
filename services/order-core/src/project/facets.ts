import type { order as contract } from '@flotilla/contracts';
import { isSealed } from '@flotilla/values';
import type { OrderState } from '../decide/order.state.js';
import type { FulfilmentState } from '../decide/fulfilment.state.js';

/** The kinds of facets; each is looked up as `kind:value`. */
export type FacetKind = 'sku' | 'word' | 'tag' | 'country' | 'place' | 'flag' | 'service' | 'warehouse' | 'carrier' | 'number' | 'waybill' | 'buyer' | 'custom';

// An index entry has to fit into a third of a page, and an order into a few of them.
const longest = 120;
const mostWords = 200;
const mostOfAKind = 500;

/** As it is kept and as it is asked for: without regard to case and width. Two texts that differ only behind 120 characters are one. A buyer's index is exact: its letters are of two cases. */
export const facet = (kind: FacetKind, value: string): string => `${kind}:${kind === 'buyer' ? value.slice(0, longest) : Array.from(value.normalize('NFKC').trim().toLowerCase()).slice(0, longest).join('')}`;

/** A custom field by its value; its name alone finds the orders that have it. */
export const customOf = (name: string, value: string): string => `${name}=${value.trim()}`;

/** The custom fields that may be seen in a list and found: personal ones are sealed. */
export const readable = (custom: readonly contract.CustomField[] = []): readonly contract.CustomField[] => custom.filter(({ value }) => !isSealed(value));

/**
 * The words of a title, for finding products. Chinese is not written in words: of it every two neighbouring characters are one, so
 * that any part of a title finds it.
 */
export const wordsOf = (text: string): readonly string[] => {
  const words = new Set<string>();
  for (const [run] of text.normalize('NFKC').toLowerCase().matchAll(/\p{Script=Han}+|(?:(?!\p{Script=Han})[\p{L}\p{N}])+/gu)) {
    const characters = Array.from(run);
    if (!/^\p{Script=Han}/u.test(run) || characters.length === 1) words.add(run);
    else characters.slice(1).forEach((next, n) => words.add(`${characters[n]}${next}`));
  }
  return [...words];
};

interface Both {
  readonly order: OrderState;
  readonly fulfilment: FulfilmentState;
}

/** Everything that an order is found by. No personal data: of a buyer the indexes. */
export const facetsOf = ({ order, fulfilment }: Both): readonly string[] => {
  const { placed, lines, shipTo, address, service } = order;
  const of = (kind: FacetKind, values: readonly string[]): readonly string[] => [...new Set(values.filter((value) => value !== ''))].slice(0, mostOfAKind).map((value) => facet(kind, value));
  const parcels = fulfilment.legs.flatMap(({ parcel }) => (parcel ? [parcel] : []));
  const buyers = [placed?.buyer.emailIndex ?? '', placed?.buyer.phoneIndex ?? '', shipTo?.phoneIndex ?? ''];
  return [
    ...of('sku', lines.map(({ sku }) => sku)),
    ...of('word', [...new Set(lines.flatMap(({ title }) => wordsOf(title)))].slice(0, mostWords)),
    ...of('tag', placed?.tags ?? []),
    ...of('country', [shipTo?.country ?? '']),
    ...of('place', [shipTo?.province ?? '', shipTo?.city ?? '', shipTo?.district ?? '']),
    ...of('flag', address?.flags ?? []),
    ...of('service', [service]),
    ...of('warehouse', fulfilment.legs.map(({ warehouse }) => warehouse)),
    ...of('carrier', parcels.map(({ carrier }) => carrier)),
    ...of('number', [placed?.number ?? '', placed?.channelOrderId ?? '']),
    ...of('waybill', parcels.map(({ waybill }) => waybill)),
    ...of('buyer', buyers),
    ...of('custom', readable(order.custom).flatMap(({ name, value }) => [name, customOf(name, value)])),
  ];
};

/** Whether an order is found by other things than before. What an event left alone is the same object; of what it touched most is no facet: every step of a parcel makes new legs. */
export const facetsChanged = (before: Both | undefined, after: Both): boolean => {
  if (!before?.order.placed) return true;
  const { order, fulfilment } = before;
  const untouched = order.placed === after.order.placed && order.lines === after.order.lines && order.shipTo === after.order.shipTo && order.address === after.order.address && order.service === after.order.service && order.custom === after.order.custom && fulfilment.legs === after.fulfilment.legs;
  return !untouched && JSON.stringify(facetsOf(before)) !== JSON.stringify(facetsOf(after));
};
