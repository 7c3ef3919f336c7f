import { Refused, unreachable, type Decider, type Of } from '@flotilla/decider';
import { quantity } from './names.js';
import { freeOf, nothingBeside, type Beside, type InboundKind, type Level, type StockEvent } from './stock.events.js';

interface Place {
  readonly warehouse: string;
  readonly sku: string;
}

interface Share extends Place {
  readonly lockId: string;
  readonly foId: string;
  readonly quantity: number;
}

export type StockCommand =
  /** What was counted on the shelf. `asOf` "" = now; an older count than the last one changes nothing. */
  | { readonly type: 'CountStock'; readonly data: Place & { readonly onHand: number; readonly asOf: string } }
  | { readonly type: 'AdjustStock'; readonly data: Place & { readonly delta: number; readonly reason: string } }
  /** So many become unsellable; below 0: sellable again. */
  | { readonly type: 'SetAside'; readonly data: Place & { readonly quantity: number; readonly reason: string } }
  /** So many of the unsellable are thrown away. */
  | { readonly type: 'ScrapStock'; readonly data: Place & { readonly quantity: number; readonly reason: string } }
  /** Units kept back from ordinary orders; `from`: the priority from which an order may use them, 0 = none may. */
  | { readonly type: 'SetSafety'; readonly data: Place & { readonly units: number; readonly from: number } }
  /** So many are on their way in all. */
  | { readonly type: 'AnnounceStock'; readonly data: Place & { readonly inbound: string; readonly kind: InboundKind; readonly fromWarehouse: string; readonly quantity: number; readonly expectedAt: string } }
  /** So many leave for another warehouse; below 0: they stayed. */
  | { readonly type: 'DispatchStock'; readonly data: Place & { readonly inbound: string; readonly toWarehouse: string; readonly quantity: number } }
  | { readonly type: 'ReceiveStock'; readonly data: Place & { readonly inbound: string; readonly quantity: number; readonly unsellable: number; readonly reason: string } }
  /** Nothing more will come of it. */
  | { readonly type: 'EndInbound'; readonly data: Place & { readonly inbound: string; readonly reason: string } }
  /** The ledger is elsewhere: this stream is a forecast, reset by what that ledger says. An older position changes nothing. `beside` absent: it says nothing of that. */
  | { readonly type: 'ForecastStock'; readonly data: Place & { readonly level: Level; readonly beside?: Beside; readonly from: 'PARTICIPANT' | 'WMS' | 'SUPPLIER'; readonly asOf: number; readonly at: string } }
  | { readonly type: 'HoldStock'; readonly data: Share & { readonly priority: number } }
  | { readonly type: 'ConfirmHold'; readonly data: Share }
  | { readonly type: 'ReleaseHold'; readonly data: Share & { readonly from: 'held' | 'confirmed'; readonly cause: string } }
  | { readonly type: 'TakeStock'; readonly data: Share & { readonly parcelId: string } };

/** Goods on their way. */
export interface OnTheWay {
  readonly kind: InboundKind;
  readonly fromWarehouse: string;
  readonly announced: number;
  readonly received: number;
  readonly expectedAt: string;
}

export interface StockState extends Level, Beside {
  /** What is on its way, by inbound; those that have ended are not here. */
  readonly inbound: Readonly<Record<string, OnTheWay>>;
  /** Whether anything was ever counted or adjusted here. */
  readonly known: boolean;
  readonly countedAsOf: string;
  /** The other ledger's position of the last forecast. */
  readonly forecastAsOf: number;
  /** When it said so, by its own clock. */
  readonly forecastAt: string;
}

const initial: StockState = { onHand: 0, unsellable: 0, held: 0, confirmed: 0, ...nothingBeside, inbound: {}, known: false, countedAsOf: '', forecastAsOf: 0, forecastAt: '' };

const evolve = (state: StockState, event: StockEvent): StockState => ({
  ...event.data.level,
  ...(event.data.beside ?? nothingBeside),
  inbound: inboundAfter(state, event),
  known: true,
  countedAsOf: event.type === 'StockCounted' ? event.data.asOf || state.countedAsOf : state.countedAsOf,
  forecastAsOf: event.type === 'StockForecast' ? event.data.asOf : state.forecastAsOf,
  forecastAt: event.type === 'StockForecast' ? event.data.at : state.forecastAt,
});

const inboundAfter = ({ inbound }: StockState, { type, data }: StockEvent): StockState['inbound'] => {
  switch (type) {
    case 'StockAnnounced': {
      const { kind, fromWarehouse, quantity: announced, expectedAt } = data;
      return { ...inbound, [data.inbound]: { kind, fromWarehouse, announced, received: inbound[data.inbound]?.received ?? 0, expectedAt } };
    }
    case 'StockReceived': {
      const known = inbound[data.inbound];
      return known ? { ...inbound, [data.inbound]: { ...known, received: known.received + data.quantity } } : inbound;
    }
    case 'InboundEnded': {
      const { [data.inbound]: _ended, ...rest } = inbound;
      return rest;
    }
    default:
      return inbound;
  }
};

