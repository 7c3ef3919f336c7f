import type { alerts } from '@flotilla/contracts';
import { severities } from './rules.js';

/** Before anybody has put a policy: nobody is told, and a burst is one message. */
export const emptyPolicy: alerts.NoticePolicy = { matrix: [], escalations: [], groupWaitSeconds: 3, groupIntervalSeconds: 30, rotas: [] };

// Robots take twenty messages a minute and are deaf for ten after that: three severities, each once in 15 s, leave room for retries.
const between = { wait: [0, 60], interval: [15, 3_600], minutes: [1, 10_080], hours: [1, 744] } as const;
const most = { rows: 200, targets: 20, escalations: 30, rotas: 20, members: 50 };
const name = /^[a-z0-9][a-z0-9-]{0,39}$/;

const inside = (value: number, [least, largest]: readonly [number, number]): boolean => Number.isInteger(value) && value >= least && value <= largest;

/** What is wrong with a policy, one sentence each; none = it can be put. */
export const problemsOf = ({ matrix, escalations, groupWaitSeconds, groupIntervalSeconds, rotas }: alerts.NoticePolicy, connected: ReadonlySet<string>): readonly string[] => {
  const problems: string[] = [];
  const check = (holds: boolean, problem: string): void => void (holds || problems.push(problem));
  check(inside(groupWaitSeconds, between.wait), 'group_wait_seconds is 0 to 60');
  check(inside(groupIntervalSeconds, between.interval), 'group_interval_seconds is 15 to 3600');
  check(matrix.length <= most.rows && escalations.length <= most.escalations && rotas.length <= most.rotas, `at most ${most.rows} rows, ${most.escalations} escalations, ${most.rotas} rotas`);
  const named = new Set(rotas.map((rota) => rota.name));
  for (const { severity, role, targets } of matrix) {
    check(severities.includes(severity as never), `"${severity}" is no severity`);
    check(name.test(role), `"${role.slice(0, 50)}" cannot be a role: small letters, digits and "-"`);
    check(targets.length <= most.targets, `${severity} ${role}: at most ${most.targets} targets`);
    for (const target of targets) {
      const rota = rotaOf(target);
      check(rota === undefined ? connected.has(target) : named.has(rota), `${severity} ${role}: there is no ${rota === undefined ? 'target' : 'rota'} "${target.slice(0, 50)}"`);
    }
  }
  check(new Set(matrix.map(({ severity, role }) => `${severity} ${role}`)).size === matrix.length, 'a severity and a role stand in one row');
  for (const { severity, afterMinutes, role } of escalations) {
    check(inside(afterMinutes, between.minutes), `escalation of ${severity}: after_minutes is 1 to 10080`);
    check(matrix.some((row) => row.severity === severity && row.role === role && row.targets.length > 0), `escalation of ${severity} to "${role.slice(0, 50)}": the matrix tells nobody there`);
  }
  for (const { name: rota, members, startsAt, hours } of rotas) {
    check(name.test(rota), `"${rota.slice(0, 50)}" cannot be a rota`);
    check(members.length > 0 && members.length <= most.members && members.every((member) => connected.has(member)), `rota ${rota}: 1 to ${most.members} members, each a target`);
    check(inside(hours, between.hours), `rota ${rota}: hours is 1 to 744`);
    check(!Number.isNaN(Date.parse(startsAt)), `rota ${rota}: starts_at is no time`);
  }
  check(named.size === rotas.length, 'each rota has a name of its own');
  return problems;
};

const rotaOf = (target: string): string | undefined => (target.startsWith('rota:') ? target.slice(5) : undefined);

/** Whose turn it is; before the first turn, the first member. */
const onCall = ({ members, startsAt, hours }: alerts.Rota, now: string): string => {
  const turn = Math.max(0, Math.floor((Date.parse(now) - Date.parse(startsAt)) / (hours * 3_600_000)));
  return members[turn % members.length] ?? '';
};

/** The targets of a cell of the matrix, those on call by name. */
const cell = ({ matrix, rotas }: alerts.NoticePolicy, severity: string, role: string, now: string): readonly string[] =>
  (matrix.find((row) => row.severity === severity && row.role === role)?.targets ?? []).flatMap((target) => {
    const rota = rotaOf(target);
    if (rota === undefined) return [target];
    const found = rotas.find((one) => one.name === rota);
    return found ? [onCall(found, now)] : [];
  });

/** Who is told at this level, and when the next one is looked at ("" = there is none). Level 0 is the rule's own roles. */
export const planOf = (policy: alerts.NoticePolicy, of: { readonly severity: string; readonly roles: readonly string[] }, level: number, now: string): { readonly targets: readonly string[]; readonly lookAt: string } => {
  const levels = policy.escalations.filter(({ severity }) => severity === of.severity);
  const step = levels[level - 1];
  const roles = level === 0 ? of.roles : step ? [step.role] : [];
  const next = levels[level];
  return {
    targets: [...new Set(roles.flatMap((role) => cell(policy, of.severity, role, now)))],
    lookAt: next ? new Date(Date.parse(now) + next.afterMinutes * 60_000).toISOString() : '',
  };
};
