import { describe, it } from '@jest/globals';
import { specify } from '@flotilla/testing';
import { writeBack } from './write-back.decider.js';
import type { WriteBackEvent, WriteBackIntent } from './write-back.events.js';

const { given } = specify(writeBack);
const intent: WriteBackIntent = { orderId: 'o', channel: 'shop', channelOrderId: '1', parcelId: 'p', carrier: 'sf', waybill: 'SF1', lines: [{ channelLineId: '11', quantity: 1 }], shippedAt: '2026-11-21T00:00:00.000Z' };
const requested: WriteBackEvent = { type: 'WriteBackRequested', data: intent };
const unknown: WriteBackEvent = { type: 'WriteBackUnknown', data: { orderId: 'o', parcelId: 'p', why: 'no answer' } };
const at = '2026-11-21T01:00:00.000Z';
const succeeded: WriteBackEvent = { type: 'WriteBackSucceeded', data: { orderId: 'o', channel: 'shop', channelOrderId: '1', parcelId: 'p', carrier: 'sf', waybill: 'SF1', channelFulfilmentId: 'f1', acknowledgedAt: at } };
const failed: WriteBackEvent = { type: 'WriteBackFailed', data: { orderId: 'o', channel: 'shop', channelOrderId: '1', parcelId: 'p', reason: 'PLATFORM_REFUSED', detail: 'no' } };

describe('a write-back', () => {
  it('ING-13: is asked for once per parcel and channel order', () => {
    given().when({ type: 'RequestWriteBack', data: { ...intent, needed: true } }).then(requested);
    given(requested).when({ type: 'RequestWriteBack', data: { ...intent, needed: true } }).thenNothing();
  });
  it('ING-13: is not needed where the platform follows our topics', () => {
    given().when({ type: 'RequestWriteBack', data: { ...intent, needed: false } }).then({ type: 'WriteBackNotNeeded', data: intent });
    given({ type: 'WriteBackNotNeeded', data: intent }).when({ type: 'RecordSuccess', data: { channelFulfilmentId: 'f1', at } }).thenNothing();
  });
  it('ING-13: succeeds or fails once, also after its outcome was unknown', () => {
    given(requested).when({ type: 'RecordSuccess', data: { channelFulfilmentId: 'f1', at } }).then(succeeded);
    given(requested, unknown).when({ type: 'RecordSuccess', data: { channelFulfilmentId: 'f1', at } }).then(succeeded);
    given(requested).when({ type: 'RecordFailure', data: { reason: 'PLATFORM_REFUSED', detail: 'no' } }).then(failed);
    given(requested, succeeded).when({ type: 'RecordFailure', data: { reason: 'PLATFORM_REFUSED', detail: 'no' } }).thenNothing();
    given(requested, failed).when({ type: 'RecordSuccess', data: { channelFulfilmentId: 'f1', at } }).thenNothing();
  });
  it('ING-13: says once that its outcome is unknown', () => {
    given(requested).when({ type: 'RecordUnknown', data: { why: 'no answer' } }).then(unknown);
    given(requested, unknown).when({ type: 'RecordUnknown', data: { why: 'again' } }).thenNothing();
    given().when({ type: 'RecordUnknown', data: { why: 'x' } }).thenNothing();
  });
});
