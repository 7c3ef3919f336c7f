import { Refused, unreachable, type Decider, type Of } from '@flotilla/decider';

/** Long enough for a call with the buyer; whoever leaves the desk keeps nobody from an order for longer. */
export const leaseMs = 15 * 60_000;

/** `at`: machine time, as of every lease. */
export type ClaimCommand =
  | { readonly type: 'ClaimOrder'; readonly data: { readonly orderId: string; readonly by: string; readonly at: string; readonly takeOver: boolean; readonly reason: string } }
  | { readonly type: 'ReleaseClaim'; readonly data: { readonly orderId: string; readonly by: string; readonly at: string; readonly reason: string } };

/** `from`: whose it was, if it was somebody else's. */
export type ClaimEvent =
  | { readonly type: 'OrderClaimed'; readonly data: { readonly orderId: string; readonly by: string; readonly until: string; readonly from: string; readonly reason: string } }
  | { readonly type: 'ClaimReleased'; readonly data: { readonly orderId: string; readonly by: string; readonly from: string; readonly reason: string } };

/** Who works at an order, and until when: nobody once that is past. */
export interface Claim {
  readonly by: string;
  readonly until: string;
}

const nobody: Claim = { by: '', until: '' };

const evolve = (claim: Claim, event: ClaimEvent): Claim => {
  switch (event.type) {
    case 'OrderClaimed':
      return { by: event.data.by, until: event.data.until };
    case 'ClaimReleased':
      return nobody;
    default:
      return claim;
  }
};

const taken = ({ by, until }: Claim): Refused => new Refused('CLAIMED', `${by} works at this order until ${until}; wait, or take it over with a reason`, { claimedBy: by, claimedUntil: until });

const take = ({ data: { orderId, by, at, takeOver, reason } }: Of<ClaimCommand, 'ClaimOrder'>, claim: Claim): readonly ClaimEvent[] => {
  if (takeOver && reason === '') throw new Refused('BAD_REQUEST', 'reason is missing: whose order is taken over wants to know why');
  const { by: holder } = claimAt(claim, at);
  const others = holder !== '' && holder !== by;
  if (others && !takeOver) throw taken(claim);
  const until = new Date(Date.parse(at) + leaseMs).toISOString();
  // Of two that were asked for at once, the later one may have come first.
  if (holder === by && claim.until >= until) return [];
  return [{ type: 'OrderClaimed', data: { orderId, by, until, from: others ? holder : '', reason: others ? reason : '' } }];
};

const release = ({ data: { orderId, by, at, reason } }: Of<ClaimCommand, 'ReleaseClaim'>, claim: Claim): readonly ClaimEvent[] => {
  const { by: holder } = claimAt(claim, at);
  if (holder === '') return [];
  if (holder !== by && reason === '') throw taken(claim);
  return [{ type: 'ClaimReleased', data: { orderId, by, from: holder === by ? '' : holder, reason } }];
};

const decide = (command: ClaimCommand, claim: Claim): readonly ClaimEvent[] => {
  switch (command.type) {
    case 'ClaimOrder':
      return take(command, claim);
    case 'ReleaseClaim':
      return release(command, claim);
    default:
      return unreachable(command);
  }
};

/** The claim as it stands at an instant: no timer ends it, whoever reads it does. */
export const claimAt = (claim: Claim, at: string): Claim => (claim.until > at ? claim : nobody);

/** That somebody of the desk works at an order. */
export const claim: Decider<Claim, ClaimCommand, ClaimEvent> = {
  category: 'claim',
  initial: nobody,
  evolve,
  decide,
};
