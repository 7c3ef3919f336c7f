import { decimalText } from '@flotilla/values';
import type { ParcelPlan, Routing } from '../../decide/parcel.events.js';
import { gramsOf } from '../../decide/quote.js';
import type { Party } from '../carriers/carrier.js';

export type LabelField =
  | 'carrier' | 'service' | 'waybill' | 'waybillSpaced' | 'sorting' | 'destination' | 'matrix' | 'recipient' | 'recipientAddress' | 'sender' | 'senderAddress' | 'number' | 'items' | 'footer';

export interface LabelSource {
  readonly carrierTitle: string;
  readonly waybill: string;
  readonly routing: Routing;
  readonly plan: ParcelPlan;
  readonly sender: Party;
  readonly recipient: Party;
  /** What the buyer shows to collect it; "" unless it is collected. */
  readonly pickupCode: string;
  /** Business day, YYYY-MM-DD. */
  readonly day: string;
}

const services: Readonly<Record<string, string>> = { STANDARD: '标快 STANDARD', EXPRESS: '特快 EXPRESS', PICKUP: '自提 PICKUP', SAME_CITY: '同城 SAME CITY', BULKY: '大件 BULKY' };

/** What stands on a label, as text. */
export const labelFields = ({ carrierTitle, waybill, routing, plan, sender, recipient, pickupCode, day }: LabelSource): Readonly<Record<LabelField, string>> => ({
  carrier: carrierTitle,
  service: services[plan.choice.service] ?? plan.choice.service,
  waybill,
  waybillSpaced: waybill.replace(/(?<=\d)(?=(\d{4})+$)/g, ' '),
  sorting: pickupCode || routing.sorting || routing.destination || recipient.city,
  destination: routing.sorting === '' ? '' : routing.destination,
  matrix: routing.matrix || waybill,
  recipient: [recipient.name, recipient.phone].filter(Boolean).join('  '),
  // What is collected goes to the store's shelf: no address stands on it.
  recipientAddress: pickupCode === '' ? [addressText(recipient), recipient.company].filter(Boolean).join('\n') : placeText(sender),
  sender: [sender.name, sender.phone].filter(Boolean).join('  '),
  senderAddress: addressText(sender),
  number: plan.number,
  items: plan.items.map(({ name, sku, quantity }) => `${quantity} × ${[sku, name].filter(Boolean).join(' ')}`).join('\n'),
  footer: `${decimalText(Math.round(gramsOf(plan.items) / 10), 'CNY')} kg   ${day}   ${plan.parcelId.slice(0, 8)}`,
});

/** A store as the buyer looks for it: its name and its address, one line each. */
export const placeText = (store: Party): string => [store.company, addressText(store).replaceAll('\n', ', ')].filter(Boolean).join('\n');

const chinese = new Set(['CN', 'HK', 'MO', 'TW']);
const han = /\p{Script=Han}/u;

/** An address as the post of its country reads it: Chinese from the large to the small, others the other way round. */
export const addressText = (party: Party): string => {
  const { country, province, city, district, postcode, street } = party;
  if (chinese.has(country) && han.test(`${province}${city}${street}`)) {
    // 北京/北京市 is one place, and streets often begin with the places above them.
    const above = [province, city, district].filter((place) => place !== '');
    const places = above.filter((place, index) => !above.slice(index + 1).some((below) => bare(below) === bare(place)));
    const rest = above.reduce((text, place) => text.replace(new RegExp(`^(?:${literal(bare(place))}[省市]|${literal(place)})`, 'u'), ''), street);
    return `${places.join('')}${rest}${postcode ? ` ${postcode}` : ''}`;
  }
  const name = new Intl.DisplayNames(['en'], { type: 'region' }).of(country || 'ZZ') ?? country;
  const line = [[district, city].filter(Boolean).join(', '), [province, postcode].filter(Boolean).join(' ')].filter(Boolean).join(', ');
  return [street, line, country === '' ? '' : name.toUpperCase()].filter(Boolean).join('\n');
};

const bare = (place: string): string => place.replace(/[省市]$/u, '');
const literal = (place: string): string => place.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
