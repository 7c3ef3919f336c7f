import { parseMessage } from '@flotilla/contracts';
import { Refused, type AnyDecider } from '@flotilla/decider';
import type { Unit } from '@flotilla/event-store';
import type { Handler, Incoming } from '@flotilla/messaging';
import { changedContent, parcel, plannedContent, type Chosen } from '../decide/parcel.decider.js';
import type { ParcelContent, ParcelPlan } from '../decide/parcel.events.js';
import { choose, gramsOf, type Card } from '../decide/quote.js';
import { rateCard, rateCardIdOf } from '../decide/rate-card.decider.js';
import { maskedBy } from '../perform/carriers/carrier.js';
import type { Warehouses } from '../perform/parties.js';

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
  /** The business day in which rate cards hold. */
  readonly today: () => string;
}

type Wishes = Pick<ParcelPlan, 'excludedCarriers' | 'preferredCarrier'>;

/** What of topic order-lifecycle.order.v1 carrier acts on; a warehouse's province comes from `prepare`. */
export const orderEvents = ({ cards, warehouses, today }: OrderEvents): { readonly handlers: Readonly<Record<string, Handler>>; readonly prepare: (messages: readonly Incoming[]) => Promise<readonly unknown[]> } => {
  // Of carriers that can be bought here; nobody chooses the others.
  const cardStreams = cards.filter(({ open, platforms }) => open || platforms.length > 0).map(({ carrier, service }): readonly [AnyDecider, string] => [rateCard, rateCardIdOf(carrier, service)]);
  const priced = (unit: Unit, from: ReadonlyMap<string, string>, warehouse: string, wishes: Wishes, content: ParcelContent): Chosen => {
    const fromProvince = from.get(warehouse);
    if (fromProvince === undefined) throw new Refused('UNKNOWN_WAREHOUSE', `no warehouse ${warehouse}; import it with allocation's Warehouses/Import, then replay`);
    const { platform } = maskedBy(content.shipTo.token);
    const known: readonly Card[] = cards.filter(({ open, platforms }) => (platform === '' ? open : platforms.includes(platform))).map(({ carrier, service }) => ({ carrier, service, rates: unit.state(rateCard, rateCardIdOf(carrier, service)) }));
    const { country, province } = content.shipTo;
    const chosen = choose(known, content.service || 'STANDARD', wishes.excludedCarriers, { fromProvince, country, province, grams: gramsOf(content.items), date: today() }, wishes.preferredCarrier);
    // A masked recipient is reached by the e-waybills of the platform alone.
    return platform !== '' && 'none' in chosen ? { none: { ...chosen.none, detail: `${chosen.none.detail}; ${platform} masks the recipient, and its e-waybills are taken of: ${[...new Set(known.map(({ carrier }) => carrier))].join(', ') || 'nobody'}` } } : chosen;
  };
  return {
    prepare: async (messages) => {
      const released = messages.filter(({ type }) => type === types.released).map((message) => text(message, 'warehouse')).filter((warehouse) => warehouse !== '');
      const priceable = released.length > 0 || messages.some(({ type }) => type === types.change);
      const from = priceable ? new Map([...(await warehouses.all(released))].map(([id, { province }]): [string, string] => [id, province])) : new Map<string, string>();
      return messages.map(() => from);
    },
    handlers: {
      [types.released]: {
        streams: (message) => [[parcel, text(message, 'parcelId')], ...cardStreams],
        handle: (message, unit, prepared) => {
          const release = parseMessage(types.released, message.data);
          if (release.external) return void unit.run(parcel, release.parcelId, { type: 'PlanExternal', data: { release } });
          const state = unit.state(parcel, release.parcelId);
          const chosen = state.status === 'NONE' ? priced(unit, prepared as ReadonlyMap<string, string>, release.warehouse, release, plannedContent(release, state)) : seenBefore;
          unit.run(parcel, release.parcelId, { type: 'Plan', data: { release, chosen } });
        },
      },
      [types.change]: {
        streams: (message) => [[parcel, text(message, 'parcelId')], ...cardStreams],
        handle: (message, unit, prepared) => {
          const change = parseMessage(types.change, message.data);
          const state = unit.state(parcel, change.parcelId);
          // Without a plan there is nothing to price yet: the change waits for the parcel and is priced with it.
          const chosen = state.plan === null ? null : priced(unit, prepared as ReadonlyMap<string, string>, state.plan.warehouse, state.plan, changedContent(change, state));
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

const types = { released: 'flotilla.order.v1.FulfilmentReleased', change: 'flotilla.order.v1.FulfilmentChangeRequested', cancel: 'flotilla.order.v1.FulfilmentCancelRequested' } as const;

// A parcel that is known decides [] whatever it would cost; no card has to be read for it.
const seenBefore: Chosen = { none: { carrier: '', reason: 'SEEN', detail: '' } };