/** What is still to come of it. */
export const outstanding = ({ announced, received }: OnTheWay): number => Math.max(0, announced - received);

// The promise itself. Whatever asks, however it was checked before: a level that breaks it is never written.
const kept = (level: Level): Level => {
  const { onHand, unsellable, held, confirmed } = level;
  const whole = [onHand, unsellable, held, confirmed].every((figure) => Number.isSafeInteger(figure) && figure >= 0);
  if (!whole || freeOf(level) < 0) throw new Error(`a level that breaks the promise: ${JSON.stringify(level)}`);
  return level;
};

const levelOf = ({ onHand, unsellable, held, confirmed }: StockState, change: Partial<Level>): Level => kept({ onHand, unsellable, held, confirmed, ...change });

// What an event says of the shelf after it. Nothing is said of nothing: most shelves have neither safety stock nor anything on its way.
const after = (level: Level, { safety, safetyFrom, inTransit }: Beside): { readonly level: Level; readonly beside?: Beside } =>
  safety === 0 && safetyFrom === 0 && inTransit === 0 ? { level } : { level, beside: { safety, safetyFrom, inTransit } };

// Goods that are promised are not counted away: the coordinator displaces locks first (participant.ts), else this is refused.
const shelf = (state: StockState, change: Partial<Level>, beside: Partial<Beside> = {}): ReturnType<typeof after> => {
  const left = { ...state, ...change };
  if (left.onHand < 0 || left.unsellable < 0 || left.onHand < left.unsellable) {
    throw new Refused('NEGATIVE_STOCK', `this would leave ${left.onHand} on hand, ${left.unsellable} of them unsellable`);
  }
  if (freeOf(left) < 0) throw new Refused('NEGATIVE_STOCK', `this would leave ${left.onHand - left.unsellable} to sell while ${state.held + state.confirmed} are promised`);
  return after(levelOf(state, change), { ...state, ...beside });
};

const count = ({ data }: Of<StockCommand, 'CountStock'>, state: StockState): readonly StockEvent[] => {
  const { warehouse, sku, asOf } = data;
  const onHand = quantity(data.onHand, 'on_hand');
  if (asOf !== '' && asOf < state.countedAsOf) return [];
  if (state.known && onHand === state.onHand) return [];
  return [{ type: 'StockCounted', data: { warehouse, sku, was: state.onHand, asOf, ...shelf(state, { onHand }) } }];
};

const adjust = ({ data }: Of<StockCommand, 'AdjustStock'>, state: StockState): readonly StockEvent[] => {
  if (!Number.isSafeInteger(data.delta)) throw new Refused('BAD_QUANTITY', `delta is ${data.delta}, not a whole number`);
  if (data.delta === 0) return [];
  return [{ type: 'StockAdjusted', data: { ...data, ...shelf(state, { onHand: state.onHand + data.delta }) } }];
};

const setAside = ({ data }: Of<StockCommand, 'SetAside'>, state: StockState): readonly StockEvent[] => {
  if (!Number.isSafeInteger(data.quantity)) throw new Refused('BAD_QUANTITY', `delta is ${-data.quantity}, not a whole number`);
  if (data.quantity === 0) return [];
  return [{ type: 'StockSetAside', data: { ...data, ...shelf(state, { unsellable: state.unsellable + data.quantity }) } }];
};

const scrap = ({ data }: Of<StockCommand, 'ScrapStock'>, state: StockState): readonly StockEvent[] => {
  const units = quantity(data.quantity, 'what is thrown away');
  return units === 0 ? [] : [{ type: 'StockScrapped', data: { ...data, ...shelf(state, { onHand: state.onHand - units, unsellable: state.unsellable - units }) } }];
};

const setSafety = ({ data: { warehouse, sku, units, from } }: Of<StockCommand, 'SetSafety'>, state: StockState): readonly StockEvent[] => {
  quantity(units, 'safety');
  quantity(from, 'safety_from_priority');
  if (units === state.safety && from === state.safetyFrom) return [];
  return [{ type: 'SafetySet', data: { warehouse, sku, was: state.safety, ...after(levelOf(state, {}), { safety: units, safetyFrom: from, inTransit: state.inTransit }) } }];
};

/** Inbounds of one shelf that may be open at once. */
const MOST_INBOUNDS = 1_000;

// Of what is on its way, with one changed; `null` = it has ended.
const inTransit = ({ inbound }: StockState, id: string, now: OnTheWay | null): number =>
  Object.entries(inbound).reduce((sum, [other, one]) => (other === id ? sum : sum + outstanding(one)), now ? outstanding(now) : 0);

const announce = ({ data }: Of<StockCommand, 'AnnounceStock'>, state: StockState): readonly StockEvent[] => {
  const { inbound: id, kind, fromWarehouse, expectedAt } = data;
  const announced = quantity(data.quantity, 'quantity');
  const known = state.inbound[id];
  if (known && known.announced === announced && known.expectedAt === expectedAt) return [];
  if (known && announced < known.received) throw new Refused('BAD_QUANTITY', `${known.received} of ${data.sku} have arrived of ${id}, it cannot be ${announced} in all`);
  if (!known && Object.keys(state.inbound).length >= MOST_INBOUNDS) throw new Refused('TOO_LARGE', `${MOST_INBOUNDS} inbounds of ${data.sku} are open in ${data.warehouse}; receive or close some`);
  const now: OnTheWay = { kind, fromWarehouse, announced, received: known?.received ?? 0, expectedAt };
  return [{ type: 'StockAnnounced', data: { ...data, ...after(levelOf(state, {}), { ...state, inTransit: inTransit(state, id, now) }) } }];
};

