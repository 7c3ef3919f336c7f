import { unreachable, type Decider, type Of } from '@flotilla/decider';

/** An event for one webhook, as it is sent. */
export interface Line {
  readonly deliveryId: string;
  readonly webhookId: string;
  readonly key: string;
  readonly type: string;
  /** When it happened. */
  readonly at: string;
  /** The event's data without what is personal. */
  readonly data: unknown;
}

/** What is sent in one go: an event, or a file of them (type `file`, its name as key, data: `FileLines`). */
export interface Delivery extends Line {
  /** The queue's, of which it is one. */
  readonly queue: string;
  /** How often it was queued: 1, and once more for each time that a person sends it again. */
  readonly round: number;
  readonly queuedAt: string;
}

/** One try at a delivery. */
export interface Try {
  readonly queue: string;
  readonly deliveryId: string;
  readonly round: number;
  readonly attempt: number;
}

/** FAILED: given up. DROPPED: its webhook was disabled or deleted while it waited. */
export type Outcome = 'DELIVERED' | 'FAILED' | 'DROPPED';

export type HookQueueCommand =
  | { readonly type: 'Queue'; readonly data: Delivery }
  /** For a file that others of its webhook go into. */
  | { readonly type: 'Write'; readonly data: Line }
  /** The channels of this key, as a message of it names them. */
  | { readonly type: 'Know'; readonly data: { readonly channels: readonly string[] } }
  | { readonly type: 'Attempt'; readonly data: Try & { readonly at: string } }
  | { readonly type: 'Accept'; readonly data: Try & { readonly at: string } }
  | { readonly type: 'Fail'; readonly data: Try & { readonly at: string; readonly detail: string; readonly retryAfterMs: number } }
  /** Its webhook is not sent anything any more. */
  | { readonly type: 'Drop'; readonly data: Try & { readonly at: string } }
  /** The wait after a failure is over. */
  | { readonly type: 'Retry'; readonly data: { readonly now: string } };

type Tried = Try & { readonly webhookId: string };

export type HookQueueEvent =
  | { readonly type: 'HookChannelsKnown'; readonly data: { readonly channels: readonly string[] } }
  | { readonly type: 'DeliveryQueued'; readonly data: Delivery }
  | { readonly type: 'LineWritten'; readonly data: Line }
  /** To be tried now. */
  | { readonly type: 'DeliveryDue'; readonly data: Tried }
  | { readonly type: 'DeliveryAttempted'; readonly data: Tried & { readonly at: string } }
  /** `retryAt`: machine time. */
  | { readonly type: 'DeliveryAttemptFailed'; readonly data: Tried & { readonly at: string; readonly detail: string; readonly retryAt: string } }
  | { readonly type: 'DeliverySettled'; readonly data: Tried & { readonly at: string; readonly outcome: Outcome; readonly detail: string } };

export interface HookQueue {
  /** The first one is under way. */
  readonly waiting: readonly Delivery[];
  readonly status: 'idle' | 'due' | 'trying' | 'waiting';
  readonly attempt: number;
  readonly retryAt: string;
  /** [] until a message named them. */
  readonly channels: readonly string[];
}

// Seconds to the next try: about three days in all, as Standard Webhooks advises.
const waits = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
/** The first one and one after each wait. */
export const mostAttempts = waits.length + 1;

const due = ({ queue, deliveryId, round, webhookId }: Delivery, attempt: number): HookQueueEvent => ({ type: 'DeliveryDue', data: { queue, deliveryId, round, webhookId, attempt } });

/** The delivery at the head, if it is this try of it that is under way. */
const current = ({ waiting: [head], attempt }: HookQueue, one: Try): Delivery | undefined => (head && head.deliveryId === one.deliveryId && head.round === one.round && attempt === one.attempt ? head : undefined);

const tried = ({ queue, deliveryId, round, webhookId }: Delivery, attempt: number): Tried => ({ queue, deliveryId, round, webhookId, attempt });

