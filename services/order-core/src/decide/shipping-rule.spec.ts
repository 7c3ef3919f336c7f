import { describe, expect, it } from '@jest/globals';
import { specify } from '@flotilla/testing';
import { channelGiven, shippingRule, type ShippingRuleCommand, type ShippingRuleEvent } from './shipping-rule.decider.js';

const at = '2026-11-30T08:00:00.000Z';
const channel = 'woo-eu';
const put = (partialShipments: boolean): ShippingRuleCommand => ({ type: 'PutShippingRule', data: { channel, partialShipments, at, by: 'mei' } });
const event = (version: number, partialShipments: boolean): ShippingRuleEvent => ({ type: 'ShippingRulePut', data: { channel, version, partialShipments, putAt: at, putBy: 'mei' } });
const { given } = specify(shippingRule);

describe('what a merchant decides for the orders of a channel', () => {
  it('ORD-01: an order ships complete unless the merchant says otherwise', () => {
    expect(shippingRule.initial).toMatchObject({ version: 0, partialShipments: false });
    given().when(put(true)).then(event(1, true));
    given(event(1, true)).when(put(false)).then(event(2, false));
    given(event(1, true)).when(put(true)).thenNothing();
    given().when(put(false)).then(event(1, false));
  });

  it('ORD-01: a channel is named as ingest names it', () => {
    expect(channelGiven(channel)).toBe(channel);
    for (const wrong of ['', 'Woo', '-x', 'a b', 'x'.repeat(61), 'a/b']) expect(() => channelGiven(wrong)).toThrow(expect.objectContaining({ reason: 'BAD_REQUEST' }));
  });
});
