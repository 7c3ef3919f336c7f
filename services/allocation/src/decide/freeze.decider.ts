import { Refused, unreachable, type Decider, type Of } from '@flotilla/decider';
import type { FreezeEvent } from './freeze.events.js';

/** When promises of a SKU fail so often that it is not promised any more. */
export interface FreezePolicy {
  /** Failed ÷ reserved in the window above which it is frozen; 0.01 = 1 %. */
  readonly rate: number;
  /** Fewer failures than this say nothing yet. */
  readonly leastFailures: number;
  /** How long the rule keeps it frozen. */
  readonly frozenMs: number;
}

interface Named {
  readonly sku: string;
  /** Business time. */
  readonly at: string;
}

export type FreezeCommand =
  /** Promises made and broken in the window. */
  | { readonly type: 'JudgeReservations'; readonly data: Named & { readonly reserved: number; readonly failed: number; readonly policy: FreezePolicy } }
  | { readonly type: 'FreezeSku'; readonly data: Named & { readonly reason: string } }
  | { readonly type: 'UnfreezeSku'; readonly data: Named & { readonly by: string } }
  /** Somebody counted the shelf at that time: what was wrong with the figures is right again. Only of a freeze by rule. */
  | { readonly type: 'NoteCount'; readonly data: Named }
  /** A timer: the rule's time may be over. */
  | { readonly type: 'LookAtFreeze'; readonly data: Named };

export interface FreezeState {
  readonly frozen: boolean;
  readonly freezes: number;
  readonly reason: string;
  readonly failed: number;
  readonly reserved: number;
  readonly since: string;
  /** "" = only by hand. */
  readonly until: string;
}

/** The reason that the rule gives. */
export const FAILURES = 'RESERVATION_FAILURES';

const initial: FreezeState = { frozen: false, freezes: 0, reason: '', failed: 0, reserved: 0, since: '', until: '' };

const evolve = (state: FreezeState, event: FreezeEvent): FreezeState => {
  switch (event.type) {
    case 'SkuFrozen': {
      const { freeze, reason, failed, reserved, frozenAt, until } = event.data;
      return { frozen: true, freezes: freeze, reason, failed, reserved, since: frozenAt, until };
    }
    case 'SkuUnfrozen':
      return { ...initial, freezes: state.freezes };
    default:
      return state;
  }
};

const judge = ({ data: { sku, at, reserved, failed, policy } }: Of<FreezeCommand, 'JudgeReservations'>, state: FreezeState): readonly FreezeEvent[] => {
  if (state.frozen || failed < policy.leastFailures || failed <= reserved * policy.rate) return [];
  const until = new Date(Date.parse(at) + policy.frozenMs).toISOString();
  return [{ type: 'SkuFrozen', data: { sku, freeze: state.freezes + 1, reason: FAILURES, failed, reserved, frozenAt: at, until } }];
};

const unfrozen = ({ sku, at }: Named, { freezes }: FreezeState, by: string): readonly FreezeEvent[] => [{ type: 'SkuUnfrozen', data: { sku, freeze: freezes, by, unfrozenAt: at } }];

const decide = (command: FreezeCommand, state: FreezeState): readonly FreezeEvent[] => {
  const { sku, at } = command.data;
  switch (command.type) {
    case 'JudgeReservations':
      return judge(command, state);
    case 'FreezeSku': {
      const { reason } = command.data;
      if (reason === '' || reason === FAILURES) throw new Refused('BAD_REQUEST', 'say why, in your own words');
      return state.frozen ? [] : [{ type: 'SkuFrozen', data: { sku, freeze: state.freezes + 1, reason, failed: 0, reserved: 0, frozenAt: at, until: '' } }];
    }
    case 'UnfreezeSku':
      return state.frozen ? unfrozen(command.data, state, command.data.by) : [];
    case 'NoteCount':
      // The count that broke the promises came before the freeze, and does not end it.
      return state.frozen && state.until !== '' && at > state.since ? unfrozen(command.data, state, 'rule:count') : [];
    case 'LookAtFreeze':
      return state.frozen && state.until !== '' && at >= state.until ? unfrozen(command.data, state, 'rule:time') : [];
    default:
      return unreachable(command);
  }
};

/** Whether a SKU may be promised. A frozen one keeps the promises that it has; new orders wait. */
export const freeze: Decider<FreezeState, FreezeCommand, FreezeEvent> = { category: 'freeze', initial, evolve, decide };
