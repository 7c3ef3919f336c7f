import { Refused } from '@flotilla/decider';

const shape = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s*(Z|z|[+-]\d{2}(?::?\d{2})?)?$/;

/**
 * `toInstant('2026-11-21 18:00:00', '+08:00')` = "2026-11-21T10:00:00.000Z". Reads ISO 8601 with or without "T", a date
 * alone (midnight), and epoch seconds (10 digits) or milliseconds (13). A local time needs `defaultOffset`: guessing one
 * would move a promise by hours. Fractions are cut to milliseconds. Refused BAD_INSTANT otherwise, also for 30 February.
 */
export const toInstant = (text: string, defaultOffset?: string): string => {
  const trimmed = text.trim();
  if (/^\d{10}$/.test(trimmed)) return new Date(Number(trimmed) * 1000).toISOString();
  if (/^\d{13}$/.test(trimmed)) return new Date(Number(trimmed)).toISOString();
  const match = shape.exec(trimmed);
  if (match === null) return refuse(text, 'is not an instant; give one such as 2026-11-21T10:00:00Z');
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0)) as [number, number, number, number, number, number];
  const millis = Number((match[7] ?? '').slice(0, 3).padEnd(3, '0'));
  const offset = match[8] ?? defaultOffset;
  if (offset === undefined) return refuse(text, 'has no offset from UTC; give one such as Z or +08:00');
  const local = new Date(0);
  local.setUTCFullYear(year, month - 1, day);
  local.setUTCHours(hour, minute, second, millis);
  const real = local.getUTCFullYear() === year && local.getUTCMonth() === month - 1 && local.getUTCDate() === day && hour < 24 && minute < 60 && second < 60;
  if (!real) return refuse(text, 'is a date or time that does not exist');
  const instant = new Date(local.getTime() - minutesOf(text, offset) * 60_000);
  if (instant.getUTCFullYear() < 1 || instant.getUTCFullYear() > 9999) return refuse(text, 'is outside the years 1 to 9999');
  return instant.toISOString();
};

const minutesOf = (text: string, offset: string): number => {
  if (offset === 'Z' || offset === 'z') return 0;
  const match = /^([+-])(\d{2}):?(\d{2})?$/.exec(offset);
  const [hours, minutes] = [Number(match?.[2] ?? 99), Number(match?.[3] ?? 0)];
  if (match === null || hours > 14 || minutes > 59) return refuse(text, `has the offset "${offset}", which does not exist`);
  return (match[1] === '-' ? -1 : 1) * (hours * 60 + minutes);
};

const refuse = (text: string, why: string): never => {
  throw new Refused('BAD_INSTANT', `"${text.slice(0, 40)}" ${why}`);
};
