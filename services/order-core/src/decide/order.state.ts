import type { common, order } from '@flotilla/contracts';
import type { AddressReading } from './address.js';
import { unmatched, type Line } from './content.js';
import type { EarlyFact, OrderEvent, RefundNoted, Stage } from './order.events.js';

export interface Hold {
  readonly holdId: string;
  readonly type: string;
  readonly blocks: readonly string[];
  readonly reason: string;
}

export interface Cancellation {
  readonly reason: string;
  readonly by: string;
  readonly stage: Stage;
  /** Why it came to nothing; "" while it is under way. */
  readonly refused: string;
}

export interface Placed {
  readonly channel: string;
  readonly platform: string;
  readonly channelOrderId: string;
  readonly number: string;
  readonly placedAt: string;
  readonly paymentDueAt: string;
  readonly buyer: common.Buyer;
  readonly tags: readonly string[];
  readonly priority: number;
  /** Sealed; "" if the buyer wants no card, or its text cannot be told; absent in what was stored before there were cards. */
  readonly giftMessage?: string | undefined;
}

/** What is known of a refund; only the newest word counts, and settled is the last one. */
export type Refund = Pick<RefundNoted, 'state' | 'modifiedAt'> & { readonly amount: number; readonly currency: string };

export interface OrderState {
  readonly orderId: string;
  /** Said before the order was known; applied when it is placed. */
  readonly early: readonly EarlyFact[];
  readonly placed: Placed | null;
  /** The platform's date of the content that was taken last. */
  readonly modifiedAt: string;
  readonly mark: string;
  readonly lines: readonly Line[];
  readonly total: common.Money;
  /** The highest total there was: refunded in full means this much, even where a platform nets its totals. */
  readonly gross: number;
  readonly remark: string;
  /** Fields that the channel declares, personal ones sealed; absent where it never had any, as of most orders. */
  readonly custom?: readonly order.CustomField[];
  readonly service: string;
  /** The store that the buyer chose, as the platform names it; "" if none. */
  readonly pickupLocation: string;
  readonly shipTo: common.Address | null;
  /** The platform's own, so that what the desk changed is not undone by the next content. */
  readonly channelShipTo: common.Address | null;
  /** How that was read. */
  readonly address?: AddressReading | undefined;
  readonly paidAt: string;
  /** What the platform says was paid; absent: no more and no less than the total, as far as anybody says. */
  readonly amountPaid?: common.Money;
  /** It is to be sent before it is paid, and is not paid yet. */
  readonly promised?: boolean;
  readonly approvedAt: string;
  readonly holds: readonly Hold[];
  readonly released: readonly string[];
  /** Lines without SKU that a person let go. */
  readonly letGo?: readonly string[];
  readonly refunds: Readonly<Record<string, Refund>>;
  readonly frozenAt: string;
  readonly cancel: Cancellation | null;
  readonly cancelledAt: string;
  readonly settledAt: string;
  /** Of all that it ships, as older versions noted it. */
  readonly returnWindowPassed: boolean;
  /** The parcels whose return window has passed. */
  readonly kept?: readonly string[];
  readonly closedAt: string;
  /** Fulfilment orders beside its own, in the order in which they were split off. */
  readonly parts?: readonly string[];
  /** Whether what is there may go before what is lacking, as the desk chose; absent = as the rule of its channel says. */
  readonly partial?: boolean;
}

export const noOrder: OrderState = {
  orderId: '',
  early: [],
  placed: null,
  modifiedAt: '',
  mark: '',
  lines: [],
  total: { amount: 0, currency: '' },
  gross: 0,
  remark: '',
  service: '',
  pickupLocation: '',
  shipTo: null,
  channelShipTo: null,
  paidAt: '',
  approvedAt: '',
  holds: [],
  released: [],
  refunds: {},
  frozenAt: '',
  cancel: null,
  cancelledAt: '',
  settledAt: '',
  returnWindowPassed: false,
  closedAt: '',
};

const withCustom = (custom: readonly order.CustomField[], before?: readonly order.CustomField[]): Pick<OrderState, 'custom'> => (custom.length === 0 && before === undefined ? {} : { custom });

