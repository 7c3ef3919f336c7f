import { parseMessage } from '@flotilla/contracts';
import { Refused, type AnyDecider } from '@flotilla/decider';
import type { Unit } from '@flotilla/event-store';
import type { Handler, Incoming } from '@flotilla/messaging';
import { changedContent, parcel, plannedContent, wishesOf, type Chosen } from '../decide/parcel.decider.js';
import type { ParcelContent, ParcelPlan } from '../decide/parcel.events.js';
import { choose, gramsOf, holding, type Card } from '../decide/quote.js';
import { allPools, poolIdOf, pools } from '../decide/pool.decider.js';
import { rateCard, rateCardIdOf } from '../decide/rate-card.decider.js';
import { allSuspensions, suspensions } from '../decide/suspension.decider.js';
import { maskedBy } from '../perform/carriers/carrier.js';
import type { Warehouses } from '../perform/parties.js';
import type { Sizes } from '../perform/sizes.js';

/** The cards that can exist: every carrier with every service it knows. */
export interface KnownCard {
  readonly carrier: string;
  readonly service: string;
}

/** A card, and for whom it can be used now. */
export interface UsableCard extends KnownCard {
  /** The carrier has an account of its own here. */
  readonly open: boolean;
  /** Platforms whose e-waybills of this carrier can be bought. */
  readonly platforms: readonly string[];
}

export interface OrderEvents {
  readonly cards: readonly UsableCard[];
  readonly warehouses: Warehouses;
  /** Asked only while a card counts volume. */
  readonly sizes: Sizes;
  readonly countsVolume: () => Promise<boolean>;
  /** The business day in which rate cards hold. */
  readonly today: () => string;
  /** Business time. */
  readonly now: () => string;
}

/** What was asked outside before the batch: provinces of warehouses, and what goods take, mm³ of one unit. */
interface Prepared {
  readonly from: ReadonlyMap<string, string>;
  readonly sizes: ReadonlyMap<string, number>;
}

type Wishes = Pick<ParcelPlan, 'excludedCarriers' | 'preferredCarrier' | 'wishes'>;

