import { describe, expect, it } from '@jest/globals';
import { specify } from '@flotilla/testing';
import { capabilityOf } from './capability.js';
import { supplierDay, takenOn } from './day.decider.js';
import { offer, type OfferCommand } from './offer.decider.js';
import type { OfferEvent } from './offer.events.js';
import { supplier } from './supplier.decider.js';

const { given } = specify(offer);
const head = { lockId: 'L', foId: 'F', round: 1, warehouse: 'SUP' };
const lines = [{ sku: 'A', quantity: 2 }];
const at = '2026-11-22T10:00:00.000Z';
const until = '2026-11-22T12:00:00.000Z';
const by = 'supplier:SUP';
const ask = (now = at, free = 5, full = false): OfferCommand => ({ type: 'LockStock', data: { ask: { ...head, lines, priority: 0 }, free: [{ sku: 'A', quantity: free }], fence: 3, at: now, responseMs: 2 * 3_600_000, day: '2026-11-22', full } });
const made: OfferEvent = { type: 'OfferMade', data: { ...head, lines, priority: 0, fence: 3, at, until, day: '2026-11-22' } };
const locked: OfferEvent = { type: 'StockLocked', data: { ...head, fence: 3, expiresAt: '', lines } };
const confirmed: OfferEvent = { type: 'StockConfirmed', data: { ...head, fence: 3 } };
const taken: readonly OfferEvent[] = [made, { type: 'OfferAccepted', data: { ...head, by, at } }, locked];
const timeout: readonly OfferEvent[] = [{ type: 'OfferExpired', data: { ...head, at: until } }, { type: 'StockLockRefused', data: { ...head, reason: 'TIMEOUT', free: [], kept: [] } }];
const release: OfferCommand = { type: 'ReleaseStock', data: { ask: { ...head, reason: 'CANCELLED' }, at } };
const released: OfferEvent = { type: 'StockReleased', data: { ...head, missing: [] } };
const parcel = { parcelId: 'P', orders: [], number: '#1', shipTo: { country: 'CN', province: '', city: '', district: '', postcode: '', street: '', company: '', name: '', phone: '', phoneIndex: '', token: '' } };
const dueAt = '2026-11-24T10:00:00.000Z';
const askShipping: OfferCommand = { type: 'AskShipping', data: { ...parcel, at, shipMs: 48 * 3_600_000 } };
const shippable: readonly OfferEvent[] = [...taken, confirmed, { type: 'ShippingAsked', data: { ...head, ...parcel, at, dueAt } }];
const named = { foId: 'F', warehouse: 'SUP', lockId: 'L', parcelId: 'P' };
const overdue: OfferEvent = { type: 'SupplierOverdue', data: { ...named, askedAt: at, dueAt, contact: 'Chen Wei' } };
const noLonger = (by: string): OfferEvent => ({ type: 'SupplierOverdueEnded', data: { ...named, by } });
const lookAtShipping = (now: string): OfferCommand => ({ type: 'LookAtShipping', data: { at: now, contact: 'Chen Wei' } });
const send = (waybill: string): OfferCommand => ({ type: 'ShipOffer', data: { by, at, carrier: 'SF', waybill, evidenceSha256: '' } });
const sent: OfferEvent = { type: 'SupplierShipped', data: { foId: 'F', parcelId: 'P', warehouse: 'SUP', carrier: 'sf', waybill: 'SF1400000000001', shippedAt: at, orders: [], evidenceSha256: '', lockId: 'L', by } };

