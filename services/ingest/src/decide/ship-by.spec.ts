import { describe, it } from '@jest/globals';
import { specify } from '@flotilla/testing';
import { shipBy, type ShipByCommand } from './ship-by.decider.js';
import type { ShipByEvent } from './ship-by.events.js';

const orderId = '0b7f4a3e-3d0e-5c61-9d5b-6f1a2b3c4d5e';
const order = { orderId, channel: 'tb', channelOrderId: '3180012345678901234' };
const day = (days: number): string => new Date(Date.UTC(2026, 11, 1) + Math.round(days * 86_400_000)).toISOString();
const note = (modified: number, until: number | null, at = modified): ShipByCommand => ({ type: 'NoteShipBy', data: { ...order, modifiedAt: day(modified), due: until === null ? null : { from: day(0), until: day(until) }, at: day(at) } });
const set = (until: number, modified = 0): ShipByEvent => ({ type: 'ShipBySet', data: { ...order, shipBy: day(until), nearAt: day(until * 0.8), modifiedAt: day(modified) } });
const look = (at: number): ShipByCommand => ({ type: 'LookAtShipBy', data: { orderId, platform: 'taobao', at: day(at) } });
const end = (at: number): ShipByCommand => ({ type: 'EndShipBy', data: { orderId, at: day(at) } });
const near = (time: number, until: number, at: number): ShipByEvent => ({ type: 'ChannelShipByNear', data: { ...order, platform: 'taobao', shipBy: day(until), time, raisedAt: day(at) } });
const over = (time: number, at: number): ShipByEvent => ({ type: 'ChannelShipByOver', data: { orderId, channel: 'tb', time, endedAt: day(at) } });

describe('the deadline of an order', () => {
  const { given } = specify(shipBy);

  it('ING-13: is noted once, and looked at when four fifths of it are over, not before and not twice', () => {
    given().when(note(0, 10)).then(set(10));
    given(set(10)).when(note(1, 10)).thenNothing();
    given(set(10)).when(look(7)).thenNothing();
    given(set(10)).when(look(8)).then(near(1, 10, 8));
    given(set(10), near(1, 10, 8)).when(look(9)).thenNothing();
    given().when(look(9)).thenNothing();
  });

  it('ING-13: that is met is over, and is told as over only if it was raised', () => {
    given(set(10)).when(end(5)).then({ type: 'ShipByMet', data: { orderId, modifiedAt: day(0) } });
    given(set(10)).when(note(3, null)).then({ type: 'ShipByMet', data: { orderId, modifiedAt: day(3) } });
    given(set(10), near(1, 10, 8)).when(end(9)).then(over(1, 9));
    given(set(10), near(1, 10, 8)).when(note(9, null)).then(over(1, 9));
    given(set(10), near(1, 10, 8), over(1, 9)).when(end(9)).thenNothing();
    given().when(end(5)).thenNothing();
  });

  it('ING-13: does not begin anew with what the platform said before it saw that all is told', () => {
    given(set(10), { type: 'ShipByMet', data: { orderId, modifiedAt: day(0) } }).when(note(5, 10)).thenNothing();
    given(set(10, 5)).when(note(3, 4)).thenNothing();
  });

  it('ING-13, ING-14: does not begin with an older word that is replayed after the platform said that nothing is due', () => {
    const sent: ShipByEvent = { type: 'ShipByMet', data: { orderId, modifiedAt: day(6) } };
    given().when(note(6, null)).then(sent);
    given(sent).when(note(5, 10)).thenNothing();
    given(sent).when(note(6, null)).thenNothing();
    given(sent).when(note(8, null)).then({ type: 'ShipByMet', data: { orderId, modifiedAt: day(8) } });
    // Nothing was due yet: what is newer counts.
    given(sent).when(note(7, 10)).then(set(10, 7));
    given(set(10), sent).when(note(8, null)).thenNothing();
  });

  it('ING-13: from before its platform was asked for when it is told is told with the platform all the same', () => {
    const before = { type: 'ShipBySet', data: { ...order, platform: '', shipBy: day(10), nearAt: day(8), modifiedAt: day(0) } } as ShipByEvent;
    given(before).when(look(8)).then(near(1, 10, 8));
  });

  it('ING-13: for which the platform gives more time is over, and may come near again', () => {
    given(set(10), near(1, 10, 8)).when(note(8, 20, 9)).then(over(1, 9), set(20, 8));
    given(set(10), near(1, 10, 8), over(1, 9), set(20, 8)).when(look(16)).then(near(2, 20, 16));
    // By so little that it is near already.
    given(set(10), near(1, 10, 8)).when(note(8, 11, 9)).then(set(11, 8));
  });
});
