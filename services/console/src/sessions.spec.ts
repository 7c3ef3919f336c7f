import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { hashPassword } from '@flotilla/values';
import { z } from 'zod';
import { consoleConfig, type ConsoleConfig } from './config.js';
import { Sessions, sessionView } from './sessions.js';

const key = randomBytes(32).toString('base64');
let users: readonly object[];
const configOf = (more: object = {}): ConsoleConfig => z.object(consoleConfig).parse({ FLOTILLA_CONSOLE_KEY: key, FLOTILLA_CONSOLE_USERS: JSON.stringify(users), ...more });

describe('sessions (OPS-07)', () => {
  let now = Date.parse('2026-11-30T08:00:00Z');
  const clock = () => now;
  beforeAll(async () => {
    users = [{ user: 'ann', name: 'Ann 安', roles: ['operator', 'warehouse'], password: await hashPassword('right horse'), locale: 'zh-CN' }];
  });

  it('the right password signs in; a wrong one and an unknown user hear the same', async () => {
    const sessions = new Sessions(configOf(), clock);
    const person = await sessions.signIn('ann', 'right horse', '::1');
    expect(person).toMatchObject({ user: 'ann', name: 'Ann 安', roles: ['operator', 'warehouse'] });
    const [wrong, unknown] = await Promise.all(['ann', 'bob'].map((user) => sessions.signIn(user, 'wrong horse', '::1').catch((error: unknown) => error)));
    expect(wrong).toMatchObject({ reason: 'WRONG_SIGN_IN' });
    expect(unknown).toEqual(wrong);
  });

  it('the cookie is read by every replica, says nothing, and ends after eight hours', async () => {
    const person = await new Sessions(configOf(), clock).signIn('ann', 'right horse', '::1');
    const [one, other] = [new Sessions(configOf(), clock), new Sessions(configOf({ FLOTILLA_CONSOLE_KEY: randomBytes(32).toString('base64') }), clock)];
    const cookie = await one.seal(person);
    expect(Buffer.from(cookie.split('.')[3]!, 'base64url').toString('latin1')).not.toContain('ann');
    expect(await one.open(cookie)).toEqual(person);
    expect(await other.open(cookie)).toBeUndefined();
    expect(await one.open(`${cookie.slice(0, -3)}AAA`)).toBeUndefined();
    for (const text of [undefined, '', 'x', 'a.b.c.d.e', 'x'.repeat(10_000)]) expect(await one.open(text)).toBeUndefined();
    now += 8 * 3_600_000 + 1_000;
    expect(await one.open(cookie)).toBeUndefined();
  });

  it('a cookie of another purpose is no session', async () => {
    const sessions = new Sessions(configOf(), clock);
    expect(await sessions.open(await sessions.sealed({ name: 'Ann', roles: ['admin'] }, 'oidc', now + 60_000, 'ann'))).toBeUndefined();
  });

  it('signing out ends it; a local user has the roles of today, and none once gone from the list', async () => {
    const sessions = new Sessions(configOf(), clock);
    const person = await sessions.signIn('ann', 'right horse', '::1');
    const cookie = await sessions.seal(person);
    const demoted = new Sessions(configOf({ FLOTILLA_CONSOLE_USERS: JSON.stringify([{ ...users[0], roles: ['viewer'] }]) }), clock);
    expect(await demoted.open(cookie)).toMatchObject({ user: 'ann', roles: ['viewer'] });
    expect(await new Sessions(configOf({ FLOTILLA_CONSOLE_USERS: '[]' }), clock).open(cookie)).toBeUndefined();
    sessions.end(person);
    expect(await sessions.open(cookie)).toBeUndefined();
  });

  it('a provider’s user keeps the roles that the provider gave', async () => {
    const sessions = new Sessions(configOf(), clock);
    const cookie = await sessions.seal(sessions.begin({ user: 'carla@example.org', name: 'Carla', roles: ['finance'] }));
    expect(await sessions.open(cookie)).toMatchObject({ user: 'carla@example.org', roles: ['finance'] });
    expect(sessions.isLocal('ANN')).toBe(true);
  });

  it('OPS-06: tries are counted per user and per address', async () => {
    const sessions = new Sessions(configOf(), clock);
    const tries = await Promise.all(Array.from({ length: 12 }, (_, n) => sessions.signIn('ann', 'wrong horse', `10.0.0.${n}`).catch(({ reason }: { reason: string }) => reason)));
    expect(tries.filter((reason) => reason === 'WRONG_SIGN_IN')).toHaveLength(10);
    await expect(sessions.signIn('ANN', 'right horse', '10.0.1.1')).rejects.toMatchObject({ reason: 'OVERLOADED' });
    now += 61_000;
    await expect(sessions.signIn('ann', 'right horse', '10.0.1.1')).resolves.toMatchObject({ user: 'ann' });
  });

  it('the page hears what the person may', async () => {
    const view = sessionView(await new Sessions(configOf(), clock).signIn('ann', 'right horse', '::2')) as { methods: string[]; sees: object; locale: string };
    expect(view).toMatchObject({ sees: { personalData: true }, locale: 'zh-CN' });
    expect(view.methods).toContain('flotilla.order.v1.Orders/Approve');
    expect(view.methods).not.toContain('flotilla.ingest.v1.Channels/Connect');
  });

  it('a list of users that cannot be right is refused with what is wrong', () => {
    const faults = (text: string): string => z.object(consoleConfig).safeParse({ FLOTILLA_CONSOLE_KEY: key, FLOTILLA_CONSOLE_USERS: text }).error?.issues.map(({ message }) => message).join() ?? '';
    expect(faults('{')).toContain('JSON');
    expect(faults(JSON.stringify([{ ...users[0], password: 'clear' }]))).toContain('console:user');
    expect(faults(JSON.stringify([{ ...users[0], roles: ['root'] }]))).toContain('roles');
    expect(faults(JSON.stringify([{ ...users[0], user: 'a\r\nx-caller: root' }]))).toContain('letters');
    expect(faults(JSON.stringify([users[0], { ...users[0], user: 'ANN' }]))).toContain('two users of one name');
  });
});
