import { Refused, unreachable, type Decider, type Of } from '@flotilla/decider';
import type { InboundEvent, InboundHead, InboundLine, Received } from './inbound.events.js';
import { quantity } from './names.js';

type Lines = readonly { readonly sku: string; readonly quantity: number }[];
type Announced = Omit<InboundHead, 'lines'> & { readonly lines: Lines };

export type InboundCommand =
  /** So many of each SKU are to come in all; a SKU that is not named stays as it was announced. */
  | { readonly type: 'AnnounceInbound'; readonly data: Announced }
  /** `complete`: nothing more will come. */
  | { readonly type: 'ReceiveInbound'; readonly data: { readonly inbound: string; readonly received: readonly Received[]; readonly complete: boolean; readonly reason: string } }
  | { readonly type: 'CloseInbound'; readonly data: { readonly inbound: string; readonly reason: string } }
  /** All that is wanted of another warehouse. */
  | { readonly type: 'RequestTransfer'; readonly data: Announced }
  /** No lines: all that is requested. `expectedAt` "": as it was. */
  | { readonly type: 'ShipTransfer'; readonly data: { readonly inbound: string; readonly lines: Lines; readonly expectedAt: string; readonly reason: string } }
  | { readonly type: 'CancelTransfer'; readonly data: { readonly inbound: string; readonly reason: string } };

/** `requested`: a transfer that has not left; `open`: something is on its way; `closed`: nothing more will come; `cancelled`: it never left. */
export type InboundPhase = 'requested' | 'open' | 'closed' | 'cancelled';

/** `null`: never heard of. `reason`: of its end, of what was not shipped, or said when it arrived. */
export type InboundState = (InboundHead & { readonly phase: InboundPhase; readonly reason: string }) | null;

/** The lines of one inbound. */
export const MOST_LINES = 200;

const headOf = ({ inbound, kind, warehouse, fromWarehouse, expectedAt, reference, lines }: InboundHead): InboundHead => ({ inbound, kind, warehouse, fromWarehouse, expectedAt, reference, lines });

const evolve = (state: InboundState, { type, data }: InboundEvent): InboundState => {
  switch (type) {
    case 'InboundAnnounced':
      return { ...headOf(data), phase: 'open', reason: '' };
    // Why less was shipped still holds when some of it has arrived.
    case 'InboundReceived':
      return { ...headOf(data), phase: 'open', reason: data.reason || (state?.reason ?? '') };
    case 'InboundClosed':
      return { ...headOf(data), phase: 'closed', reason: data.reason || (state?.reason ?? '') };
    case 'TransferRequested':
      return { ...headOf(data), phase: 'requested', reason: '' };
    case 'TransferShipped':
      return { ...headOf(data), phase: 'open', reason: data.reason };
    case 'TransferCancelled':
      return { ...headOf(data), phase: 'cancelled', reason: data.reason };
    default:
      return state;
  }
};

// What every order of goods has to be, and whether it can be this one.
const sensible = ({ inbound, kind, warehouse, fromWarehouse, lines }: Announced, state: InboundState): void => {
  if ((kind === 'TRANSFER') === (fromWarehouse === '')) throw new Refused('BAD_REQUEST', 'a transfer, and only a transfer, comes from another warehouse: from_warehouse');
  if (fromWarehouse === warehouse) throw new Refused('BAD_REQUEST', 'a transfer goes to another warehouse');
  if (state && (state.kind !== kind || state.warehouse !== warehouse || state.fromWarehouse !== fromWarehouse)) throw new Refused('BAD_REQUEST', `${inbound} is announced as a ${state.kind} to ${state.warehouse}; give the other one a number of its own`);
  if (lines.length === 0) throw new Refused('NO_LINES', 'an inbound needs at least one line');
  for (const { sku, quantity: units } of lines) quantity(units, `quantity of ${sku}`);
};

const unlike = (lines: Lines): void => {
  if (new Set(lines.map(({ sku }) => sku)).size < lines.length) throw new Refused('BAD_REQUEST', 'a SKU stands in two lines; add them up');
  if (lines.length > MOST_LINES) throw new Refused('TOO_LARGE', `an inbound has at most ${MOST_LINES} lines`);
};

const announce = ({ data }: Of<InboundCommand, 'AnnounceInbound'>, state: InboundState): readonly InboundEvent[] => {
  sensible(data, state);
  const lines = data.lines.reduce<readonly InboundLine[]>((all, { sku, quantity: announced }) => {
    const known = all.find((line) => line.sku === sku);
    return known ? all.map((line) => (line === known ? { ...line, announced } : line)) : [...all, { sku, announced, received: 0, unsellable: 0 }];
  }, state?.lines ?? []);
  const head: InboundHead = { ...headOf({ ...data, lines }), lines };
  if (state && JSON.stringify(headOf(state)) === JSON.stringify(head)) return [];
  if (state) underWay(state, 'announce what is still to come under another number');
  unlike(data.lines);
  if (lines.length > MOST_LINES) throw new Refused('TOO_LARGE', `an inbound has at most ${MOST_LINES} lines`);
  return [{ type: 'InboundAnnounced', data: head }];
};

