import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { readAnswer, readPush, readRegistration } from './results.js';
import { isSign, sign } from './sign.js';
import { meaningOfStage, meaningOfStatus } from './stages.js';

const body = readFileSync('services/tracking/src/sources/track17/fixtures/push.json', 'utf8').trim();

describe('17TRACK as a source', () => {
  it('TRK-02: signs with SHA-256 of body, slash and key, and believes nothing else', () => {
    // echo -n 'abc/key' | sha256sum
    expect(sign(Buffer.from('abc'), 'key')).toBe('bf138da6b63b58a832b2e1639f29515f30840ba5e682cce5a1c219a0d5a5896f');
    expect(isSign(sign(Buffer.from('abc'), 'key').toUpperCase(), Buffer.from('abc'), 'key')).toBe(true);
    for (const wrong of ['', 'x', sign(Buffer.from('abd'), 'key')]) expect(isSign(wrong, Buffer.from('abc'), 'key')).toBe(false);
  });
  it('TRK-02: reads both miles; stages say what they mean, the newest without one has the parcel’s status, an unknown stage stays unknown, a time that is none is kept', () => {
    const read = readPush(body);
    expect(read.every(({ carrier, waybill }) => carrier === 'ems' && waybill === 'LX123456785CN')).toBe(true);
    const told = read.map((one) => ('scan' in one ? [one.scan.occurredAt, one.scan.milestone, one.scan.known] : one.unreadable));
    expect(told).toEqual([
      ['2026-11-28T12:00:00.000Z', 'MILESTONE_UNSPECIFIED', false],
      ['2026-11-29T13:05:00.000Z', 'MILESTONE_OUT_FOR_DELIVERY', true],
      'an event without a time',
      ['2026-11-25T10:00:00.000Z', 'MILESTONE_PICKED_UP', true],
      ['2026-11-26T01:00:00.000Z', 'MILESTONE_IN_TRANSIT', true],
    ]);
  });
  it.each([
    ['NotFound', 'NotFound_Other', 'MILESTONE_UNSPECIFIED'], ['InTransit', 'InTransit_PickedUp', 'MILESTONE_PICKED_UP'], ['InTransit', 'InTransit_CustomsProcessing', 'MILESTONE_CUSTOMS'], ['InTransit', 'InTransit_Other', 'MILESTONE_IN_TRANSIT'],
    ['AvailableForPickup', '', 'MILESTONE_READY_FOR_PICKUP'], ['DeliveryFailure', '', 'MILESTONE_DELIVERY_FAILED'], ['Delivered', 'Delivered_Other', 'MILESTONE_DELIVERED'], ['Exception', 'Exception_Returning', 'MILESTONE_RETURNING'],
    ['Exception', 'Exception_Returned', 'MILESTONE_RETURNED'], ['Exception', 'Exception_Cancel', 'MILESTONE_CANCELLED'], ['Exception', 'Exception_Damage', 'MILESTONE_EXCEPTION'], ['Expired', 'Expired_Other', 'MILESTONE_UNSPECIFIED'],
  ])('TRK-02: status %s (%s) says %s', (status, sub, milestone) => expect(meaningOfStatus(status, sub)).toEqual({ milestone, known: true }));
  it('TRK-02: what nobody knows stays unknown', () => {
    expect([meaningOfStatus('Beamed', ''), meaningOfStage('Beamed')]).toEqual(Array.from({ length: 2 }, () => ({ milestone: 'MILESTONE_UNSPECIFIED', known: false })));
    expect(meaningOfStage('')).toEqual({ milestone: 'MILESTONE_UNSPECIFIED', known: true });
  });
  it('TRK-02: an answer has the scans of the push under the same ids; registered before is followed; a no is an error', () => {
    const { data } = JSON.parse(body) as { data: object };
    expect(readAnswer(JSON.stringify({ code: 0, data: { accepted: [data], rejected: [] } }))).toEqual(readPush(body));
    expect(readRegistration('{"code":0,"data":{"accepted":[],"rejected":[{"number":"A","error":{"code":-18019901}},{"number":"B","error":{"code":-18019903}}]}}')).toEqual(['B']);
    expect(() => readAnswer('{"code":-18010001,"data":{}}')).toThrow(expect.objectContaining({ reason: 'UNAVAILABLE' }));
    for (const bad of ['', '[]', '{"event":"TRACKING_UPDATED"}']) expect(() => readPush(bad)).toThrow(expect.objectContaining({ reason: 'BAD_JSON' }));
    expect(readPush(JSON.stringify({ event: 'TRACKING_STOPPED', data: { number: 'A', carrier: 1, tag: 'ems' } }))).toEqual([]);
    expect(readPush(JSON.stringify({ event: 'TRACKING_UPDATED', data: { number: 'A', carrier: 1, tag: null } }))).toMatchObject([{ waybill: '', unreadable: expect.stringContaining('nothing of ours') }]);
  });
});
