import { Refused, unreachable, type Decider, type Of } from '@flotilla/decider';
import { quantity } from './names.js';
import { freeOf, type Level, type StockEvent } from './stock.events.js';

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
  /** The ledger is elsewhere: this stream is a forecast, reset by what that ledger says. An older position changes nothing. */
  | { readonly type: 'ForecastStock'; readonly data: Place & { readonly level: Level; readonly from: 'PARTICIPANT' | 'WMS' | 'SUPPLIER'; readonly asOf: number; readonly at: string } }
  | { readonly type: 'HoldStock'; readonly data: Share & { readonly priority: number } }
  | { readonly type: 'ConfirmHold'; readonly data: Share }
  | { readonly type: 'ReleaseHold'; readonly data: Share & { readonly from: 'held' | 'confirmed'; readonly cause: string } }
  | { readonly type: 'TakeStock'; readonly data: Share & { readonly parcelId: string } };

export interface StockState extends Level {
  /** Whether anything was ever counted or adjusted here. */
  readonly known: boolean;
  readonly countedAsOf: string;
  /** The other ledger's position of the last forecast. */
  readonly forecastAsOf: number;
  /** When it said so, by its own clock. */
  readonly forecastAt: string;
}

const initial: StockState = { onHand: 0, unsellable: 0, held: 0, confirmed: 0, known: false, countedAsOf: '', forecastAsOf: 0, forecastAt: '' };

const evolve = (state: StockState, event: StockEvent): StockState => ({
  ...event.data.level,
  known: true,
  countedAsOf: event.type === 'StockCounted' ? event.data.asOf || state.countedAsOf : state.countedAsOf,
  forecastAsOf: event.type === 'StockForecast' ? event.data.asOf : state.forecastAsOf,
  forecastAt: event.type === 'StockForecast' ? event.data.at : state.forecastAt,
});

// The promise itself. Whatever asks, however it was checked before: a level that breaks it is never written.
const kept = (level: Level): Level => {
  const { onHand, unsellable, held, confirmed } = level;
  const whole = [onHand, unsellable, held, confirmed].every((figure) => Number.isSafeInteger(figure) && figure >= 0);
  if (!whole || freeOf(level) < 0) throw new Error(`a level that breaks the promise: ${JSON.stringify(level)}`);
  return level;
};

const levelOf = ({ onHand, unsellable, held, confirmed }: StockState, change: Partial<Level>): Level => kept({ onHand, unsellable, held, confirmed, ...change });

// Goods that are promised are not counted away: the coordinator displaces locks first (participant.ts), else this is refused.
const shelf = (state: StockState, change: Partial<Level>): Level => {
  const after = { ...state, ...change };
  if (after.onHand < 0 || after.unsellable < 0 || after.onHand < after.unsellable) {
    throw new Refused('NEGATIVE_STOCK', `this would leave ${after.onHand} on hand, ${after.unsellable} of them unsellable`);
  }
  if (freeOf(after) < 0) throw new Refused('NEGATIVE_STOCK', `this would leave ${after.onHand - after.unsellable} to sell while ${state.held + state.confirmed} are promised`);
  return levelOf(state, change);
};

const count = ({ data }: Of<StockCommand, 'CountStock'>, state: StockState): readonly StockEvent[] => {
  const { warehouse, sku, asOf } = data;
  const onHand = quantity(data.onHand, 'on_hand');
  if (asOf !== '' && asOf < state.countedAsOf) return [];
  if (state.known && onHand === state.onHand) return [];
  return [{ type: 'StockCounted', data: { warehouse, sku, was: state.onHand, asOf, level: shelf(state, { onHand }) } }];
};

const adjust = ({ data }: Of<StockCommand, 'AdjustStock'>, state: StockState): readonly StockEvent[] => {
  if (!Number.isSafeInteger(data.delta)) throw new Refused('BAD_QUANTITY', `delta is ${data.delta}, not a whole number`);
  if (data.delta === 0) return [];
  return [{ type: 'StockAdjusted', data: { ...data, level: shelf(state, { onHand: state.onHand + data.delta }) } }];
};

const setAside = ({ data }: Of<StockCommand, 'SetAside'>, state: StockState): readonly StockEvent[] => {
  if (!Number.isSafeInteger(data.quantity)) throw new Refused('BAD_QUANTITY', `delta is ${-data.quantity}, not a whole number`);
  if (data.quantity === 0) return [];
  return [{ type: 'StockSetAside', data: { ...data, level: shelf(state, { unsellable: state.unsellable + data.quantity }) } }];
};

const forecast = ({ data }: Of<StockCommand, 'ForecastStock'>, state: StockState): readonly StockEvent[] =>
  state.known && data.asOf < state.forecastAsOf ? [] : [{ type: 'StockForecast', data: { ...data, level: kept(data.level) } }];

const hold = ({ data }: Of<StockCommand, 'HoldStock'>, state: StockState): readonly StockEvent[] => {
  if (freeOf(state) < data.quantity) throw new Refused('SHORT', `${data.quantity} of ${data.sku} are asked of ${data.warehouse}, ${freeOf(state)} are free`);
  return [{ type: 'StockHeld', data: { ...data, level: levelOf(state, { held: state.held + data.quantity }) } }];
};

const confirm = ({ data }: Of<StockCommand, 'ConfirmHold'>, state: StockState): readonly StockEvent[] => [
  { type: 'HoldConfirmed', data: { ...data, level: levelOf(state, { held: state.held - data.quantity, confirmed: state.confirmed + data.quantity }) } },
];

const release = ({ data }: Of<StockCommand, 'ReleaseHold'>, state: StockState): readonly StockEvent[] => [
  { type: 'HoldReleased', data: { ...data, level: levelOf(state, { [data.from]: state[data.from] - data.quantity }) } },
];

const take = ({ data }: Of<StockCommand, 'TakeStock'>, state: StockState): readonly StockEvent[] => [
  { type: 'StockTaken', data: { ...data, level: levelOf(state, { onHand: state.onHand - data.quantity, confirmed: state.confirmed - data.quantity }) } },
];

const decide = (command: StockCommand, state: StockState): readonly StockEvent[] => {
  switch (command.type) {
    case 'CountStock':
      return count(command, state);
    case 'AdjustStock':
      return adjust(command, state);
    case 'SetAside':
      return setAside(command, state);
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
export const stock: Decider<StockState, StockCommand, StockEvent> = { category: 'stock', initial, evolve, decide, stateVersion: 1 };