/** What of topic order-lifecycle.order.v1 carrier acts on; a warehouse's province comes from `prepare`. */
export const orderEvents = ({ cards, warehouses, sizes, countsVolume, today, now }: OrderEvents): { readonly handlers: Readonly<Record<string, Handler>>; readonly prepare: (messages: readonly Incoming[]) => Promise<readonly unknown[]> } => {
  // Of carriers that can be bought here; nobody chooses the others.
  const cardStreams: (readonly [AnyDecider, string])[] = [[pools, allPools], [suspensions, allSuspensions], ...cards.filter(({ open, platforms }) => open || platforms.length > 0).map(({ carrier, service }): readonly [AnyDecider, string] => [rateCard, rateCardIdOf(carrier, service)])];
  const priced = (unit: Unit, from: ReadonlyMap<string, string>, warehouse: string, wishes: Wishes, content: ParcelContent, cubicMm: number): Chosen => {
    const fromProvince = from.get(warehouse);
    if (fromProvince === undefined) throw new Refused('UNKNOWN_WAREHOUSE', `no warehouse ${warehouse}; import it with allocation's Warehouses/Import, then replay`);
    const { platform } = maskedBy(content.shipTo.token);
    const known: Card[] = cards.filter(({ open, platforms }) => (platform === '' ? open : platforms.includes(platform))).map(({ carrier, service }) => ({ carrier, service, rates: unit.state(rateCard, rateCardIdOf(carrier, service)) }));
    // Carriers without an account whose branch gave the warehouse numbers in advance.
    if (platform === '') for (const card of cards) if (!card.open && unit.state(pools, allPools)[poolIdOf(card.carrier, warehouse)]?.open) known.push({ carrier: card.carrier, service: card.service, rates: unit.state(rateCard, rateCardIdOf(card.carrier, card.service)), pooled: true });
    const { country, province, city } = content.shipTo;
    const chosen = choose(known, content.service || 'STANDARD', wishes.excludedCarriers, { fromProvince, country, province, city, grams: gramsOf(content.items), cubicMm, date: today() }, wishes.preferredCarrier, holding(unit.state(suspensions, allSuspensions), now()), wishes.wishes?.includes(`buyer:carrier:${wishes.preferredCarrier ?? ''}`) ? 'the buyer' : 'routing');
    // A masked recipient is reached by the e-waybills of the platform alone.
    return platform !== '' && 'none' in chosen ? { none: { ...chosen.none, detail: `${chosen.none.detail}; ${platform} masks the recipient, and its e-waybills are taken of: ${[...new Set(known.map(({ carrier }) => carrier))].join(', ') || 'nobody'}` } } : chosen;
  };
  return {
    prepare: async (messages) => {
      const released = messages.filter(({ type }) => type === types.released).map((message) => text(message, 'warehouse')).filter((warehouse) => warehouse !== '');
      const priceable = released.length > 0 || messages.some(({ type }) => type === types.change);
      const from = priceable ? new Map([...(await warehouses.all(released))].map(([id, { province }]): [string, string] => [id, province])) : new Map<string, string>();
      const skus = priceable && (await countsVolume()) ? messages.flatMap(skusOf) : [];
      const prepared: Prepared = { from, sizes: skus.length > 0 ? await sizes(skus) : new Map() };
      return messages.map(() => prepared);
    },
    handlers: {
      [types.released]: {
        streams: (message) => [[parcel, text(message, 'parcelId')], ...cardStreams],
        handle: (message, unit, prepared) => {
          const release = parseMessage(types.released, message.data);
          if (release.external) return void unit.run(parcel, release.parcelId, { type: 'PlanExternal', data: { release } });
          const state = unit.state(parcel, release.parcelId);
          const chosen = state.status === 'NONE' ? priced(unit, (prepared as Prepared).from, release.warehouse, { ...release, ...wishesOf(release) }, plannedContent(release, state), cubicMmOf(plannedContent(release, state).items, (prepared as Prepared).sizes)) : seenBefore;
          unit.run(parcel, release.parcelId, { type: 'Plan', data: { release, chosen } });
        },
      },
      [types.change]: {
        streams: (message) => [[parcel, text(message, 'parcelId')], ...cardStreams],
        handle: (message, unit, prepared) => {
          const change = parseMessage(types.change, message.data);
          const state = unit.state(parcel, change.parcelId);
          // Goods that stay take what they took.
          const cubicMm = change.items.length > 0 ? cubicMmOf(change.items, (prepared as Prepared).sizes) : ((state.pending.at(-1)?.choice ?? state.plan?.choice)?.cubicMm ?? 0);
          // Without a plan there is nothing to price yet: the change waits for the parcel and is priced with it.
          const chosen = state.plan === null ? null : priced(unit, (prepared as Prepared).from, state.plan.warehouse, state.plan, changedContent(change, state), cubicMm);
          unit.run(parcel, change.parcelId, { type: 'Change', data: { change, chosen } });
        },
      },
      [types.cancel]: {
        streams: (message) => [[parcel, text(message, 'parcelId')]],
        handle: (message, unit) => {
          const cancel = parseMessage(types.cancel, message.data);
          unit.run(parcel, cancel.parcelId, { type: 'Cancel', data: cancel });
        },
      },
    },
  };
};

// Before the message was checked: whatever it is, checking will say so.
const text = ({ data }: Incoming, field: string): string => {
  const value = (data as Readonly<Record<string, unknown>> | null)?.[field];
  return typeof value === 'string' ? value : '';
};

const skusOf = ({ data, type }: Incoming): readonly string[] => {
  const items = (data as Readonly<Record<string, unknown>> | null)?.['items'];
  if ((type !== types.released && type !== types.change) || !Array.isArray(items)) return [];
  return items.map((item: unknown) => (item as Readonly<Record<string, unknown>> | null)?.['sku']).filter((sku): sku is string => typeof sku === 'string' && sku !== '');
};

// Of what the catalogue has measures of: at least so much.
const cubicMmOf = (items: ParcelContent['items'], sizes: ReadonlyMap<string, number>): number => items.reduce((sum, { sku, quantity }) => sum + quantity * (sizes.get(sku) ?? 0), 0);

const types = { released: 'flotilla.order.v1.FulfilmentReleased', change: 'flotilla.order.v1.FulfilmentChangeRequested', cancel: 'flotilla.order.v1.FulfilmentCancelRequested' } as const;

// A parcel that is known decides [] whatever it would cost; no card has to be read for it.
const seenBefore: Chosen = { none: { carrier: '', reason: 'SEEN', detail: '' } };
