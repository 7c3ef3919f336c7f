import { completeFrom, type Report } from './storm.ts';

/** What speaks against the run; empty if nothing does. */
export const verdict = ({ invariants, missing, atRest, recovery }: Report, minutes: number): readonly string[] => {
  const broken = invariants.filter(({ holds }) => !holds).map(({ name }) => name);
  const stuck = Object.entries(recovery).filter(([, { worst, worstOrder }]) => !Number.isFinite(worst) || !Number.isFinite(worstOrder)).map(([kind]) => kind);
  return [
    ...(broken.length > 0 ? [`broken: ${broken.join('; ')}`] : []),
    ...(atRest ? [] : ['not every order came to rest']),
    ...(stuck.length > 0 ? [`nothing came through after: ${stuck.join(', ')}`] : []),
    ...(minutes >= completeFrom && missing.kinds.length > 0 ? [`faults that did not occur: ${missing.kinds.join(', ')}`] : []),
    ...(minutes >= completeFrom && missing.branches.length > 0 ? [`branches that did not occur: ${missing.branches.join(', ')}`] : []),
  ];
};

export const print = (report: Report): string => {
  const { orders, kinds, recovery, invariants, missing, shrugs } = report;
  const seconds = (value: number): string => (Number.isFinite(value) ? `${value.toFixed(1)} s` : 'never');
  return [
    '',
    `  ${report.faults} faults in ${report.seconds.toFixed(0)} s, seed ${report.seed}; how long until the fleet moved again, median and worst; until an order placed then had its stock:`,
    ...Object.entries(kinds).toSorted(([a], [b]) => a.localeCompare(b)).map(([kind, count]) => `    ${kind.padEnd(34)}${String(count).padStart(4)}   ${seconds(recovery[kind]!.median)}, ${seconds(recovery[kind]!.worst)}; ${seconds(recovery[kind]!.worstOrder)}`),
    ...(missing.kinds.length > 0 ? [`    did not occur: ${missing.kinds.join(', ')}`] : []),
    '',
    `  orders      ${Object.entries(orders).map(([fate, count]) => `${count} ${fate}`).join(', ')}`,
    `  branches    ${Object.entries(report.branches).map(([name, count]) => `${name} ${count}`).join(', ')}`,
    ...(missing.branches.length > 0 ? [`              did not occur: ${missing.branches.join(', ')}`] : []),
    ...Object.entries(shrugs).toSorted(([, a], [, b]) => b - a).slice(0, 8).map(([words, count]) => `  shrug       ${count} × ${words}`),
    '',
    ...invariants.flatMap(({ name, holds, checked, faults }) => [`  ${holds ? 'holds ' : 'BROKEN'}  ${name} (${checked} checked)`, ...faults.map((fault) => `            ${fault}`)]),
  ].join('\n');
};
