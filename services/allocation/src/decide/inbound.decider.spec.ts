import { describe, expect, it } from '@jest/globals';
import { fold } from '@flotilla/decider';
import { specify } from '@flotilla/testing';
import { inbound, type InboundCommand } from './inbound.decider.js';
import type { InboundEvent, InboundHead, InboundLine } from './inbound.events.js';

const { given } = specify(inbound);
const bare = { inbound: 'PO-1', kind: 'PURCHASE', warehouse: 'WH1', fromWarehouse: '', expectedAt: '2026-12-01T00:00:00.000Z', reference: 'ACME' } as const;
const line = (sku: string, announced: number, received = 0, unsellable = 0): InboundLine => ({ sku, announced, received, unsellable });
const head = (...lines: readonly InboundLine[]): InboundHead => ({ ...bare, lines });
const announce = (lines: Readonly<Record<string, number>>, changes: object = {}): InboundCommand => ({ type: 'AnnounceInbound', data: { ...bare, ...changes, lines: Object.entries(lines).map(([sku, quantity]) => ({ sku, quantity })) } });
const one = (sku: string, quantity: number, unsellable = 0) => ({ sku, quantity, unsellable, cause: unsellable > 0 ? 'DAMAGED' : '' });
const receive = (received: readonly ReturnType<typeof one>[], complete = false): InboundCommand => ({ type: 'ReceiveInbound', data: { inbound: 'PO-1', received, complete, reason: '' } });
const announced: InboundEvent = { type: 'InboundAnnounced', data: head(line('A', 5), line('B', 2)) };
const partly: InboundEvent = { type: 'InboundReceived', data: { ...head(line('A', 5, 3, 1), line('B', 2)), received: [one('A', 3, 1)], reason: '' } };
const closed = (lines: readonly InboundLine[], differences: readonly { sku: string; difference: number }[], reason = ''): InboundEvent => ({ type: 'InboundClosed', data: { ...head(...lines), differences, reason } });

describe('goods on their way', () => {
  it('ALC-02: are announced with their date, again with other figures, and line by line', () => {
    given().when(announce({ A: 5, B: 2 })).then(announced);
    given(announced).when(announce({ A: 5, B: 2 })).thenNothing();
    given(announced).when(announce({ B: 3 })).then({ type: 'InboundAnnounced', data: head(line('A', 5), line('B', 3)) });
    given(announced).when(announce({ A: 5 }, { expectedAt: '' })).then({ type: 'InboundAnnounced', data: { ...head(line('A', 5), line('B', 2)), expectedAt: '' } });
  });
  it('ALC-02: arrive in parts; when all of it is there nobody has to say so', () => {
    given(announced).when(receive([one('A', 3, 1)])).then(partly);
    given(announced, partly).when(receive([one('A', 2), one('B', 2)])).then(
      { type: 'InboundReceived', data: { ...head(line('A', 5, 5, 1), line('B', 2, 2)), received: [one('A', 2), one('B', 2)], reason: '' } },
      closed([line('A', 5, 5, 1), line('B', 2, 2)], []),
    );
  });
  it('ALC-02: what did not come, or came too many, is a difference', () => {
    given(announced, partly).when(receive([one('B', 4)], true)).then(
      { type: 'InboundReceived', data: { ...head(line('A', 5, 3, 1), line('B', 2, 4)), received: [one('B', 4)], reason: '' } },
      closed([line('A', 5, 3, 1), line('B', 2, 4)], [{ sku: 'A', difference: -2 }, { sku: 'B', difference: 2 }]),
    );
    given(announced, partly).when({ type: 'CloseInbound', data: { inbound: 'PO-1', reason: 'lost at sea' } }).then(closed([line('A', 5, 3, 1), line('B', 2)], [{ sku: 'A', difference: -2 }, { sku: 'B', difference: -2 }], 'lost at sea'));
  });
  it('ALC-02: why it arrived so is kept with what arrived, and what was received before that was kept reads as ever', () => {
    const said: InboundCommand = { type: 'ReceiveInbound', data: { inbound: 'PO-1', received: [one('A', 3, 1)], complete: false, reason: 'a pallet fell' } };
    given(announced).when(said).then({ ...partly, data: { ...partly.data, reason: 'a pallet fell' } } as InboundEvent);
    const { reason: _, ...old } = partly.data as { reason: string };
    given(announced, { type: 'InboundReceived', data: old } as InboundEvent).when(receive([one('A', 2), one('B', 2)])).then(
      { type: 'InboundReceived', data: { ...head(line('A', 5, 5, 1), line('B', 2, 2)), received: [one('A', 2), one('B', 2)], reason: '' } },
      closed([line('A', 5, 5, 1), line('B', 2, 2)], []),
    );
  });
  it('ALC-02: after its end nothing comes of it', () => {
    const over = closed([line('A', 5, 5), line('B', 2, 2)], []);
    given(announced, over).when(receive([one('A', 1)])).thenRefused('INBOUND_CLOSED');
    given(announced, over).when(announce({ A: 6 })).thenRefused('INBOUND_CLOSED');
    given(announced, over).when({ type: 'CloseInbound', data: { inbound: 'PO-1', reason: '' } }).thenNothing();
  });
  it('ALC-02: what makes no sense is refused', () => {
    given().when(announce({})).thenRefused('NO_LINES');
    given().when(announce({ A: -1 })).thenRefused('BAD_QUANTITY');
    given().when(announce({ A: 1 }, { kind: 'TRANSFER' })).thenRefused('BAD_REQUEST');
    given().when(announce({ A: 1 }, { fromWarehouse: 'WH2' })).thenRefused('BAD_REQUEST');
    given().when(announce({ A: 1 }, { kind: 'TRANSFER', fromWarehouse: 'WH1' })).thenRefused('BAD_REQUEST');
    given().when({ type: 'AnnounceInbound', data: { ...bare, lines: [{ sku: 'A', quantity: 1 }, { sku: 'A', quantity: 2 }] } }).thenRefused('BAD_REQUEST');
    given().when(announce(Object.fromEntries(Array.from({ length: 201 }, (_, n) => [`S${n}`, 1])))).thenRefused('TOO_LARGE');
    given(announced).when(announce({ A: 1 }, { warehouse: 'WH9' })).thenRefused('BAD_REQUEST');
    given().when(receive([one('A', 1)])).thenRefused('NOT_FOUND');
    given(announced).when(receive([one('C', 1)])).thenRefused('NOT_FOUND');
    given(announced).when(receive([one('A', 1, 2)])).thenRefused('BAD_QUANTITY');
    given(announced).when(receive([])).thenNothing();
  });
});

