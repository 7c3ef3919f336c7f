/** A node without a time zone of its own ends its day with Shanghai. */
export const DEFAULT_ZONE = 'Asia/Shanghai';

const QUARTER_MS = 15 * 60_000;

/** The day (YYYY-MM-DD) that a zone has at an instant. */
export const dayOf = (at: string, zone: string): string => new Intl.DateTimeFormat('sv-SE', { timeZone: zone || DEFAULT_ZONE, dateStyle: 'short' }).format(Date.parse(at));

/** When the next day of a zone begins. All zones' midnights are whole quarters of an hour, summer time or not. */
export const nextDay = (at: string, zone: string): string => {
  const today = dayOf(at, zone);
  let ms = (Math.floor(Date.parse(at) / QUARTER_MS) + 1) * QUARTER_MS;
  while (dayOf(new Date(ms).toISOString(), zone) === today) ms += QUARTER_MS;
  return new Date(ms).toISOString();
};
