import type { allocation as api, common } from '@flotilla/contracts';
import { unreachable } from '@flotilla/decider';
import type { AllocationEvent } from '../decide/allocation.events.js';
import { inPlay, partsOf, type AllocationState } from '../decide/allocation.state.js';
import type { RoutePlan } from '../decide/route.js';

/** What a saga shows of itself. */
export const toAllocation = (foId: string, state: AllocationState): api.Allocation => {
  const parts = partsOf(state).map(([lockId, { warehouse, lines, carrier, excludedCarriers, external }]) => ({ warehouse, lockId, lines, excludedCarriers, preferredCarrier: carrier, external }));
  return {
    foId,
    state: state.phase,
    round: state.request?.round ?? 0,
    warehouse: parts[0]?.warehouse ?? '',
    locks: Object.entries(state.locks).map(([lockId, { round, warehouse, state: one, fence, lines, parcelId }]) => ({ lockId, round, warehouse, state: one, fence, lines, parcelId })),
    parts,
  };
};

interface Part {
  readonly warehouse: string;
  readonly lines: readonly common.SkuQuantity[];
  readonly carrier: string;
  readonly excludedCarriers: readonly string[];
  outcome: string;
}

interface Plan {
  readonly parts: readonly Part[];
  readonly reason: string;
  outcome: string;
}

interface Round extends Pick<api.RoundExplained, 'rulesVersion' | 'router' | 'modelVersion' | 'grounded'> {
  readonly round: number;
  readonly candidates: readonly api.Candidate[];
  readonly plans: readonly Plan[];
  /** Those that the present round of locks follows, and those after them. */
  left: readonly Plan[];
  outcome: string;
}

/** What a lock was asked for. */
interface Asked {
  readonly plan: Plan;
  readonly part: Part;
}

const quantities = (lines: readonly common.SkuQuantity[]): string => lines.map(({ sku, quantity }) => `${quantity} of ${sku}`).join(', ');

const toPlan = ({ parts, reason }: RoutePlan): Plan => ({ parts: parts.map(({ warehouse, lines, carrier = '', excludedCarriers = [] }) => ({ warehouse, lines, carrier, excludedCarriers, outcome: '' })), reason, outcome: '' });

// "WH1", or "WH1 (2 of A) + WH2 (1 of B)".
const named = (parts: readonly { readonly warehouse: string; readonly lines: readonly common.SkuQuantity[] }[]): string =>
  parts.length === 1 ? parts[0]!.warehouse : parts.map(({ warehouse, lines }) => `${warehouse} (${quantities(lines)})`).join(' + ');

/** Every round of plans with its candidates and reasons, which plans were followed, and what became of them; from the saga's events alone. */
export const explain = (foId: string, events: readonly AllocationEvent[]): api.Explanation => {
  const rounds: Round[] = [];
  const locks = new Map<string, Asked>();
  for (const event of events) {
    if (event.type === 'AllocationPlanned') {
      const { lockRound, candidates, plans, unknownSkus, rules: rulesVersion = 0, router = 'RULES', model: modelVersion = 0, grounded = false } = event.data;
      const followed = plans.map(toPlan);
      rounds.push({ round: lockRound, candidates, plans: followed, left: followed, rulesVersion, router, modelVersion, grounded, outcome: unknownSkus.length > 0 ? `UNKNOWN_SKU ${unknownSkus.join(', ')}` : 'ASKING' });
      continue;
    }
    const current = rounds.at(-1);
    if (current) tell(current, locks, event);
  }
  return { foId, rounds: rounds.map(({ left: _left, ...round }) => round) };
};