// The next one is due in the unit that settles the one before: nothing overtakes, whatever crashes.
const settle = (head: Delivery, { attempt, waiting }: HookQueue, outcome: Outcome, detail: string, at: string): readonly HookQueueEvent[] => [
  { type: 'DeliverySettled', data: { ...tried(head, attempt), at, outcome, detail } },
  ...(waiting[1] ? [due(waiting[1], 1)] : []),
];

/** Spread by a tenth, by the delivery's id: those that failed together do not come back together. */
const spread = (deliveryId: string): number => 1 + (Number.parseInt(deliveryId.slice(0, 4), 16) / 0xffff) * 0.1;

const fail = ({ data }: Of<HookQueueCommand, 'Fail'>, state: HookQueue): readonly HookQueueEvent[] => {
  const head = current(state, data);
  if (!head || state.status !== 'trying') return [];
  const { at, detail, retryAfterMs } = data;
  const wait = waits[state.attempt - 1];
  const failed = (retryAt: string): HookQueueEvent => ({ type: 'DeliveryAttemptFailed', data: { ...tried(head, state.attempt), at, detail, retryAt } });
  if (wait === undefined) return [failed(''), ...settle(head, state, 'FAILED', detail, at)];
  return [failed(new Date(Date.parse(at) + Math.max(wait * 1_000 * spread(head.deliveryId), retryAfterMs)).toISOString())];
};

/** What one webhook is sent of one key: each event after the one before has been taken or given up. */
export const hookQueue: Decider<HookQueue, HookQueueCommand, HookQueueEvent> = {
  category: 'hook',
  initial: { waiting: [], status: 'idle', attempt: 0, retryAt: '', channels: [] },
  evolve: (state, event) => {
    switch (event.type) {
      case 'HookChannelsKnown':
        return { ...state, channels: event.data.channels };
      case 'DeliveryQueued':
        return { ...state, waiting: [...state.waiting, event.data] };
      case 'DeliveryDue':
        return { ...state, status: 'due', attempt: event.data.attempt, retryAt: '' };
      case 'DeliveryAttempted':
        return { ...state, status: 'trying' };
      case 'DeliveryAttemptFailed':
        return { ...state, status: 'waiting', retryAt: event.data.retryAt };
      case 'DeliverySettled':
        return { ...state, waiting: state.waiting.slice(1), status: 'idle', attempt: 0, retryAt: '' };
      default:
        return state;
    }
  },
  decide: (command, state) => {
    switch (command.type) {
      case 'Know':
        return command.data.channels.every((channel) => state.channels.includes(channel)) ? [] : [{ type: 'HookChannelsKnown', data: { channels: [...new Set([...state.channels, ...command.data.channels])] } }];
      case 'Queue':
        return [{ type: 'DeliveryQueued', data: command.data }, ...(state.waiting.length === 0 ? [due(command.data, 1)] : [])];
      case 'Write':
        return [{ type: 'LineWritten', data: command.data }];
      case 'Attempt': {
        const head = current(state, command.data);
        return head && state.status === 'due' ? [{ type: 'DeliveryAttempted', data: { ...tried(head, state.attempt), at: command.data.at } }] : [];
      }
      case 'Accept': {
        const head = current(state, command.data);
        return head && state.status === 'trying' ? settle(head, state, 'DELIVERED', '', command.data.at) : [];
      }
      case 'Drop': {
        const head = current(state, command.data);
        return head && (state.status === 'due' || state.status === 'trying') ? settle(head, state, 'DROPPED', '', command.data.at) : [];
      }
      case 'Fail':
        return fail(command, state);
      case 'Retry':
        return state.waiting[0] && state.status === 'waiting' && state.retryAt !== '' && state.retryAt <= command.data.now ? [due(state.waiting[0], state.attempt + 1)] : [];
      default:
        return unreachable(command);
    }
  },
};
