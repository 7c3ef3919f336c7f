import { createHash, timingSafeEqual } from 'node:crypto';
import { Refused } from '@flotilla/decider';
import { jsonOf, storable } from '@flotilla/values';
import { z } from 'zod';

const longest = 2_000;

/** A field that is a text, a number, null or absent: what carriers call a text. As it can be kept, however long it was: one odd text must not cost the scans beside it. */
export const text = z
  .union([z.string(), z.number()])
  .nullish()
  .transform((value) => storable(String(value ?? '').trim(), longest));

/** Refused BAD_JSON if it is none, or is nested deeper than anybody means. */
export const parse = (json: string, what: string): unknown => {
  const read = jsonOf(json);
  if (read === undefined) throw new Refused('BAD_JSON', `${what} is not JSON`);
  return read;
};

/** Whether a signature is the right one: in constant time, whatever the length of what was sent. */
export const isSame = (sent: string, right: string): boolean => {
  const hash = (of: string): Buffer => createHash('sha256').update(of).digest();
  return timingSafeEqual(hash(sent), hash(right));
};
