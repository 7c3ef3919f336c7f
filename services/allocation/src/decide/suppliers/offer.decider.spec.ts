import { describe, expect, it } from '@jest/globals';
import { specify } from '@flotilla/testing';
import { capabilityOf } from './capability.js';
import { offer, type OfferCommand } from './offer.decider.js';
import type { OfferEvent } from './offer.events.js';
import { supplier } from './supplier.decider.js';

const { given } = specify(offer);
const head = { lockId: 'L', foId: 'F', round: 1, warehouse: 'SUP' };
const lines = [{ sku: 'A', quantity: 2 }];
const at = '2026-11-22T10:00:00.000Z';
const until = '2026-11-22T12:00:00.000Z';
const by = 'supplier:SUP';
const ask = (now = at, free = 5): OfferCommand => ({ type: 'LockStock', data: { ask: { ...head, lines, priority: 0 }, free: [{ sku: 'A', quantity: free }], fence: 3, at: now, responseMs: 2 * 3_600_000 } });
const made: OfferEvent = { type: 'OfferMade', data: { ...head, lines, priority: 0, fence: 3, at, until } };
const locked: OfferEvent = { type: 'StockLocked', data: { ...head, fence: 3, expiresAt: '', lines } };
const confirmed: OfferEvent = { type: 'StockConfirmed', data: { ...head, fence: 3 } };
const taken: readonly OfferEvent[] = [made, { type: 'OfferAccepted', data: { ...head, by, at } }, locked];
const timeout: readonly OfferEvent[] = [{ type: 'OfferExpired', data: { ...head, at: until } }, { type: 'StockLockRefused', data: { ...head, reason: 'TIMEOUT', free: [] } }];
const release: OfferCommand = { type: 'ReleaseStock', data: { ask: { ...head, reason: 'CANCELLED' }, at } };
const released: OfferEvent = { type: 'StockReleased', data: { ...head, missing: [] } };
const parcel = { parcelId: 'P', orders: [], number: '#1', shipTo: { country: 'CN', province: '', city: '', district: '', postcode: '', street: '', company: '', name: '', phone: '', phoneIndex: '', token: '' } };
const shippable: readonly OfferEvent[] = [...taken, confirmed, { type: 'ShippingAsked', data: { ...head, ...parcel } }];
const send = (waybill: string): OfferCommand => ({ type: 'ShipOffer', data: { by, at, carrier: 'SF', waybill, evidenceSha256: '' } });
const sent: OfferEvent = { type: 'SupplierShipped', data: { foId: 'F', parcelId: 'P', warehouse: 'SUP', carrier: 'sf', waybill: 'SF1400000000001', shippedAt: at, orders: [], evidenceSha256: '', lockId: 'L', by } };

