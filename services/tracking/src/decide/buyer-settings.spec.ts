import { describe, expect, it } from '@jest/globals';
import { specify } from '@flotilla/testing';
import { buyerSettings, isTold, settingsOf, type BuyerSettingsEvent, type PublicName } from './buyer-settings.decider.js';
import { kinds } from './notice.events.js';

const at = '2026-11-30T08:00:00.000Z';
const put = (notices: readonly string[], ...embedIn: readonly string[]) => ({ type: 'PutBuyerSettings', data: { notices, embedIn, provenance: false, warehouseNames: [], at, by: 'mei' } }) as const;
const event = (version: number, notices: readonly string[], ...embedIn: readonly string[]) => ({ type: 'BuyerSettingsPut', data: { version, notices, embedIn, provenance: false, warehouseNames: [], putAt: at, putBy: 'mei' } }) as BuyerSettingsEvent;
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

  it('ORD-12: where a parcel comes from is shown only if the shop says so, also where the settings were put before there was such a thing', () => {
    expect(settingsOf([])).toMatchObject({ provenance: false, warehouseNames: [] });
    const { provenance: _, warehouseNames: __, ...before } = event(1, ['READY_FOR_PICKUP']).data;
    expect(settingsOf(buyerSettings.evolve([], { type: 'BuyerSettingsPut', data: before as BuyerSettingsEvent['data'] }))).toMatchObject({ version: 1, provenance: false, warehouseNames: [] });
  });

  it('ORD-12: a warehouse has one public name, in both languages; whatever else is refused', () => {
    const naming = (...warehouseNames: readonly PublicName[]) => ({ type: 'PutBuyerSettings', data: { ...put(['READY_FOR_PICKUP']).data, provenance: true, warehouseNames } }) as const;
    const sz = { warehouse: 'SZ1', zh: '深圳', en: 'Shenzhen' };
    given().when(naming(sz)).then({ type: 'BuyerSettingsPut', data: { ...event(1, ['READY_FOR_PICKUP']).data, provenance: true, warehouseNames: [sz] } });
    for (const wrong of [{ ...sz, zh: '' }, { ...sz, en: ' ' }, { ...sz, warehouse: '' }, { ...sz, en: 'two\nlines' }, { ...sz, zh: '深'.repeat(61) }]) given().when(naming(wrong)).thenRefused('BAD_REQUEST');
    given().when(naming(sz, { ...sz, en: 'Another' })).thenRefused('BAD_REQUEST');
    given().when(naming(...Array.from({ length: 201 }, (_, n) => ({ ...sz, warehouse: `W${n}` })))).thenRefused('BAD_REQUEST');
  });
});
