import { Refused, unreachable, type Decider, type Of } from '@flotilla/decider';
import type { InboundEvent, InboundHead, InboundLine, Received } from './inbound.events.js';
import { quantity } from './names.js';

type Announced = Omit<InboundHead, 'lines'> & { readonly lines: readonly { readonly sku: string; readonly quantity: number }[] };

export type InboundCommand =
  /** So many of each SKU are to come in all; a SKU that is not named stays as it was announced. */
  | { readonly type: 'AnnounceInbound'; readonly data: Announced }
  /** `complete`: nothing more will come. */
  | { readonly type: 'ReceiveInbound'; readonly data: { readonly inbound: string; readonly received: readonly Received[]; readonly complete: boolean; readonly reason: string } }
  | { readonly type: 'CloseInbound'; readonly data: { readonly inbound: string; readonly reason: string } };

/** `null`: never announced. */
export type InboundState = (InboundHead & { readonly closed: boolean; readonly reason: string }) | null;

/** The lines of one inbound. */
export const MOST_LINES = 200;

const headOf = ({ inbound, kind, warehouse, fromWarehouse, expectedAt, reference, lines }: InboundHead): InboundHead => ({ inbound, kind, warehouse, fromWarehouse, expectedAt, reference, lines });

const evolve = (state: InboundState, { type, data }: InboundEvent): InboundState => {
  switch (type) {
    case 'InboundAnnounced':
    case 'InboundReceived':
      return { ...headOf(data), closed: false, reason: '' };
    case 'InboundClosed':
      return { ...headOf(data), closed: true, reason: data.reason };
    default:
      return state;
  }
};

const announce = ({ data }: Of<InboundCommand, 'AnnounceInbound'>, state: InboundState): readonly InboundEvent[] => {
  const { inbound, kind, warehouse, fromWarehouse } = data;
  if ((kind === 'TRANSFER') === (fromWarehouse === '')) throw new Refused('BAD_REQUEST', 'a transfer, and only a transfer, comes from another warehouse: from_warehouse');
  if (fromWarehouse === warehouse) throw new Refused('BAD_REQUEST', 'a transfer goes to another warehouse');
  if (state && (state.kind !== kind || state.warehouse !== warehouse || state.fromWarehouse !== fromWarehouse)) throw new Refused('BAD_REQUEST', `${inbound} is announced as a ${state.kind} to ${state.warehouse}; give the other one a number of its own`);
  if (data.lines.length === 0) throw new Refused('NO_LINES', 'an inbound needs at least one line');
  const lines = data.lines.reduce<readonly InboundLine[]>((all, { sku, quantity: announced }) => {
    const known = all.find((line) => line.sku === sku);
    quantity(announced, `quantity of ${sku}`);
    return known ? all.map((line) => (line === known ? { ...line, announced } : line)) : [...all, { sku, announced, received: 0, unsellable: 0 }];
  }, state?.lines ?? []);
  const head: InboundHead = { ...headOf({ ...data, lines }), lines };
  if (state && JSON.stringify(headOf(state)) === JSON.stringify(head)) return [];
  if (state?.closed) throw new Refused('INBOUND_CLOSED', `${inbound} is closed; announce what is still to come under another number`);
  if (new Set(data.lines.map(({ sku }) => sku)).size < data.lines.length) throw new Refused('BAD_REQUEST', 'a SKU stands in two lines; add them up');
  if (lines.length > MOST_LINES) throw new Refused('TOO_LARGE', `an inbound has at most ${MOST_LINES} lines`);
  return [{ type: 'InboundAnnounced', data: head }];
};

const open = (state: InboundState, inbound: string): NonNullable<InboundState> => {
  if (state === null) throw new Refused('NOT_FOUND', `no inbound "${inbound}" is announced`);
  return state;
};

const receive = ({ data: { inbound, received, complete, reason } }: Of<InboundCommand, 'ReceiveInbound'>, state: InboundState): readonly InboundEvent[] => {
  const known = open(state, inbound);
  if (known.closed) throw new Refused('INBOUND_CLOSED', `${inbound} is closed; what still comes is an adjustment, or another inbound`);
  const lines = received.reduce<readonly InboundLine[]>((all, { sku, quantity: units, unsellable }) => {
    if (!all.some((line) => line.sku === sku)) throw new Refused('NOT_FOUND', `no ${sku} is announced by ${inbound}; announce it first, with quantity 0 if nobody expected it`);
    if (quantity(unsellable, `unsellable of ${sku}`) > quantity(units, `quantity of ${sku}`)) throw new Refused('BAD_QUANTITY', `${unsellable} of ${units} ${sku} cannot be unsellable`);
    return all.map((line) => (line.sku === sku ? { ...line, received: line.received + units, unsellable: line.unsellable + unsellable } : line));
  }, known.lines);
  const arrived = received.filter(({ quantity: units }) => units > 0);
  const head = { ...headOf(known), lines };
  const events: readonly InboundEvent[] = arrived.length > 0 ? [{ type: 'InboundReceived', data: { ...head, received: arrived } }] : [];
  // All of it is there: nobody has to say so.
  return complete || (arrived.length > 0 && lines.every((line) => line.received >= line.announced)) ? [...events, closed(head, reason)] : events;
};

const closed = (head: InboundHead, reason: string): InboundEvent => ({
  type: 'InboundClosed',
  data: { ...head, differences: head.lines.map(({ sku, announced, received }) => ({ sku, difference: received - announced })).filter(({ difference }) => difference !== 0), reason },
});

const decide = (command: InboundCommand, state: InboundState): readonly InboundEvent[] => {
  switch (command.type) {
    case 'AnnounceInbound':
      return announce(command, state);
    case 'ReceiveInbound':
      return receive(command, state);
    case 'CloseInbound': {
      const known = open(state, command.data.inbound);
      return known.closed ? [] : [closed(headOf(known), command.data.reason)];
    }
    default:
      return unreachable(command);
  }
};

/** Goods on their way to a warehouse, line by line; the shelves that they come to and leave move with it (coordinate/inbound.ts). */
export const inbound: Decider<InboundState, InboundCommand, InboundEvent> = { category: 'inbound', initial: null, evolve, decide };
