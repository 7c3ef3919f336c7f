import { describe, expect, it } from '@jest/globals';
import { specify } from '@flotilla/testing';
import { buyerSettings, isTold, settingsOf, type BuyerSettingsEvent } from './buyer-settings.decider.js';
import { kinds } from './notice.events.js';

const at = '2026-11-30T08:00:00.000Z';
const put = (notices: readonly string[], ...embedIn: readonly string[]) => ({ type: 'PutBuyerSettings', data: { notices, embedIn, at, by: 'mei' } }) as const;
const event = (version: number, notices: readonly string[], ...embedIn: readonly string[]) => ({ type: 'BuyerSettingsPut', data: { version, notices, embedIn, putAt: at, putBy: 'mei' } }) as BuyerSettingsEvent;
const { given } = specify(buyerSettings);

describe('what buyers are told, and who may show their pages', () => {
  it('TRK-05: what happens before a parcel leaves is told where the shop wants it, the rest unless it does not', () => {
    expect(kinds.filter((kind) => !isTold([], kind))).toEqual(['ACCEPTED', 'PICKING', 'PACKED']);
    given().when(put(['READY_FOR_PICKUP', 'PACKED', 'PACKED'])).then(event(1, ['PACKED', 'READY_FOR_PICKUP']));
    const versions = [event(2, ['READY_FOR_PICKUP']).data, event(1, ['PACKED', 'READY_FOR_PICKUP']).data];
    expect([settingsOf(versions)?.version, settingsOf(versions, 1)?.notices.length, settingsOf(versions, 3), isTold(versions, 'PACKED')]).toEqual([2, 2, undefined, false]);
  });

  it('TRK-05: a pickup code is always told, and an unknown kind is refused', () => {
    given().when(put(['SHIPPED'])).thenRefused('BAD_REQUEST');
    given().when(put(['READY_FOR_PICKUP', 'SOLD'])).thenRefused('BAD_REQUEST');
  });

  it('TRK-04: only origins may show the page in a frame; nothing else gets into the header', () => {
    given(event(1, ['READY_FOR_PICKUP'])).when(put(['READY_FOR_PICKUP'], 'https://shop.example', 'https://shop.example', 'http://localhost:3000')).then(event(2, ['READY_FOR_PICKUP'], 'https://shop.example', 'http://localhost:3000'));
    for (const wrong of ['*', 'https://*.example', 'https://shop.example/', 'https://shop.example/page', 'http://shop.example', "https://shop.example; script-src 'none'", 'https://shop.example https://other.example', 'javascript:alert(1)', 'data:text/html,x', '']) given().when(put(['READY_FOR_PICKUP'], wrong)).thenRefused('BAD_REQUEST');
    given().when(put(['READY_FOR_PICKUP'], ...Array.from({ length: 21 }, (_, n) => `https://s${n}.example`))).thenRefused('BAD_REQUEST');
  });
});
