import { unreachable, type Decider } from '@flotilla/decider';

export type ConsentCommand = { readonly type: 'OptOut'; readonly data: { readonly at: string } } | { readonly type: 'OptIn'; readonly data: { readonly at: string } };
export type ConsentEvent = { readonly type: 'OptedOut'; readonly data: { readonly at: string } } | { readonly type: 'OptedIn'; readonly data: { readonly at: string } };

export interface Consent {
  readonly out: boolean;
}

/** Whether a person wants to be written to about parcels. Stream `consent-<subject>`; nothing of the person stands in it. */
export const consent: Decider<Consent, ConsentCommand, ConsentEvent> = {
  category: 'consent',
  initial: { out: false },
  evolve: (_, { type }) => ({ out: type === 'OptedOut' }),
  decide: ({ type, data }, { out }) => {
    switch (type) {
      case 'OptOut':
        return out ? [] : [{ type: 'OptedOut', data }];
      case 'OptIn':
        return out ? [{ type: 'OptedIn', data }] : [];
      default:
        return unreachable(type);
    }
  },
};
