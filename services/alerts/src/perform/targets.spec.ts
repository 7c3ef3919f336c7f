import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { createOutside, type ServiceContext } from '@flotilla/service-kit';
import { connectTargets, type Targets } from './targets.js';

const folder = mkdtempSync(join(tmpdir(), 'targets-'));
afterAll(() => rmSync(folder, { recursive: true }));

const connect = (config: object): Targets =>
  connectTargets({ config: { FLOTILLA_SMTP_URL: 'smtp://127.0.0.1:1', FLOTILLA_MAIL_FROM: 'Flotilla <alerts@flotilla.test>', ...config }, outside: () => createOutside(), clock: { machine: () => new Date() } } as unknown as Parameters<typeof connectTargets>[0] & ServiceContext);
const connectFile = (file: object): Targets => {
  const path = join(folder, 'targets.json');
  writeFileSync(path, JSON.stringify(file));
  return connect({ FLOTILLA_ALERT_TARGETS_FILE: path });
};
const desk = { name: 'desk', channel: 'mail', to: 'desk@example.org', roles: ['logistics'] };
const boss = { name: 'boss', channel: 'mail', to: 'boss@example.org', roles: ['boss'], severities: ['CRITICAL'] };
const escalations = [{ severity: 'CRITICAL', afterMinutes: 15, role: 'boss' }];

describe('ALR-02: the targets file', () => {
  it('makes the policy until somebody puts one; a target without roles is for a policy to name', () => {
    const { all, policy } = connectFile({ targets: [desk, boss, { name: 'night', channel: 'mail', to: 'night@example.org' }], escalations });
    expect([...all.keys()]).toEqual(['desk', 'boss', 'night']);
    expect(policy.matrix.map(({ severity, role, targets }) => `${severity} ${role} ${targets.join()}`)).toEqual(['INFO logistics desk', 'WARNING logistics desk', 'CRITICAL logistics desk', 'CRITICAL boss boss']);
  });
  it.each([
    ['a role that nobody has', { targets: [{ ...desk, roles: ['logistic'] }] }, /desk: no rule concerns the role "logistic" and no escalation goes to it; there are audit, logistics/],
    ['a severity that there is not', { targets: [{ ...desk, severities: ['LOUD'] }] }, /targets\.0\.severities\.0/],
    ['no targets', { targets: [] }, /targets: it is empty/],
    ['no roles', { targets: [{ ...desk, roles: [] }] }, /targets\.0\.roles: it is empty/],
    ['no severities', { targets: [{ ...desk, severities: [] }] }, /targets\.0\.severities: it is empty/],
    ['an escalation to nobody', { targets: [desk], escalations }, /escalation of CRITICAL to "boss": the matrix tells nobody there/],
    ['an escalation of a severity that its role is not told', { targets: [desk, { ...boss, severities: ['INFO'] }], escalations }, /the matrix tells nobody there/],
    ['an escalation in a year', { targets: [desk, boss], escalations: [{ ...escalations[0], afterMinutes: 525_600 }] }, /after_minutes is 1 to 10080/],
    ['more ticket systems than a unit can tell', { targets: Array.from({ length: 21 }, (_, n) => ({ name: `desk-${n}`, channel: 'tickets', url: 'https://tickets.example.org', secret: `whsec_${'A'.repeat(32)}` })) }, /21 targets are ticket systems; at most 20/],
    ['a secret of a ticket system that is too short', { targets: [{ name: 'desk', channel: 'tickets', url: 'https://tickets.example.org', secret: 'whsec_AAAA' }] }, /desk\.secret: whsec_ and at least 24 bytes/],
    ['more targets of a role than a policy may have', { targets: Array.from({ length: 21 }, (_, n) => ({ ...desk, name: `desk-${n}` })) }, /logistics: at most 20 targets/],
  ])('is refused at start with %s', (_, file, why: RegExp) => {
    expect(() => connectFile(file)).toThrow(why);
    expect(() => connectFile(file)).toThrow(/^FLOTILLA_ALERT_TARGETS_FILE: (?!.*example\.org)/);
  });
  it('is not needed: then nobody is told, and with a sandbox everybody', () => {
    expect(connect({}).all.size).toBe(0);
    const played = connect({ FLOTILLA_SANDBOX_URL: 'http://127.0.0.1:1' });
    expect([played.all.size, played.policy.matrix.length > 0]).toEqual([7, true]);
    played.close();
  });
});