// Writes down what an event means for the round, the plan that is followed, and its part.
const tell = (round: Round, locks: Map<string, Asked>, event: Exclude<AllocationEvent, { type: 'AllocationPlanned' }>): void => {
  const say = (text: string): void => {
    round.outcome = text;
  };
  /** `plan`: what it means for a plan of several parts; for one of one part it means the same. */
  const of = (lockId: string, text: string, plan?: string): void => {
    const asked = locks.get(lockId);
    if (!asked) return;
    asked.part.outcome = text;
    if (asked.plan.parts.length === 1) asked.plan.outcome = text;
    else if (plan !== undefined) asked.plan.outcome = plan;
  };
  const siteOf = (lockId: string): string => locks.get(lockId)?.part.warehouse ?? '';
  switch (event.type) {
    case 'LockAsked': {
      const { lockId, warehouse } = event.data;
      const plan = (inPlay(round.left) as readonly Plan[]).find(({ parts }) => parts.some((one) => one.warehouse === warehouse));
      if (plan) locks.set(lockId, { plan, part: plan.parts.find((one) => one.warehouse === warehouse)! });
      return of(lockId, 'ASKED', 'ASKED');
    }
    case 'GrantNoted':
      return of(event.data.lockId, 'GRANTED');
    case 'RefusalNoted': {
      const { lockId, warehouse, reason, free } = event.data;
      of(lockId, `REFUSED: ${reason}`, `REFUSED by ${warehouse}: ${reason}`);
      return say(`REFUSED by ${warehouse}: ${reason}${free.length > 0 ? `, free there: ${quantities(free)}` : ''}`);
    }
    case 'PendingNoted':
      of(event.data.lockId, `WAITING until ${event.data.until}`);
      return say(`WAITING for ${event.data.warehouse} until ${event.data.until}`);
    case 'AskGivenUp':
      of(event.data.lockId, 'UNANSWERED', `UNANSWERED by ${siteOf(event.data.lockId)}`);
      return say('UNANSWERED, released');
    case 'AllocationClaimed': {
      for (const { lockId } of event.data.parts) of(lockId, 'CLAIMED', 'CLAIMED');
      return say(`CLAIMED by ${event.data.parts.map(({ warehouse }) => warehouse).join(' + ')}, not confirmed yet`);
    }
    case 'ConfirmationNoted':
      return of(event.data.lockId, 'CONFIRMED');
    case 'ConfirmGivenUp':
      of(event.data.lockId, 'CONFIRM UNANSWERED', `CONFIRM UNANSWERED by ${siteOf(event.data.lockId)}`);
      return say('CONFIRM UNANSWERED, released');
    case 'ExpiryNoted':
      of(event.data.lockId, 'EXPIRED', `EXPIRED at ${event.data.warehouse}`);
      return say(`EXPIRED at ${event.data.warehouse}`);
    case 'ReleaseNoted':
      return of(event.data.lockId, event.data.missing.length > 0 ? `TAKEN BACK: ${quantities(event.data.missing)} missing` : 'RELEASED');
    case 'ConsumptionNoted':
      return of(event.data.lockId, 'CONSUMED');
    case 'RoundEnded': {
      const { kept, further } = event.data;
      if (further) round.left = round.left.slice(inPlay(round.left).length);
      else if (kept.length > 0) say(`${round.outcome}; kept at ${kept.map(siteOf).join(' + ')}`);
      return;
    }
    case 'OrderAllocated':
      for (const { plan, part } of locks.values()) if (part.outcome === 'CONFIRMED' && round.plans.includes(plan)) plan.outcome = 'ALLOCATED';
      return say(`ALLOCATED to ${named(event.data.parts)}`);
    case 'OrderBackordered':
    case 'BackorderKept':
    case 'BackorderEased': {
      const because = round.outcome.replace(/^(?:ASKING|BACKORDERED[^;]*(?:; )?)/, '');
      return say(`BACKORDERED: ${quantities(event.data.missing)} missing${because === '' ? '' : `; ${because}`}`);
    }
    case 'StockDisplaced':
      return say(`DISPLACED at ${event.data.warehouse}: ${quantities(event.data.missing)} missing`);
    case 'ShippedUncovered':
      return say(`SHIPPED UNCOVERED${event.data.warehouse === '' ? '' : ` from ${event.data.warehouse}`}`);
    case 'CancelNoted':
      return say('CANCELLED');
    case 'RequestNoted':
    case 'ShipmentNoted':
    case 'PlanPostponed':
    case 'RoundOpened':
    case 'ConfirmAsked':
    case 'ReleaseAsked':
    case 'ConsumeAsked':
    case 'StockReleased':
      return;
    default:
      return unreachable(event);
  }
};
