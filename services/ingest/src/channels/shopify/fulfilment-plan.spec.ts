import { describe, expect, it } from '@jest/globals';
import { parseExact } from '../exact-json.js';
import { Fields } from '../fields.js';
import type { Shipment } from '../platform.js';
import { companyOf } from './carriers.js';
import { plan, told } from './fulfilment-plan.js';

const fields = (value: unknown): readonly Fields[] => Fields.of(parseExact(Buffer.from(JSON.stringify({ list: value }))))!.list('list');
const shipment: Shipment = { channelOrderId: '1', carrier: 'sf', waybill: 'SF100', lines: [{ channelLineId: '11', quantity: 2 }, { channelLineId: '12', quantity: 1 }] };
const fulfilmentOrder = (id: number, location: number, lines: readonly (readonly [number, number, number])[], status = 'open'): object => ({
  id, status, assigned_location_id: location, line_items: lines.map(([line, of, quantity]) => ({ id: line, line_item_id: of, quantity, fulfillable_quantity: quantity })),
});

describe('what Shopify is told of a shipment', () => {
  it('ING-13: the shipped units of each line, and no more', () =>
    expect(plan(fields([fulfilmentOrder(900, 1, [[91, 11, 5], [92, 12, 1], [93, 13, 1]])]), shipment.lines)).toEqual([{ orders: [{ fulfilmentOrderId: '900', lines: [{ id: '91', quantity: 2 }, { id: '92', quantity: 1 }] }] }]));

  it('ING-13: one fulfilment per location, lines spread where one has too few', () =>
    expect(plan(fields([fulfilmentOrder(900, 1, [[91, 11, 1]]), fulfilmentOrder(901, 2, [[94, 11, 3], [95, 12, 1]]), fulfilmentOrder(902, 1, [[96, 12, 1]])]), shipment.lines)).toEqual([
      { orders: [{ fulfilmentOrderId: '900', lines: [{ id: '91', quantity: 1 }] }] },
      { orders: [{ fulfilmentOrderId: '901', lines: [{ id: '94', quantity: 1 }, { id: '95', quantity: 1 }] }] },
    ]));

  it.each(['closed', 'cancelled', 'on_hold', 'incomplete'])('ING-13: nothing of a fulfilment order that is %s', (status) => expect(plan(fields([fulfilmentOrder(900, 1, [[91, 11, 2]], status)]), shipment.lines)).toEqual([]));

  it('ING-13: knows by the waybill what was told before', () => {
    const line = (id: number, quantity: number): object => ({ id, quantity });
    expect(told(fields([]), shipment)).toEqual({ fulfilmentIds: [], left: shipment.lines });
    expect(told(fields([{ id: 7, status: 'success', tracking_number: 'SF100', line_items: [line(11, 2), line(12, 1)] }]), shipment)).toEqual({ fulfilmentIds: ['7'], left: [] });
    expect(told(fields([{ id: 7, status: 'success', tracking_numbers: ['X', 'SF100'], line_items: [line(11, 1)] }]), shipment)).toEqual({ fulfilmentIds: ['7'], left: [{ channelLineId: '11', quantity: 1 }, { channelLineId: '12', quantity: 1 }] });
    expect(told(fields([{ id: 7, status: 'cancelled', tracking_number: 'SF100', line_items: [line(11, 2)] }, { id: 8, status: 'success', tracking_number: 'SF999', line_items: [line(11, 2)] }]), shipment)).toEqual({ fulfilmentIds: [], left: shipment.lines });
  });

  it('ING-13: carriers have Shopify’s names', () => expect(['sf', 'SF', 'dhl', 'our-own-van'].map(companyOf)).toEqual(['SF Express', 'SF Express', 'DHL Express', 'our-own-van']));
});