export const evolveOrder = (state: OrderState, event: OrderEvent): OrderState => {
  switch (event.type) {
    case 'FactRemembered':
      return { ...state, orderId: event.data.orderId, early: [...state.early, event.data.fact] };
    case 'OrderPlaced': {
      const { orderId, lines, total, remark, shipTo, paidAt, custom, ...rest } = event.data;
      const { channel, platform, channelOrderId, number, placedAt, paymentDueAt, buyer, tags, priority, giftMessage } = rest;
      return {
        ...state,
        orderId,
        early: [],
        placed: { channel, platform, channelOrderId, number, placedAt, paymentDueAt, buyer, tags, priority, giftMessage },
        lines: lines.map((line) => ({ ...line, ships: true })),
        total,
        gross: total.amount,
        remark,
        ...withCustom(custom),
        shipTo,
        channelShipTo: shipTo,
        paidAt,
      };
    }
    case 'OrderAmended': {
      const { fields, lines, total, remark, shipTo, custom, tags, giftMessage } = event.data;
      const ships = new Map(state.lines.map((line) => [line.lineId, line.ships]));
      return {
        ...state,
        lines: fields.includes('lines') ? lines.map((line) => ({ ...line, ships: ships.get(line.lineId) ?? true })) : state.lines,
        total: fields.includes('total') ? total : state.total,
        gross: fields.includes('total') ? Math.max(state.gross, total.amount) : state.gross,
        remark: fields.includes('remark') ? remark : state.remark,
        placed: state.placed && fields.includes('remark') ? { ...state.placed, tags: fields.includes('tags') ? tags : state.placed.tags, giftMessage } : state.placed,
        ...(fields.includes('custom') ? withCustom(custom, state.custom) : {}),
        shipTo: fields.includes('shipTo') ? shipTo : state.shipTo,
      };
    }
    case 'ContentTaken': {
      const { modifiedAt, mark, unshipped, service, pickupLocation = '', shipTo, address, promised = false } = event.data;
      return {
        ...state,
        modifiedAt,
        mark,
        service,
        pickupLocation,
        channelShipTo: shipTo ?? state.channelShipTo,
        address: address ?? (shipTo === null ? state.address : undefined),
        ...(promised || state.promised ? { promised } : {}),
        lines: state.lines.map((line) => ({ ...line, ships: !unshipped.includes(line.lineId) })),
      };
    }
    case 'OrderPaid':
    case 'LatePaymentNoted':
      return { ...state, paidAt: event.data.paidAt };
    case 'PromiseKept':
      return { ...state, promised: false };
    case 'AmountPaidNoted':
      return { ...state, amountPaid: event.data.amount };
    case 'OrderApproved':
      return { ...state, approvedAt: event.data.approvedAt };
    case 'OrderHeld': {
      const { holdId, type, blocks, reason } = event.data;
      return { ...state, holds: [...state.holds, { holdId, type, blocks, reason }] };
    }
    case 'OrderHoldReleased': {
      const { holdId } = event.data;
      // Where the rule released it there is no such line.
      const letGo = state.holds.some((hold) => hold.holdId === holdId && hold.type === 'SKU_UNMATCHED') ? unmatched(state.lines).map(({ lineId }) => lineId) : [];
      return {
        ...state,
        holds: state.holds.filter((hold) => hold.holdId !== holdId),
        released: [...state.released, holdId],
        ...(letGo.length === 0 ? {} : { letGo: [...(state.letGo ?? []), ...letGo] }),
      };
    }
    case 'RefundNoted': {
      const { refundId, state: refund, modifiedAt, amount } = event.data;
      return { ...state, refunds: { ...state.refunds, [refundId]: { state: refund, modifiedAt, ...amount } } };
    }
    case 'FreezeNoted':
      return { ...state, frozenAt: event.data.modifiedAt };
    case 'OrderCancelRequested':
      return { ...state, cancel: { reason: event.data.reason, by: event.data.by, stage: 'NEW', refused: '' } };
    case 'CancellationBegun':
      return state.cancel ? { ...state, cancel: { ...state.cancel, stage: event.data.stage } } : state;
    case 'CancellationRefused':
      return state.cancel ? { ...state, cancel: { ...state.cancel, refused: event.data.reason } } : state;
    case 'OrderCancelled':
      return { ...state, cancelledAt: event.data.cancelledAt };
    case 'SettlementNoted':
      return { ...state, settledAt: event.data.settledAt };
    case 'ReturnWindowPassed': {
      const { parcels } = event.data;
      return parcels ? { ...state, kept: [...new Set([...(state.kept ?? []), ...parcels])] } : { ...state, returnWindowPassed: true };
    }
    case 'OrderClosed':
      return { ...state, closedAt: event.data.closedAt };
    case 'OrderSplit':
      return { ...state, parts: [...(state.parts ?? []), event.data.foId] };
    case 'PartialChosen':
      return { ...state, partial: event.data.allowed };
    case 'OrderRefunded':
    case 'ActedByHand':
      return state;
    default:
      // A type that a later version wrote: it leaves the state as it is.
      return state;
  }
};

/** Every fulfilment order of it: its own, which has its id, and those split off. */
export const fulfilmentsOf = (orderId: string, { parts = [] }: OrderState): readonly string[] => [orderId, ...parts];

/** Cancelled or closed: nothing is owed any more. */
export const ended = (state: OrderState): boolean => state.cancelledAt !== '' || state.closedAt !== '';

/** Nobody has paid it, or let it go as it is. */
export const unpaid = ({ paidAt, approvedAt }: OrderState): boolean => paidAt === '' && approvedAt === '';

/** A cancellation is under way: compensations are still to come. */
export const cancelling = (state: OrderState): boolean => state.cancel !== null && state.cancel.refused === '' && state.cancelledAt === '';

/** What a hold may block, in the order in which an order comes to it. */
export const steps: readonly string[] = ['AUDIT', 'ALLOCATE', 'RELEASE', 'LABEL', 'SHIP'];

/** The open holds that block one of these steps. */
export const blocking = (state: OrderState, ...wanted: readonly string[]): readonly Hold[] =>
  state.holds.filter(({ blocks }) => blocks.some((block) => wanted.includes(block)));
