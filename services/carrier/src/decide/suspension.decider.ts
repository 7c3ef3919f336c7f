import { Refused, unreachable, type Decider } from '@flotilla/decider';

/** A carrier does not collect or deliver in a region for a time: weather, a strike; or not at all. */
export interface Suspension {
  readonly id: string;
  /** "*" = all. */
  readonly carrier: string;
  /** As zones of rate cards. */
  readonly region: string;
  /** "" = all of the region. */
  readonly city: string;
  readonly way: 'COLLECT' | 'DELIVER' | 'BOTH';
  /** Business time; `until` "" = until it is lifted, and not included. In a command `from` "" = now, or since when it holds. */
  readonly from: string;
  readonly until: string;
  readonly reason: string;
}

export type Suspensions = Readonly<Record<string, Suspension>>;
export type SuspensionCommand =
  | { readonly type: 'Suspend'; readonly data: Omit<Suspension, 'id'> & { readonly at: string } }
  | { readonly type: 'Lift'; readonly data: { readonly id: string; readonly at: string } };
export type SuspensionEvent = { readonly type: 'CarrierSuspended'; readonly data: Suspension & { readonly at: string } } | { readonly type: 'SuspensionLifted'; readonly data: { readonly id: string; readonly at: string } };

const most = 2_000;

export const suspensionIdOf = ({ carrier, region, city, way, from }: Omit<Suspension, 'id' | 'until' | 'reason'>): string => [carrier, region, city, way, from].join('|');

/** Stream `suspensions-all`: one, since every parcel looks at all that hold. What is over is forgotten with the next one. */
export const suspensions: Decider<Suspensions, SuspensionCommand, SuspensionEvent> = {
  category: 'suspensions',
  stateVersion: 1,
  initial: {},
  evolve: (state, event) => {
    switch (event.type) {
      case 'CarrierSuspended': {
        const { at, ...next } = event.data;
        return { ...Object.fromEntries(Object.entries(state).filter(([, { until }]) => until === '' || until > at)), [next.id]: next };
      }
      case 'SuspensionLifted':
        return Object.fromEntries(Object.entries(state).filter(([id]) => id !== event.data.id));
      default:
        return state;
    }
  },
  decide: (command, state) => {
    switch (command.type) {
      case 'Suspend': {
        const { at, ...said } = command.data;
        const data = { ...said, from: said.from || since(state, said, at) };
        if (data.until !== '' && data.until <= data.from) throw new Refused('BAD_INSTANT', `until ${data.until} is not after from ${data.from}`);
        if (data.until !== '' && data.until <= at) throw new Refused('BAD_INSTANT', `until ${data.until} is over`);
        const next: Suspension = { id: suspensionIdOf(data), ...data };
        const known = state[next.id];
        if (known && known.until === next.until && known.reason === next.reason) return [];
        if (!known && Object.values(state).filter(({ until }) => until === '' || until > at).length >= most) throw new Refused('TOO_LARGE', `${most} suspensions hold already; lift what is over, or name larger regions`);
        return [{ type: 'CarrierSuspended', data: { ...next, at } }];
      }
      case 'Lift':
        return Object.hasOwn(state, command.data.id) ? [{ type: 'SuspensionLifted', data: command.data }] : [];
      default:
        return unreachable(command);
    }
  },
};

// Said again without a beginning it is the one that holds already: else each repeat would be another.
const since = (state: Suspensions, { carrier, region, city, way }: Omit<Suspension, 'id'>, at: string): string =>
  Object.values(state).find((one) => one.carrier === carrier && one.region === region && one.city === city && one.way === way && one.from <= at && (one.until === '' || one.until > at))?.from ?? at;

/** A suspension as it stands now that it was put. */
export const heldAs = (state: Suspensions, said: Omit<Suspension, 'id'>, at: string): Suspension => state[suspensionIdOf({ ...said, from: said.from || since(state, said, at) })]!;

export const allSuspensions = 'all';