describe('an offer to a supplier', () => {
  it('ALC-08: is made until its time is over, and the question put again is answered with that time', () => {
    given().when(ask()).then(made);
    given(made).when(ask('2026-11-22T11:00:00.000Z')).then({ type: 'StockLockPending', data: { ...head, until } });
  });
  it('ALC-08: is not made beyond what the supplier has declared, or to one that nobody has described', () => {
    given().when(ask(at, 1)).then({ type: 'StockLockRefused', data: { ...head, reason: 'SHORT', free: [{ sku: 'A', quantity: 1 }], kept: [] } });
    given().when({ ...ask(), data: { ...ask().data, responseMs: 0 } } as OfferCommand).then({ type: 'StockLockRefused', data: { ...head, reason: 'UNKNOWN_WAREHOUSE', free: [], kept: [] } });
  });
  it('ALC-08: accepted is locked, then confirmed as soon as that is asked; refused says why', () => {
    given(made).when({ type: 'AcceptOffer', data: { by, at } }).then(...taken.slice(1));
    given(...taken).when({ type: 'ConfirmStock', data: { ask: { ...head, fence: 3 } } }).then(confirmed);
    given(made).when({ type: 'RefuseOffer', data: { by, at, reason: 'OUT_OF_STOCK' } }).then({ type: 'OfferRefused', data: { ...head, by, at, reason: 'OUT_OF_STOCK' } }, { type: 'StockLockRefused', data: { ...head, reason: 'OUT_OF_STOCK', free: [], kept: [] } });
    given(made).when({ type: 'RefuseOffer', data: { by, at, reason: 'mood' } }).thenRefused('BAD_REQUEST');
  });
  it('ALC-08: whose time is over is refused with TIMEOUT, by its timer or by whoever looks first; accepting it then is too late', () => {
    given(made).when({ type: 'LookAtOffer', data: { at: '2026-11-22T11:59:59.999Z' } }).thenNothing();
    given(made).when({ type: 'LookAtOffer', data: { at: until } }).then(...timeout);
    given(made).when(ask(until)).then(...timeout);
    given(made).when({ type: 'AcceptOffer', data: { by, at: until } }).then(...timeout);
    given(made, ...timeout).when({ type: 'AcceptOffer', data: { by, at: until } }).thenNothing();
    given(made, ...timeout).when(ask(until)).then({ type: 'LockAnswered', data: { reply: timeout[1] as never } });
    given(made, ...timeout).when({ type: 'ConfirmStock', data: { ask: { ...head, fence: 3 } } }).then({ type: 'LockAnswered', data: { reply: { type: 'StockLockExpired', data: head } } });
  });
  it('ALC-08: is withdrawn by a release, also before it came and after it was accepted; then it is never taken again', () => {
    const withdrawn: OfferEvent = { type: 'OfferWithdrawn', data: { ...head, at, reason: 'CANCELLED' } };
    given(made).when(release).then(withdrawn, released);
    given(...taken, confirmed).when(release).then(withdrawn, released);
    given().when(release).then(released);
    given(released).when(ask()).then({ type: 'LockAnswered', data: { reply: { type: 'StockLockRefused', data: { ...head, reason: 'RELEASED', free: [], kept: [] } } } });
    given(made, withdrawn, released).when({ type: 'AcceptOffer', data: { by, at } }).thenNothing();
  });
  it('ALC-08: is shipped with a number that can be one, once, when order-core has released it; a release is then too late', () => {
    given(...taken, confirmed).when(send('SF1400000000001')).thenNothing();
    given(...taken, confirmed).when(askShipping).then({ type: 'ShippingAsked', data: { ...head, ...parcel, at, dueAt } });
    given(...shippable).when(askShipping).thenNothing();
    given(...shippable).when(send('sf 1400 0000 00001')).then(sent);
    given(...shippable).when(send('?')).thenRefused('BAD_REQUEST');
    given(...shippable, sent).when(send('SF1400000000001')).thenNothing();
    given(...shippable, sent).when(release).then({ type: 'StockConsumed', data: { ...head, parcelId: 'P' } });
    given(...shippable, sent).when({ type: 'ConsumeStock', data: { ask: { ...head, fence: 3, parcelId: 'P' } } }).then({ type: 'StockConsumed', data: { ...head, parcelId: 'P' } });
  });
  it('ALC-08: is not made when the supplier has no place left on its day', () => {
    given().when(ask(at, 5, true)).then({ type: 'StockLockRefused', data: { ...head, reason: 'FULL', free: [{ sku: 'A', quantity: 5 }], kept: [] } });
    given(made).when(ask(at, 5, true)).then({ type: 'StockLockPending', data: { ...head, until } });
  });
  it('ALC-08: accepted, released and not sent in its time it is overdue, once, with who is in charge; sent, withdrawn or asked anew it is no longer', () => {
    given(...shippable).when(lookAtShipping('2026-11-24T09:59:59.999Z')).thenNothing();
    given(...shippable).when(lookAtShipping(dueAt)).then(overdue);
    given(...shippable, overdue).when(lookAtShipping(dueAt)).thenNothing();
    given(...taken, confirmed).when(lookAtShipping(dueAt)).thenNothing();
    given(...shippable, sent).when(lookAtShipping(dueAt)).thenNothing();
    given(...shippable, overdue).when(send('SF1400000000001')).then(noLonger('SHIPPED'), sent);
    given(...shippable, overdue).when(release).then(noLonger('WITHDRAWN'), { type: 'OfferWithdrawn', data: { ...head, at, reason: 'CANCELLED' } }, released);
    given(...shippable, overdue).when({ type: 'ConsumeStock', data: { ask: { ...head, fence: 3, parcelId: 'P' } } }).then(noLonger('SHIPPED'), { type: 'StockConsumed', data: { ...head, parcelId: 'P' } });
    given(...shippable, overdue).when({ type: 'AskShipping', data: { ...parcel, parcelId: 'P2', at: dueAt, shipMs: 0 } }).then(noLonger('ASKED_ANEW'), { type: 'ShippingAsked', data: { ...head, ...parcel, parcelId: 'P2', at: dueAt, dueAt: '' } });
    // Nobody minds when it is sent: no clock.
    given(...taken, confirmed, { type: 'ShippingAsked', data: { ...head, ...parcel, at, dueAt: '' } }).when(lookAtShipping('2027-11-24T10:00:00.000Z')).thenNothing();
  });
  it('ALC-08: one that was released before there was a time to send in has none', () => given(...taken, confirmed, { type: 'ShippingAsked', data: { ...head, ...parcel } }).when(lookAtShipping('2027-11-24T10:00:00.000Z')).thenNothing());
  it('ALC-08: is told twice at most; then it is written down that nobody could be told', () => {
    const tried: OfferEvent = { type: 'MessageAttempted', data: { lockId: 'L', kind: 'OFFER' } };
    given(made).when({ type: 'AttemptMessage', data: { kind: 'OFFER' } }).then(tried);
    given(made, tried).when({ type: 'SettleMessage', data: { kind: 'OFFER', sent: false, again: true, detail: '451' } }).thenNothing();
    given(made, tried, tried).when({ type: 'SettleMessage', data: { kind: 'OFFER', sent: false, again: true, detail: '451' } }).then({ type: 'MessageSettled', data: { lockId: 'L', kind: 'OFFER', outcome: 'FAILED', detail: '451' } });
    given(made, tried, tried).when({ type: 'AttemptMessage', data: { kind: 'OFFER' } }).then({ type: 'MessageSettled', data: { lockId: 'L', kind: 'OFFER', outcome: 'FAILED', detail: 'nobody knows whether it arrived' } });
  });
  it('ALC-08: what cannot be told twice is told until it is, or need not be', () => {
    const tried: OfferEvent = { type: 'MessageAttempted', data: { lockId: 'L', kind: 'OFFER' } };
    given(made, tried, tried, tried).when({ type: 'AttemptMessage', data: { kind: 'OFFER', often: true } }).then(tried);
    given(made, tried, tried, tried).when({ type: 'SettleMessage', data: { kind: 'OFFER', often: true, sent: false, again: true, detail: 'ECONNREFUSED' } }).thenNothing();
    given(made, tried).when({ type: 'SettleMessage', data: { kind: 'OFFER', often: true, sent: false, again: false, detail: 'not needed' } }).then({ type: 'MessageSettled', data: { lockId: 'L', kind: 'OFFER', outcome: 'FAILED', detail: 'not needed' } });
    given(made, tried, { type: 'MessageSettled', data: { lockId: 'L', kind: 'OFFER', outcome: 'SENT', detail: '' } }).when({ type: 'AttemptMessage', data: { kind: 'OFFER', often: true } }).thenNothing();
  });
  it('ALC-08: a parcel that is asked for anew is told anew', () => {
    const told: readonly OfferEvent[] = [{ type: 'MessageAttempted', data: { lockId: 'L', kind: 'SHIP' } }, { type: 'MessageSettled', data: { lockId: 'L', kind: 'SHIP', outcome: 'SENT', detail: '' } }];
    given(...shippable, ...told).when({ type: 'AttemptMessage', data: { kind: 'SHIP' } }).thenNothing();
    given(...shippable, ...told, { type: 'ShippingAsked', data: { ...head, ...parcel, parcelId: 'P2', at, dueAt } }).when({ type: 'AttemptMessage', data: { kind: 'SHIP' } }).then({ type: 'MessageAttempted', data: { lockId: 'L', kind: 'SHIP' } });
  });
  it('ALC-08: what was sent can be shown by a video, the same one once, five at most; what was not sent cannot', () => {
    const video = (sha256: string) => ({ sha256, bytes: 9, mediaType: 'video/mp4' });
    const attach = (sha256: string): OfferCommand => ({ type: 'AttachVideo', data: { by, at, ...video(sha256) } });
    const attached = (sha256: string): OfferEvent => ({ type: 'PackingVideoAttached', data: { ...named, ...video(sha256), attachedAt: at, by } });
    given(...shippable, sent).when(attach('a')).then(attached('a'));
    given(...shippable, sent, { type: 'StockConsumed', data: { ...head, parcelId: 'P' } }).when(attach('a')).then(attached('a'));
    given(...shippable, sent, attached('a'), attached('b')).when(attach('a')).thenNothing();
    given(...shippable, sent, ...['a', 'b', 'c', 'd', 'e'].map(attached)).when(attach('f')).thenRefused('OFFER_OVER');
    for (const before of [[], [made], taken, shippable]) given(...before).when(attach('a')).thenRefused('OFFER_OVER');
  });
});

