/** Hours of the day in which nobody is written to: from 22 to 8 is 22:00 until 08:00. */
export interface QuietHours {
  readonly from: number;
  readonly to: number;
}

/** `22-8`; undefined for what is none. */
export const toQuietHours = (text: string): QuietHours | undefined => {
  const [, from, to] = /^(\d{1,2})-(\d{1,2})$/.exec(text.trim()) ?? [];
  const hours = { from: Number(from ?? 24), to: Number(to ?? 24) };
  return hours.from < 24 && hours.to < 24 && hours.from !== hours.to ? hours : undefined;
};

// One zone per country, the one of its largest city: the buyer looks at the clock on their wall.
const zones: Readonly<Record<string, string>> = {
  US: 'America/New_York', CA: 'America/Toronto', GB: 'Europe/London', IE: 'Europe/Dublin', DE: 'Europe/Berlin', FR: 'Europe/Paris', IT: 'Europe/Rome', ES: 'Europe/Madrid', PT: 'Europe/Lisbon',
  NL: 'Europe/Amsterdam', BE: 'Europe/Brussels', AT: 'Europe/Vienna', CH: 'Europe/Zurich', SE: 'Europe/Stockholm', NO: 'Europe/Oslo', DK: 'Europe/Copenhagen', FI: 'Europe/Helsinki', PL: 'Europe/Warsaw',
  JP: 'Asia/Tokyo', KR: 'Asia/Seoul', TH: 'Asia/Bangkok', VN: 'Asia/Ho_Chi_Minh', ID: 'Asia/Jakarta', IN: 'Asia/Kolkata', AE: 'Asia/Dubai', AU: 'Australia/Sydney', NZ: 'Pacific/Auckland', BR: 'America/Sao_Paulo',
  MX: 'America/Mexico_City', RU: 'Europe/Moscow',
};

/** The zone of a country; Beijing's where it is unknown. */
export const zoneOf = (country: string): string => zones[country] ?? 'Asia/Shanghai';

const clockIn = (zone: string, at: Date): { readonly hour: number; readonly past: number } => {
  const parts = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }).formatToParts(at);
  const of = (type: string): number => Number(parts.find((part) => part.type === type)?.value ?? 0);
  return { hour: of('hour'), past: of('minute') * 60_000 + of('second') * 1_000 + at.getUTCMilliseconds() };
};

/** When the night that it is in a country at this instant is over; undefined by day. A clock that is put forward or back in it moves the end with it. */
export const quietUntil = ({ from, to }: QuietHours, country: string, now: string): string | undefined => {
  const zone = zoneOf(country);
  const quiet = (at: Date): boolean => {
    const { hour } = clockIn(zone, at);
    return from < to ? hour >= from && hour < to : hour >= from || hour < to;
  };
  const start = new Date(now);
  if (!quiet(start)) return undefined;
  // Hour by hour, since one of them may be missing or be there twice.
  let at = new Date(start.getTime() - clockIn(zone, start).past + 3_600_000);
  while (quiet(at)) at = new Date(at.getTime() + 3_600_000);
  return at.toISOString();
};
