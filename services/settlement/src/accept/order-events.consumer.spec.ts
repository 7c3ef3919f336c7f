import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { parseMessage, type MessageName, type settlement } from '@flotilla/contracts';
import type { Incoming } from '@flotilla/messaging';
import { MemoryUnit } from '@flotilla/testing';
import { orderEvents } from './order-events.consumer.js';

const { handlers } = orderEvents({ folded: () => Promise.resolve(new Map()) });

it.each(Object.keys(handlers))('SET-03: takes the golden example of %s, naming every stream it needs', (type) => {
  const data = parseMessage(type as MessageName, JSON.parse(readFileSync(`proto/golden/${type}.json`, 'utf8')));
  const message = { type, data, time: '2026-11-21T08:00:00.000Z' } as unknown as Incoming;
  const handler = handlers[type];
  const unit = new MemoryUnit();
  handler?.handle(message, unit, undefined);
  const named = new Set(handler?.streams?.(message).map(([{ category }, id]) => `${category}-${id}`));
  for (const { stream } of unit.log) expect(named).toContain(stream);
  const before = unit.log.length;
  handler?.handle(message, unit, undefined);
  expect(unit.log).toHaveLength(before);
  for (const { postings } of unit.of<settlement.VoucherPosted>('VoucherPosted')) expect(postings.reduce((sum, { amount }) => sum + amount.amount, 0)).toBe(0);
});