describe('a supplier', () => {
  const terms = { supplier: 'SUP', name: '义乌', email: 'a@b.test', language: 'zh', responseMinutes: 60, delivery: 'PORTAL', apiUrl: '', apiSecret: '', shipHours: 48 };
  it('ALC-08: says how it is reached and how long it may take', () => {
    const describe_ = specify(supplier).given;
    describe_().when({ type: 'DescribeSupplier', data: terms }).then({ type: 'SupplierDescribed', data: terms });
    describe_({ type: 'SupplierDescribed', data: terms }).when({ type: 'DescribeSupplier', data: terms }).thenNothing();
    for (const wrong of [{ email: 'a' }, { language: 'fr' }, { delivery: 'FAX' }, { delivery: 'API' }]) describe_().when({ type: 'DescribeSupplier', data: { ...terms, ...wrong } }).thenRefused('BAD_REQUEST');
    describe_().when({ type: 'DescribeSupplier', data: { ...terms, responseMinutes: 0 } }).thenRefused('BAD_QUANTITY');
    describe_().when({ type: 'DescribeSupplier', data: { ...terms, shipHours: -1 } }).thenRefused('BAD_QUANTITY');
    describe_().when({ type: 'DescribeSupplier', data: { ...terms, shipHours: 0 } }).then({ type: 'SupplierDescribed', data: { ...terms, shipHours: 0 } });
  });
  it('ALC-08: one that was described before it had a time to send in has two days', () => {
    const { shipHours: _, ...before } = terms;
    specify(supplier).given({ type: 'SupplierDescribed', data: before as never }).when({ type: 'DescribeSupplier', data: terms }).thenNothing();
  });
});

