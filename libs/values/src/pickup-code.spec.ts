import { randomBytes, randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { pickupCode } from './pickup-code.js';

it('ALC-12: a pickup code is six digits, of its parcel and its key alone', () => {
  const [key, parcelId] = [randomBytes(32), randomUUID()];
  expect(pickupCode(key, parcelId)).toMatch(/^\d{6}$/);
  expect(pickupCode(key, parcelId)).toBe(pickupCode(Buffer.from(key), parcelId));
  expect(new Set(Array.from({ length: 50 }, () => pickupCode(key, randomUUID()))).size).toBeGreaterThan(45);
  expect(new Set(Array.from({ length: 50 }, () => pickupCode(randomBytes(32), parcelId))).size).toBeGreaterThan(45);
});