const request = ({ data }: Of<InboundCommand, 'RequestTransfer'>, state: InboundState): readonly InboundEvent[] => {
  if (data.kind !== 'TRANSFER') throw new Refused('BAD_REQUEST', `only a transfer is requested, not a ${data.kind}`);
  sensible(data, state);
  unlike(data.lines);
  if (data.lines.every(({ quantity: requested }) => requested === 0)) throw new Refused('NO_LINES', 'a transfer of nothing is none; cancel it with Inbounds/CancelTransfer');
  const nothing = data.lines.find(({ quantity: requested }) => requested === 0);
  if (nothing) throw new Refused('BAD_QUANTITY', `a line of 0 ${nothing.sku} asks for nothing; leave it out`);
  const known = state && { ...headOf(state), lines: state.lines.map(({ sku, requested = 0 }) => ({ sku, requested })) };
  const head: InboundHead = { ...headOf({ ...data, lines: [] }), lines: data.lines.map(({ sku, quantity: requested }) => ({ sku, requested, announced: 0, received: 0, unsellable: 0 })) };
  if (known && JSON.stringify(known) === JSON.stringify({ ...head, lines: head.lines.map(({ sku, requested }) => ({ sku, requested })) })) return [];
  if (state && state.phase !== 'requested') throw left(state);
  return [{ type: 'TransferRequested', data: head }];
};

const ship = ({ data: { inbound, lines, expectedAt, reason } }: Of<InboundCommand, 'ShipTransfer'>, state: InboundState): readonly InboundEvent[] => {
  const known = open(state, inbound);
  unlike(lines);
  for (const { sku, quantity: units } of lines) {
    const { requested = 0 } = known.lines.find((line) => line.sku === sku) ?? {};
    if (quantity(units, `quantity of ${sku}`) > requested) throw new Refused('BAD_QUANTITY', `${units} of ${sku} are to leave, ${requested} are requested by ${inbound}; request more first`);
  }
  const shipped = known.lines.map((line): InboundLine => ({ ...line, announced: lines.length === 0 ? (line.requested ?? 0) : (lines.find(({ sku }) => sku === line.sku)?.quantity ?? 0) }));
  if (known.phase === 'open' && known.kind === 'TRANSFER' && JSON.stringify(known.lines.map(({ announced }) => announced)) === JSON.stringify(shipped.map(({ announced }) => announced))) return [];
  if (known.phase !== 'requested') throw left(known);
  if (shipped.every(({ announced }) => announced === 0)) throw new Refused('NO_LINES', `nothing of ${inbound} would leave; cancel it with Inbounds/CancelTransfer`);
  return [{ type: 'TransferShipped', data: { ...headOf({ ...known, expectedAt: expectedAt || known.expectedAt, lines: shipped }), reason } }];
};

const cancel = ({ data: { inbound, reason } }: Of<InboundCommand, 'CancelTransfer'>, state: InboundState): readonly InboundEvent[] => {
  const known = open(state, inbound);
  if (known.phase === 'cancelled') return [];
  if (known.phase !== 'requested') throw left(known);
  return [{ type: 'TransferCancelled', data: { ...headOf(known), reason } }];
};

// Why there is nothing to request, ship or cancel any more.
const left = ({ inbound, phase }: NonNullable<InboundState>): Refused =>
  phase === 'open'
    ? new Refused('TRANSFER_SHIPPED', `${inbound} is on its way: receive it, end it with Inbounds/End if it will not arrive, or bring it back by another transfer`)
    : new Refused('INBOUND_CLOSED', `${inbound} is ${phase}; request what is still wanted under another number`);

// Something of it is, or may be, on its way.
const underWay = ({ inbound, phase }: NonNullable<InboundState>, otherwise: string): void => {
  if (phase === 'requested') throw new Refused('TRANSFER_NOT_SHIPPED', `${inbound} has not left: Inbounds/ShipTransfer or Inbounds/CancelTransfer`);
  if (phase !== 'open') throw new Refused('INBOUND_CLOSED', `${inbound} is ${phase}; ${otherwise}`);
};

const open = (state: InboundState, inbound: string): NonNullable<InboundState> => {
  if (state === null) throw new Refused('NOT_FOUND', `no inbound "${inbound}" is announced`);
  return state;
};

const receive = ({ data: { inbound, received, complete, reason } }: Of<InboundCommand, 'ReceiveInbound'>, state: InboundState): readonly InboundEvent[] => {
  const known = open(state, inbound);
  underWay(known, 'what still comes is an adjustment, or another inbound');
  const lines = received.reduce<readonly InboundLine[]>((all, { sku, quantity: units, unsellable }) => {
    if (!all.some((line) => line.sku === sku)) throw new Refused('NOT_FOUND', `no ${sku} is announced by ${inbound}; announce it first, with quantity 0 if nobody expected it`);
    if (quantity(unsellable, `unsellable of ${sku}`) > quantity(units, `quantity of ${sku}`)) throw new Refused('BAD_QUANTITY', `${unsellable} of ${units} ${sku} cannot be unsellable`);
    return all.map((line) => (line.sku === sku ? { ...line, received: line.received + units, unsellable: line.unsellable + unsellable } : line));
  }, known.lines);
  const arrived = received.filter(({ quantity: units }) => units > 0);
  const head = { ...headOf(known), lines };
  const events: readonly InboundEvent[] = arrived.length > 0 ? [{ type: 'InboundReceived', data: { ...head, received: arrived, reason } }] : [];
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
      if (known.phase === 'closed') return [];
      underWay(known, 'nothing of it was ever on its way');
      return [closed(headOf(known), command.data.reason)];
    }
    case 'RequestTransfer':
      return request(command, state);
    case 'ShipTransfer':
      return ship(command, state);
    case 'CancelTransfer':
      return cancel(command, state);
    default:
      return unreachable(command);
  }
};

/** Goods on their way to a warehouse, or wanted there from another, line by line; the shelves that they come to and leave move with it (coordinate/inbound.ts). */
export const inbound: Decider<InboundState, InboundCommand, InboundEvent> = { category: 'inbound', initial: null, evolve, decide };
