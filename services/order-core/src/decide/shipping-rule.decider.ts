import { Refused, type Decider } from '@flotilla/decider';

export interface ShippingRule {
  readonly version: number;
  /** What is there goes first, the rest waits by itself. */
  readonly partialShipments: boolean;
  readonly putAt: string;
  readonly putBy: string;
}

export type ShippingRuleCommand = { readonly type: 'PutShippingRule'; readonly data: { readonly channel: string; readonly partialShipments: boolean; readonly at: string; readonly by: string } };
export type ShippingRuleEvent = { readonly type: 'ShippingRulePut'; readonly data: ShippingRule & { readonly channel: string } };

// A buyer who ordered once expects one parcel, and pays for one: who wants it otherwise says so.
const noRule: ShippingRule = { version: 0, partialShipments: false, putAt: '', putBy: '' };

/** The name of a channel, as ingest takes it. */
export const channelGiven = (channel: string): string => {
  if (!/^[a-z0-9][a-z0-9-]{0,59}$/.test(channel)) throw new Refused('BAD_REQUEST', `"${channel.slice(0, 40)}" is no channel id`);
  return channel;
};

/** What a merchant decided for the orders of one channel, `shippingrule-<channel>`. */
export const shippingRule: Decider<ShippingRule, ShippingRuleCommand, ShippingRuleEvent> = {
  category: 'shippingrule',
  initial: noRule,
  evolve: (_rule, { data: { version, partialShipments, putAt, putBy } }) => ({ version, partialShipments, putAt, putBy }),
  decide: ({ data: { channel, partialShipments, at, by } }, { version, ...rule }) =>
    version > 0 && rule.partialShipments === partialShipments ? [] : [{ type: 'ShippingRulePut', data: { channel, version: version + 1, partialShipments, putAt: at, putBy: by } }],
};