const dispatch = ({ data }: Of<StockCommand, 'DispatchStock'>, state: StockState): readonly StockEvent[] => {
  if (!Number.isSafeInteger(data.quantity)) throw new Refused('BAD_QUANTITY', `quantity is ${data.quantity}, not a whole number`);
  return data.quantity === 0 ? [] : [{ type: 'StockDispatched', data: { ...data, ...shelf(state, { onHand: state.onHand - data.quantity }) } }];
};

const receive = ({ data }: Of<StockCommand, 'ReceiveStock'>, state: StockState): readonly StockEvent[] => {
  const [units, unsellable] = [quantity(data.quantity, 'quantity'), quantity(data.unsellable, 'unsellable')];
  if (unsellable > units) throw new Refused('BAD_QUANTITY', `${unsellable} of ${units} cannot be unsellable`);
  const known = state.inbound[data.inbound];
  if (!known) throw new Refused('NOT_FOUND', `nothing of ${data.sku} is announced by ${data.inbound}`);
  if (units === 0) return [];
  const now = { ...known, received: known.received + units };
  return [{ type: 'StockReceived', data: { ...data, ...shelf(state, { onHand: state.onHand + units, unsellable: state.unsellable + unsellable }, { inTransit: inTransit(state, data.inbound, now) }) } }];
};

const end = ({ data: { warehouse, sku, inbound: id, reason } }: Of<StockCommand, 'EndInbound'>, state: StockState): readonly StockEvent[] => {
  const known = state.inbound[id];
  if (!known) return [];
  const { announced, received } = known;
  return [{ type: 'InboundEnded', data: { warehouse, sku, inbound: id, announced, received, difference: received - announced, reason, ...after(levelOf(state, {}), { ...state, inTransit: inTransit(state, id, null) }) } }];
};

const forecast = ({ data: { beside, ...data } }: Of<StockCommand, 'ForecastStock'>, state: StockState): readonly StockEvent[] =>
  state.known && data.asOf < state.forecastAsOf ? [] : [{ type: 'StockForecast', data: { ...data, ...after(kept(data.level), beside ?? state) } }];

const hold = ({ data }: Of<StockCommand, 'HoldStock'>, state: StockState): readonly StockEvent[] => {
  if (freeOf(state) < data.quantity) throw new Refused('SHORT', `${data.quantity} of ${data.sku} are asked of ${data.warehouse}, ${freeOf(state)} are free`);
  return [{ type: 'StockHeld', data: { ...data, ...after(levelOf(state, { held: state.held + data.quantity }), state) } }];
};

const confirm = ({ data }: Of<StockCommand, 'ConfirmHold'>, state: StockState): readonly StockEvent[] => [
  { type: 'HoldConfirmed', data: { ...data, ...after(levelOf(state, { held: state.held - data.quantity, confirmed: state.confirmed + data.quantity }), state) } },
];

const release = ({ data }: Of<StockCommand, 'ReleaseHold'>, state: StockState): readonly StockEvent[] => [
  { type: 'HoldReleased', data: { ...data, ...after(levelOf(state, { [data.from]: state[data.from] - data.quantity }), state) } },
];

const take = ({ data }: Of<StockCommand, 'TakeStock'>, state: StockState): readonly StockEvent[] => [
  { type: 'StockTaken', data: { ...data, ...after(levelOf(state, { onHand: state.onHand - data.quantity, confirmed: state.confirmed - data.quantity }), state) } },
];

const decide = (command: StockCommand, state: StockState): readonly StockEvent[] => {
  switch (command.type) {
    case 'CountStock':
      return count(command, state);
    case 'AdjustStock':
      return adjust(command, state);
    case 'SetAside':
      return setAside(command, state);
    case 'ScrapStock':
      return scrap(command, state);
    case 'SetSafety':
      return setSafety(command, state);
    case 'AnnounceStock':
      return announce(command, state);
    case 'DispatchStock':
      return dispatch(command, state);
    case 'ReceiveStock':
      return receive(command, state);
    case 'EndInbound':
      return end(command, state);
    case 'ForecastStock':
      return forecast(command, state);
    case 'HoldStock':
      return hold(command, state);
    case 'ConfirmHold':
      return confirm(command, state);
    case 'ReleaseHold':
      return release(command, state);
    case 'TakeStock':
      return take(command, state);
    default:
      return unreachable(command);
  }
};

/** Stock of one SKU in one warehouse: the only writer of its quantities. Which lock has how much stands in the lock's stream; both are written as one unit. */
export const stock: Decider<StockState, StockCommand, StockEvent> = { category: 'stock', initial, evolve, decide, stateVersion: 2 };
