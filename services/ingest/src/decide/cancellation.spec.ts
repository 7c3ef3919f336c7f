import { describe, it } from '@jest/globals';
import { specify } from '@flotilla/testing';
import { cancellation, type CancellationCommand } from './cancellation.decider.js';
import type { CancellationEvent } from './cancellation.events.js';

const orderId = '0b7f4a3e-3d0e-5c61-9d5b-6f1a2b3c4d5e';
const intent = { orderId, channel: 'shop', channelOrderId: '1001', reason: 'payment_timeout' };
const at = '2026-12-01T10:00:00.000Z';
const request = (needed: boolean): CancellationCommand => ({ type: 'RequestCancellation', data: { ...intent, needed } });
const requested: CancellationEvent = { type: 'CancellationRequested', data: intent };
const known: CancellationEvent = { type: 'CancellationNotNeeded', data: { orderId } };
const told: CancellationEvent = { type: 'ChannelCancellationTold', data: { orderId, channel: 'shop', channelOrderId: '1001', acknowledgedAt: at } };
const refused: CancellationEvent = { type: 'ChannelCancellationRefused', data: { orderId, channel: 'shop', channelOrderId: '1001', reason: 'PLATFORM_REFUSED', detail: 'no', refusedAt: at } };

describe('a cancellation for a platform', () => {
  const { given } = specify(cancellation);

  it('ING-13: is asked for once, and not where the platform wants it itself', () => {
    given().when(request(true)).then(requested);
    given(requested).when(request(true)).thenNothing();
    given().when(request(false)).then(known);
    given().when({ type: 'NoteKnown', data: { orderId } }).then(known);
    given(known).when(request(true)).thenNothing();
    given(requested).when({ type: 'NoteKnown', data: { orderId } }).thenNothing();
  });

  it('ING-13: ends told or refused, once, and says once that its outcome is unknown', () => {
    given(requested).when({ type: 'RecordTold', data: { at } }).then(told);
    given(requested).when({ type: 'RecordRefused', data: { reason: 'PLATFORM_REFUSED', detail: 'no', at } }).then(refused);
    const unknown: CancellationEvent = { type: 'CancellationUnknown', data: { orderId, why: 'no answer' } };
    given(requested).when({ type: 'RecordUnknown', data: { why: 'no answer' } }).then(unknown);
    given(requested, unknown).when({ type: 'RecordUnknown', data: { why: 'again' } }).thenNothing();
    given(requested, unknown).when({ type: 'RecordTold', data: { at } }).then(told);
    given(requested, told).when({ type: 'RecordRefused', data: { reason: 'X', detail: 'no', at } }).thenNothing();
    given(requested, refused).when({ type: 'RecordTold', data: { at } }).thenNothing();
    given().when({ type: 'RecordTold', data: { at } }).thenNothing();
  });
});