describe('a transfer order', () => {
  const order = { inbound: 'T-1', kind: 'TRANSFER', warehouse: 'WH2', fromWarehouse: 'WH1', expectedAt: '2026-12-01T00:00:00.000Z', reference: '' } as const;
  const wanted = (sku: string, requested: number, shipped = 0, received = 0, unsellable = 0): InboundLine => ({ sku, requested, announced: shipped, received, unsellable });
  const of = (...lines: readonly InboundLine[]): InboundHead => ({ ...order, lines });
  const request = (lines: Readonly<Record<string, number>>, changes: object = {}): InboundCommand => ({ type: 'RequestTransfer', data: { ...order, ...changes, lines: Object.entries(lines).map(([sku, quantity]) => ({ sku, quantity })) } });
  const ship = (lines: Readonly<Record<string, number>>, reason = ''): InboundCommand => ({ type: 'ShipTransfer', data: { inbound: 'T-1', lines: Object.entries(lines).map(([sku, quantity]) => ({ sku, quantity })), expectedAt: '', reason } });
  const cancel: InboundCommand = { type: 'CancelTransfer', data: { inbound: 'T-1', reason: 'not needed' } };
  const arrive = (received: readonly ReturnType<typeof one>[], complete = false): InboundCommand => ({ type: 'ReceiveInbound', data: { inbound: 'T-1', received, complete, reason: '' } });
  const requested: InboundEvent = { type: 'TransferRequested', data: of(wanted('A', 5), wanted('B', 2)) };
  const shipped: InboundEvent = { type: 'TransferShipped', data: { ...of(wanted('A', 5, 4), wanted('B', 2, 2)), reason: 'one is broken' } };
  const cancelled: InboundEvent = { type: 'TransferCancelled', data: { ...of(wanted('A', 5), wanted('B', 2)), reason: 'not needed' } };

  it('ALC-11: is requested, and requested anew until it has left', () => {
    given().when(request({ A: 5, B: 2 })).then(requested);
    given(requested).when(request({ A: 5, B: 2 })).thenNothing();
    given(requested).when(request({ B: 3 })).then({ type: 'TransferRequested', data: of(wanted('B', 3)) });
    given(requested, shipped).when(request({ A: 5, B: 2 })).thenNothing();
    given(requested).when(request({ A: 5, B: 0 })).thenRefused('BAD_QUANTITY');
    given().when(request({ A: 0 })).thenRefused('NO_LINES');
    expect(fold(inbound, [requested, shipped, { type: 'InboundReceived', data: { ...of(wanted('A', 5, 4, 1), wanted('B', 2, 2)), received: [one('A', 1)], reason: '' } }])?.reason).toBe('one is broken');
    given(requested, shipped).when(request({ B: 3 })).thenRefused('TRANSFER_SHIPPED');
    given(requested, cancelled).when(request({ B: 3 })).thenRefused('INBOUND_CLOSED');
  });
  it('ALC-11: leaves once, all of it or less, and never more than was requested', () => {
    given(requested).when(ship({})).then({ type: 'TransferShipped', data: { ...of(wanted('A', 5, 5), wanted('B', 2, 2)), reason: '' } });
    given(requested).when(ship({ A: 4, B: 2 }, 'one is broken')).then(shipped);
    given(requested).when(ship({ A: 4 })).then({ type: 'TransferShipped', data: { ...of(wanted('A', 5, 4), wanted('B', 2)), reason: '' } });
    given(requested, shipped).when(ship({ A: 4, B: 2 })).thenNothing();
    given(requested, shipped).when(ship({ A: 5, B: 2 })).thenRefused('TRANSFER_SHIPPED');
    given(requested).when(ship({ A: 6 })).thenRefused('BAD_QUANTITY');
    given(requested).when(ship({ C: 1 })).thenRefused('BAD_QUANTITY');
    given(requested).when(ship({ A: 0 })).thenRefused('NO_LINES');
    given(requested, cancelled).when(ship({})).thenRefused('INBOUND_CLOSED');
    given().when(ship({})).thenRefused('NOT_FOUND');
    given(announced).when({ type: 'ShipTransfer', data: { inbound: 'PO-1', lines: [], expectedAt: '', reason: '' } }).thenRefused('TRANSFER_SHIPPED');
  });
  it('ALC-11: is cancelled before it has left, and not after', () => {
    given(requested).when(cancel).then(cancelled);
    given(requested, cancelled).when(cancel).thenNothing();
    given(requested, shipped).when(cancel).thenRefused('TRANSFER_SHIPPED');
  });
  it('ALC-11: arrives in parts, with damage, shortage and overage told line by line', () => {
    given(requested, shipped).when(arrive([one('A', 2, 1)])).then({ type: 'InboundReceived', data: { ...of(wanted('A', 5, 4, 2, 1), wanted('B', 2, 2)), received: [one('A', 2, 1)], reason: '' } });
    given(requested, shipped).when(arrive([one('A', 1), one('B', 3)], true)).then(
      { type: 'InboundReceived', data: { ...of(wanted('A', 5, 4, 1), wanted('B', 2, 2, 3)), received: [one('A', 1), one('B', 3)], reason: '' } },
      { type: 'InboundClosed', data: { ...of(wanted('A', 5, 4, 1), wanted('B', 2, 2, 3)), differences: [{ sku: 'A', difference: -3 }, { sku: 'B', difference: 1 }], reason: '' } },
    );
  });
  it('ALC-11: what has not left is neither received, nor ended, nor announced', () => {
    given(requested).when(arrive([one('A', 1)])).thenRefused('TRANSFER_NOT_SHIPPED');
    given(requested).when({ type: 'CloseInbound', data: { inbound: 'T-1', reason: '' } }).thenRefused('TRANSFER_NOT_SHIPPED');
    given(requested).when({ type: 'AnnounceInbound', data: { ...order, lines: [{ sku: 'A', quantity: 5 }] } }).thenRefused('TRANSFER_NOT_SHIPPED');
    given(requested, cancelled).when(arrive([one('A', 1)])).thenRefused('INBOUND_CLOSED');
  });
  it('ALC-11: what makes no sense is refused', () => {
    given().when(request({})).thenRefused('NO_LINES');
    given().when(request({ A: 0 })).thenRefused('NO_LINES');
    given().when(request({ A: -1 })).thenRefused('BAD_QUANTITY');
    given().when(request({ A: 1 }, { fromWarehouse: '' })).thenRefused('BAD_REQUEST');
    given().when(request({ A: 1 }, { fromWarehouse: 'WH2' })).thenRefused('BAD_REQUEST');
    given().when(request({ A: 1 }, { kind: 'PURCHASE', fromWarehouse: '' })).thenRefused('BAD_REQUEST');
    given().when({ type: 'RequestTransfer', data: { ...order, lines: [{ sku: 'A', quantity: 1 }, { sku: 'A', quantity: 2 }] } }).thenRefused('BAD_REQUEST');
    given(requested).when(request({ A: 1 }, { warehouse: 'WH3' })).thenRefused('BAD_REQUEST');
  });
});
