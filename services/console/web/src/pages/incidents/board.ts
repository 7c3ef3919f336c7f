import type { alerts } from '@flotilla/contracts';

type Incident = alerts.Incident;

/** Minutes in which somebody is to take an incident of this severity in hand: when the policy tells the next role; undefined if it never does. */
export const slaMinutes = (policy: alerts.NoticePolicy | undefined, severity: string): number | undefined => policy?.escalations.find((one) => one.severity === severity)?.afterMinutes;

export interface Age {
  readonly seconds: number;
  /** Of the time in which it is to be answered: 1 = just over; undefined where there is none, or it was answered. */
  readonly share: number | undefined;
  readonly state: 'fresh' | 'near' | 'over' | 'answered' | 'untimed';
}

/** How long an incident stands, and how that is to its time. `now`: business time. */
export const ageOf = (incident: Pick<Incident, 'raisedAt' | 'state' | 'acknowledgedAt'>, minutes: number | undefined, now: number): Age => {
  const seconds = Math.max(0, (now - Date.parse(incident.raisedAt)) / 1_000);
  if (incident.state !== 'OPEN') return { seconds, share: undefined, state: 'answered' };
  if (minutes === undefined || minutes <= 0) return { seconds, share: undefined, state: 'untimed' };
  const share = seconds / (minutes * 60);
  return { seconds, share, state: share >= 1 ? 'over' : share >= 0.75 ? 'near' : 'fresh' };
};

const grave: Readonly<Record<string, number>> = { CRITICAL: 0, WARNING: 1, INFO: 2 };

export interface BoardColumn {
  readonly rule: string;
  /** As the service counts them; the cards may be fewer. */
  readonly open: number;
  readonly acknowledged: number;
  readonly incidents: readonly Incident[];
}

/** Columns by reason: those with what is critical and unanswered first, then the largest; within one, unanswered before answered, grave before light, old before new. */
export const columnsOf = (board: alerts.IncidentBoard, incidents: readonly Incident[]): readonly BoardColumn[] => {
  const byRule = Map.groupBy(incidents, ({ rule }) => rule);
  const rank = (one: Incident): readonly [number, number, string] => [one.state === 'OPEN' ? 0 : 1, grave[one.severity] ?? 3, one.raisedAt];
  const compare = (a: Incident, b: Incident): number => {
    const [x, y] = [rank(a), rank(b)];
    return x[0] - y[0] || x[1] - y[1] || (x[2] < y[2] ? -1 : x[2] > y[2] ? 1 : 0);
  };
  return board.columns
    .toSorted((a, b) => Number(b.critical > 0 && b.open > 0) - Number(a.critical > 0 && a.open > 0) || b.open - a.open || b.acknowledged - a.acknowledged || (a.rule < b.rule ? -1 : 1))
    .map(({ rule, open, acknowledged }) => ({ rule, open, acknowledged, incidents: (byRule.get(rule) ?? []).toSorted(compare) }));
};

/** The member of a rota who is on call at an instant, and until when; undefined before it begins, or where nobody is in it. */
export const onCall = ({ members, startsAt, hours }: alerts.Rota, now: number): { readonly member: string; readonly until: string } | undefined => {
  const begin = Date.parse(startsAt);
  if (members.length === 0 || hours <= 0 || Number.isNaN(begin) || now < begin) return undefined;
  const turn = Math.floor((now - begin) / (hours * 3_600_000));
  return { member: members[turn % members.length]!, until: new Date(begin + (turn + 1) * hours * 3_600_000).toISOString() };
};

/** When a silence that begins now and lasts so many hours ends, business time; at most thirty days. */
export const silentUntil = (businessNow: string, hours: number): string => new Date(Date.parse(businessNow) + Math.min(hours, 30 * 24) * 3_600_000).toISOString();
