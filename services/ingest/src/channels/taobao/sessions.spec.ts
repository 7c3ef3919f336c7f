import { describe, expect, it } from '@jest/globals';
import type { ChannelApi } from '../platform.js';
import { sessions } from './sessions.js';

const asked: URLSearchParams[] = [];
const api = (answer: (form: URLSearchParams) => unknown, status = 200): ChannelApi => ({
  url: 'https://eco.example', token: '12345678:old-session:old-refresh', secret: Buffer.from('top-secret'), wait: () => Promise.resolve(),
  fetch: (_url, init) => {
    const form = new URLSearchParams((init.body as URLSearchParams).toString());
    asked.push(form);
    const said = answer(form);
    return Promise.resolve(new Response(typeof said === 'string' ? said : JSON.stringify(said), { status }));
  },
});
const result = (token_result: unknown): object => ({ top_auth_token_refresh_response: { token_result, request_id: 'x' } });
const renewed = { access_token: 'new-session', refresh_token: 'new-refresh', expires_in: 7_200, re_expires_in: 86_400, r2_expires_in: 3_600, w2_expires_in: 300 };

describe('a session of TOP', () => {
  it('ING-02: is renewed with its refresh token and without itself; it is good for as long as the shortest of what we need', async () => {
    const before = Date.now();
    const answer = await sessions.renew(api(() => result(JSON.stringify(renewed))));
    expect(answer).toMatchObject({ outcome: 'done', token: '12345678:new-session:new-refresh' });
    if (answer.outcome !== 'done') throw new Error('not done');
    expect(Date.parse(answer.expiresAt) - before).toBeGreaterThanOrEqual(3_600_000);
    expect(Date.parse(answer.expiresAt) - before).toBeLessThan(3_660_000);
    expect(Object.fromEntries(asked.at(-1)!)).toMatchObject({ method: 'taobao.top.auth.token.refresh', refresh_token: 'old-refresh', app_key: '12345678' });
    expect(asked.at(-1)!.has('session')).toBe(false);
  });

  it('ING-02: can be renewed where there is a refresh token alone', () => {
    expect(['1:s:r', '1:s', '1', ''].map((token) => sessions.canRenew(token))).toEqual([true, false, false, false]);
  });

  it.each([
    ['an object', renewed, '12345678:new-session:new-refresh'],
    ['no new refresh token', { access_token: 'new-session', expires_in: 60 }, '12345678:new-session:old-refresh'],
  ])('ING-02: %s is understood', async (_what, body, token) => expect(await sessions.renew(api(() => result(body)))).toMatchObject({ outcome: 'done', token }));

  it.each<[string, string, unknown, number?]>([
    ['refused', 'a refresh token that is spent', { error_response: { code: 15, msg: 'Remote service error', sub_code: 'isv.invalid-refresh-token', sub_msg: 'spent' } }],
    ['refused', 'an app that may not', { error_response: { code: 11, msg: 'Insufficient isv permissions' } }],
    ['refused', 'no session in the answer', result('{"error":"invalid_grant","error_description":"too late"}')],
    ['refused', 'a result that is none', result('nonsense')],
    ['refused', 'a session that would not be one', result({ access_token: 'a:b' })],
    ['retry', 'a limit', { error_response: { code: 7, msg: 'limited', sub_msg: 'ban will last for 60 more seconds' } }],
    ['retry', 'an outage', '', 503],
    ['retry', 'no JSON', '<html>'],
  ])('ING-02: is %s by %s, and nothing secret is told', async (outcome, _what, body, status = 200) => {
    const answer = await sessions.renew(api(() => body, status));
    expect(answer.outcome).toBe(outcome);
    expect(JSON.stringify(answer)).not.toMatch(/old-refresh|old-session|top-secret/);
  });
});