describe('the day of a supplier that takes so many orders', () => {
  const place = (day: string) => ({ supplier: 'SUP', lockId: 'L', day });
  const today = '2026-11-22';
  const takenAfter = (...events: readonly (readonly ['PlaceTaken' | 'PlaceFreed', string])[]): number => takenOn(events.reduce((state, [type, day]) => supplierDay.evolve(state, { type, data: place(day) }), supplierDay.initial), today);
  it('ALC-08: counts the places that are taken, and ends at its midnight', () => {
    specify(supplierDay).given().when({ type: 'TakePlace', data: place(today) }).then({ type: 'PlaceTaken', data: place(today) });
    expect(takenAfter(['PlaceTaken', today], ['PlaceTaken', today], ['PlaceFreed', today])).toBe(1);
    expect(takenAfter(['PlaceTaken', '2026-11-21'], ['PlaceTaken', '2026-11-21'])).toBe(0);
    expect(takenAfter(['PlaceTaken', '2026-11-21'], ['PlaceTaken', today])).toBe(1);
  });
  it('ALC-08: a place that comes back after midnight is no place of today', () => expect(takenAfter(['PlaceTaken', '2026-11-21'], ['PlaceTaken', today], ['PlaceFreed', '2026-11-21'])).toBe(1));
});

describe('what may be expected of a supplier', () => {
  const hour = 3_600_000;
  it('ALC-08: one that accepts more and faster and sends in time is asked first, and a full one after one with room', () => {
    const good = { ended: 100, accepted: 95, answered: 100, answeredMs: 10 * hour, due: 90, late: 0 };
    expect(capabilityOf(good, hour).score).toBeGreaterThan(capabilityOf({ ...good, accepted: 60 }, hour).score);
    expect(capabilityOf(good, hour).score).toBeGreaterThan(capabilityOf({ ...good, answeredMs: 90 * hour }, hour).score);
    expect(capabilityOf(good, hour).score).toBeGreaterThan(capabilityOf({ ...good, late: 30 }, hour).score);
    expect(capabilityOf(good, hour, 0.2).score).toBeLessThan(capabilityOf({ ...good, accepted: 60 }, hour).score);
  });
  it('ALC-08: a new one is taken to do as suppliers do, and one refusal does not write it off', () => {
    const none = { ended: 0, accepted: 0, answered: 0, answeredMs: 0, due: 0, late: 0 };
    expect(capabilityOf(none, hour).acceptance).toBeCloseTo(0.8);
    expect(capabilityOf({ ...none, ended: 1, answered: 1 }, hour).acceptance).toBeGreaterThan(0.6);
  });
});
