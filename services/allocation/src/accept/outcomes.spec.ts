import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { Incoming } from '@flotilla/messaging';
import { MemoryUnit } from '@flotilla/testing';
import { article } from '../../spec/examples.js';
import { sku } from '../decide/sku.decider.js';
import { outcomes } from './outcomes.consumer.js';

const golden = (type: string): object => JSON.parse(readFileSync(new URL(`../../../../proto/golden/${type}.json`, import.meta.url), 'utf8')) as object;
const LEFT = 'flotilla.carrier.v1.ParcelShipped';
const REACHED = 'flotilla.tracking.v1.MilestoneReached';
const delivered = { ...golden(REACHED), parcelId: 'P', foId: 'F', milestone: 'MILESTONE_DELIVERED', occurredAt: '2026-11-25T08:00:00Z' };
const left = { ...golden(LEFT), parcelId: 'P', foId: 'F', warehouse: 'WH1', items: [{ sku: 'A', name: '', quantity: 2, grams: 300 }], freight: { amount: 1_200, currency: 'CNY' }, shippedAt: '2026-11-22T08:00:00Z', dueAt: '' };

const told = (...messages: readonly (readonly [string, object])[]): MemoryUnit => {
  const unit = new MemoryUnit();
  unit.run(sku, 'A', { type: 'DescribeArticle', data: article('A', { lengthMm: 100, widthMm: 100, heightMm: 200 }) });
  for (const [type, data] of messages) {
    const message = { type, data } as Incoming;
    expect(outcomes.handlers[type]!.streams!(message)).toBeDefined();
    outcomes.handlers[type]!.handle(message, unit, undefined);
  }
  return unit;
};

describe('ALC-05: what becomes of parcels', () => {
  it('ALC-05: notes what a parcel costs, weighs and measures, where it goes, and nobody’s name or street', () => {
    const unit = told([LEFT, left]);
    expect(unit.of('ParcelLeft')).toEqual([
      expect.objectContaining({ parcelId: 'P', foId: 'F', warehouse: 'WH1', grams: 600, litres: 4, freight: { amount: 1_200, currency: 'CNY' }, shippedAt: '2026-11-22T08:00:00.000Z', dueAt: '' }),
    ]);
    expect(JSON.stringify(unit.of('ParcelLeft'))).not.toContain('sealed');
  });
  it('ALC-05: in whatever order it is told, and once', () => expect(told([REACHED, delivered], [LEFT, left], [LEFT, left], [REACHED, delivered]).log.slice(1).map(({ type }) => type)).toEqual(['ParcelArrived', 'ParcelLeft']));
  it('ALC-05: other milestones say nothing of the time it took', () => expect(told([REACHED, { ...delivered, milestone: 'MILESTONE_IN_TRANSIT' }]).of('ParcelArrived')).toEqual([]));
  it('ALC-05: a time that is none is not known, a weight that cannot be is none: nothing that follows the log stops for it', () => {
    const odd = { ...left, shippedAt: 'soon', dueAt: '+275760-09-13T00:00:00Z', items: [{ sku: 'Ä', name: '', quantity: 9e15, grams: 9e15 }] };
    expect(told([LEFT, odd]).of('ParcelLeft')).toEqual([expect.objectContaining({ shippedAt: '', dueAt: '', grams: 0, litres: 0 })]);
    expect(told([REACHED, { ...delivered, parcelId: ' ' }]).of('ParcelArrived')).toEqual([]);
  });
});
