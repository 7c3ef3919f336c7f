import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { hookTypes } from '../../coordinate/hooking.js';
import { masked } from './masked.js';

const golden = (type: string): unknown => JSON.parse(readFileSync(new URL(`../../../../../proto/golden/${type}.json`, import.meta.url), 'utf8'));
const shapeOf = (value: unknown): unknown => (Array.isArray(value) ? value.map(shapeOf) : typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, shapeOf(one)])) : typeof value);

describe('OPS-09: what others are told of an event', () => {
  it.each([...hookTypes])('OPS-09: %s holds nothing sealed and nothing that points to a person, in its own shape', (type) => {
    const told = masked(golden(type));
    expect(shapeOf(told)).toEqual(shapeOf(golden(type)));
    expect(JSON.stringify(told)).not.toContain('sealed.v1');
    expect(JSON.stringify(told)).not.toMatch(/"(?:subject|phoneIndex|emailIndex|token|taxId)":"[^"]/);
  });
  it('OPS-09: what is no secret stays: the place down to the district, sums, SKUs, numbers', () => {
    expect(masked(golden('flotilla.order.v1.OrderPlaced'))).toMatchObject({ orderId: '73593e49-01a8-5a48-ba3d-f80693b46afb', number: '#1001', total: { amount: 3500, currency: 'USD' }, shipTo: { city: 'Portland', postcode: '97201', street: '***', company: '', name: '***' }, buyer: { subject: '', email: '***', locale: 'en-US' }, lines: [{ sku: 'MUG-1' }, { sku: 'TEE-2' }] });
  });
  it('OPS-09: in words people are masked', () => expect(masked({ detail: 'call 13800138000', waybill: '1380013800012', detailZh: '负责人：Zhang' })).toEqual({ detail: 'call *** 8000', waybill: '1380013800012', detailZh: '负责人：Z***' }));
  it('OPS-09: there is an example of each', () => expect(globSync('*.json', { cwd: new URL('../../../../../proto/golden/', import.meta.url).pathname }).length).toBeGreaterThan(hookTypes.length));
});
