/** Where nobody says otherwise, a day ends with Shanghai's. */
export const DEFAULT_ZONE = 'Asia/Shanghai';

const QUARTER_MS = 15 * 60_000;

/**
 * Whether a text is a zone of the IANA's such as Asia/Shanghai. An offset is none: at +05:37 no clock ever shows a quarter of an hour when one begins, and the
 * next day would be looked for without end.
 */
export const isTimeZone = (zone: string): boolean => {
  try {
    return /^[A-Za-z]/.test(zone) && new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
};

// Making one takes longer than using it a hundred times.
const formats = new Map<string, Intl.DateTimeFormat>();

const formatOf = (zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat => {
  const key = `${zone} ${JSON.stringify(options)}`;
  const known = formats.get(key) ?? new Intl.DateTimeFormat('sv-SE', { timeZone: zone, ...options });
  formats.set(key, known);
  return known;
};

/** The day (YYYY-MM-DD) that a zone has at an instant; "" is Shanghai's. */
export const dayOf = (at: string, zone: string): string => formatOf(zone || DEFAULT_ZONE, { dateStyle: 'short' }).format(Date.parse(at));

/** When the next day of a zone begins. All zones' midnights are whole quarters of an hour, summer time or not. */
export const nextDay = (at: string, zone: string): string => {
  const today = dayOf(at, zone);
  let ms = (Math.floor(Date.parse(at) / QUARTER_MS) + 1) * QUARTER_MS;
  while (dayOf(new Date(ms).toISOString(), zone) === today) ms += QUARTER_MS;
  return new Date(ms).toISOString();
};

/**
 * The next instant after `at` at which the clocks of a zone show `time` ("08:00", a whole quarter of an hour). Where a night has
 * no such time, the day is passed over.
 */
export const nextTime = (at: string, time: string, zone: string): string => {
  const clock = formatOf(zone, { timeStyle: 'short' });
  let ms = (Math.floor(Date.parse(at) / QUARTER_MS) + 1) * QUARTER_MS;
  while (clock.format(ms) !== time) ms += QUARTER_MS;
  return new Date(ms).toISOString();
};
