import { unreachable, type Decider, type Of } from '@flotilla/decider';
import type { ShipByEvent } from './ship-by.events.js';

export type ShipByCommand =
  /** The platform's word, `modifiedAt` by its clock; `due` null: nothing is to be shipped by any time. */
  | { readonly type: 'NoteShipBy'; readonly data: { readonly orderId: string; readonly channel: string; readonly channelOrderId: string; readonly modifiedAt: string; readonly due: { readonly from: string; readonly until: string } | null; readonly at: string } }
  /** The platform has taken all that it waits for; or the order is not sent any more. */
  | { readonly type: 'EndShipBy'; readonly data: { readonly orderId: string; readonly at: string } }
  | { readonly type: 'LookAtShipBy'; readonly data: { readonly orderId: string; readonly platform: string; readonly at: string } };

interface Due {
  readonly orderId: string;
  readonly channel: string;
  readonly channelOrderId: string;
  readonly shipBy: string;
  readonly nearAt: string;
}

export interface ShipBy {
  readonly due: Due | null;
  /** Of the platform's newest word. */
  readonly modifiedAt: string;
  /** A deadline is over, because all was told or the platform says so: whatever the platform says after that begins none. */
  readonly ended: boolean;
  /** How often it was raised; `raised`: and is not over. */
  readonly times: number;
  readonly raised: boolean;
}

const initial: ShipBy = { due: null, modifiedAt: '', ended: false, times: 0, raised: false };

/** Of the time that the platform gives. */
const nearPart = 0.8;

const evolve = (state: ShipBy, { type, data }: ShipByEvent): ShipBy => {
  switch (type) {
    case 'ShipBySet': {
      const { modifiedAt, ...due } = data;
      return { ...state, due, modifiedAt, ended: false };
    }
    case 'ShipByMet':
      return { ...state, due: null, ended: state.ended || state.due !== null, modifiedAt: data.modifiedAt };
    case 'ChannelShipByNear':
      return { ...state, times: data.time, raised: true };
    case 'ChannelShipByOver':
      return { ...state, due: null, ended: true, raised: false };
    default:
      return state;
  }
};

const note = ({ data }: Of<ShipByCommand, 'NoteShipBy'>, state: ShipBy): readonly ShipByEvent[] => {
  const { due, at, modifiedAt, ...order } = data;
  if (modifiedAt < state.modifiedAt) return [];
  // Where nothing was due it is remembered, too: a replay of an older word would begin a deadline for what was sent long ago.
  if (due === null && state.due === null) return state.ended || modifiedAt === state.modifiedAt ? [] : [{ type: 'ShipByMet', data: { orderId: data.orderId, modifiedAt } }];
  if (due === null) return over(data.orderId, at, modifiedAt, state);
  // A pull that was under way while we told it, or one that comes before the platform shows what it took.
  if (state.ended || state.due?.shipBy === due.until) return [];
  const nearAt = new Date(Date.parse(due.from) + Math.max(0, Date.parse(due.until) - Date.parse(due.from)) * nearPart).toISOString();
  const set: ShipByEvent = { type: 'ShipBySet', data: { ...order, shipBy: due.until, nearAt, modifiedAt } };
  // The platform has given more time.
  return state.raised && nearAt > at ? [{ type: 'ChannelShipByOver', data: { orderId: data.orderId, channel: data.channel, time: state.times, endedAt: at } }, set] : [set];
};

const over = (orderId: string, at: string, modifiedAt: string, { due, raised, times }: ShipBy): readonly ShipByEvent[] => {
  if (due === null) return [];
  return raised ? [{ type: 'ChannelShipByOver', data: { orderId, channel: due.channel, time: times, endedAt: at } }] : [{ type: 'ShipByMet', data: { orderId, modifiedAt } }];
};

const look = ({ data: { platform, at } }: Of<ShipByCommand, 'LookAtShipBy'>, { due, raised, times }: ShipBy): readonly ShipByEvent[] => {
  if (due === null || raised || at < due.nearAt) return [];
  const { nearAt: _, ...told } = due;
  return [{ type: 'ChannelShipByNear', data: { ...told, platform, time: times + 1, raisedAt: at } }];
};

const decide = (command: ShipByCommand, state: ShipBy): readonly ShipByEvent[] => {
  switch (command.type) {
    case 'NoteShipBy':
      return note(command, state);
    case 'EndShipBy':
      return over(command.data.orderId, command.data.at, state.modifiedAt, state);
    case 'LookAtShipBy':
      return look(command, state);
    default:
      return unreachable(command);
  }
};

/** The platform's deadline of one order: four fifths of it are over and not all of it is told, and people hear of it. */
export const shipBy: Decider<ShipBy, ShipByCommand, ShipByEvent> = { category: 'shipBy', initial, evolve, decide };