describe('an offer to a supplier', () => {
  it('ALC-08: is made until its time is over, and the question put again is answered with that time', () => {
    given().when(ask()).then(made);
    given(made).when(ask('2026-11-22T11:00:00.000Z')).then({ type: 'StockLockPending', data: { ...head, until } });
  });
  it('ALC-08: is not made beyond what the supplier has declared, or to one that nobody has described', () => {
    given().when(ask(at, 1)).then({ type: 'StockLockRefused', data: { ...head, reason: 'SHORT', free: [{ sku: 'A', quantity: 1 }] } });
    given().when({ ...ask(), data: { ...ask().data, responseMs: 0 } } as OfferCommand).then({ type: 'StockLockRefused', data: { ...head, reason: 'UNKNOWN_WAREHOUSE', free: [] } });
  });
  it('ALC-08: accepted is locked, then confirmed as soon as that is asked; refused says why', () => {
    given(made).when({ type: 'AcceptOffer', data: { by, at } }).then(...taken.slice(1));
    given(...taken).when({ type: 'ConfirmStock', data: { ask: { ...head, fence: 3 } } }).then(confirmed);
    given(made).when({ type: 'RefuseOffer', data: { by, at, reason: 'OUT_OF_STOCK' } }).then({ type: 'OfferRefused', data: { ...head, by, at, reason: 'OUT_OF_STOCK' } }, { type: 'StockLockRefused', data: { ...head, reason: 'OUT_OF_STOCK', free: [] } });
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
    given(released).when(ask()).then({ type: 'LockAnswered', data: { reply: { type: 'StockLockRefused', data: { ...head, reason: 'RELEASED', free: [] } } } });
    given(made, withdrawn, released).when({ type: 'AcceptOffer', data: { by, at } }).thenNothing();
  });
  it('ALC-08: is shipped with a number that can be one, once, when order-core has released it; a release is then too late', () => {
    given(...taken, confirmed).when(send('SF1400000000001')).thenNothing();
    given(...taken, confirmed).when({ type: 'AskShipping', data: parcel }).then({ type: 'ShippingAsked', data: { ...head, ...parcel } });
    given(...shippable).when(send('sf 1400 0000 00001')).then(sent);
    given(...shippable).when(send('?')).thenRefused('BAD_REQUEST');
    given(...shippable, sent).when(send('SF1400000000001')).thenNothing();
    given(...shippable, sent).when(release).then({ type: 'StockConsumed', data: { ...head, parcelId: 'P' } });
    given(...shippable, sent).when({ type: 'ConsumeStock', data: { ask: { ...head, fence: 3, parcelId: 'P' } } }).then({ type: 'StockConsumed', data: { ...head, parcelId: 'P' } });
  });
  it('ALC-08: is told twice at most; then it is written down that nobody could be told', () => {
    const tried: OfferEvent = { type: 'MessageAttempted', data: { lockId: 'L', kind: 'OFFER' } };
    given(made).when({ type: 'AttemptMessage', data: { kind: 'OFFER' } }).then(tried);
    given(made, tried).when({ type: 'SettleMessage', data: { kind: 'OFFER', sent: false, again: true, detail: '451' } }).thenNothing();
    given(made, tried, tried).when({ type: 'SettleMessage', data: { kind: 'OFFER', sent: false, again: true, detail: '451' } }).then({ type: 'MessageSettled', data: { lockId: 'L', kind: 'OFFER', outcome: 'FAILED', detail: '451' } });
    given(made, tried, tried).when({ type: 'AttemptMessage', data: { kind: 'OFFER' } }).then({ type: 'MessageSettled', data: { lockId: 'L', kind: 'OFFER', outcome: 'FAILED', detail: 'nobody knows whether it arrived' } });
  });
});

describe('a supplier', () => {
  const terms = { supplier: 'SUP', name: '义乌', email: 'a@b.test', language: 'zh', responseMinutes: 60, delivery: 'PORTAL', apiUrl: '', apiSecret: '' };
  it('ALC-08: says how it is reached and how long it may take', () => {
    const describe_ = specify(supplier).given;
    describe_().when({ type: 'DescribeSupplier', data: terms }).then({ type: 'SupplierDescribed', data: terms });
    describe_({ type: 'SupplierDescribed', data: terms }).when({ type: 'DescribeSupplier', data: terms }).thenNothing();
    for (const wrong of [{ email: 'a' }, { language: 'fr' }, { delivery: 'FAX' }, { delivery: 'API' }]) describe_().when({ type: 'DescribeSupplier', data: { ...terms, ...wrong } }).thenRefused('BAD_REQUEST');
    describe_().when({ type: 'DescribeSupplier', data: { ...terms, responseMinutes: 0 } }).thenRefused('BAD_QUANTITY');
  });
});

describe('what may be expected of a supplier', () => {
  const hour = 3_600_000;
  it('ALC-08: one that accepts more and faster is asked first, and a full one after one with room', () => {
    const good = { ended: 100, accepted: 95, answered: 100, answeredMs: 10 * hour };
    expect(capabilityOf(good, hour).score).toBeGreaterThan(capabilityOf({ ...good, accepted: 60 }, hour).score);
    expect(capabilityOf(good, hour).score).toBeGreaterThan(capabilityOf({ ...good, answeredMs: 90 * hour }, hour).score);
    expect(capabilityOf(good, hour, 0.2).score).toBeLessThan(capabilityOf({ ...good, accepted: 60 }, hour).score);
  });
  it('ALC-08: a new one is taken to do as suppliers do, and one refusal does not write it off', () => {
    const none = { ended: 0, accepted: 0, answered: 0, answeredMs: 0 };
    expect(capabilityOf(none, hour).acceptance).toBeCloseTo(0.8);
    expect(capabilityOf({ ...none, ended: 1, answered: 1 }, hour).acceptance).toBeGreaterThan(0.6);
  });
});
