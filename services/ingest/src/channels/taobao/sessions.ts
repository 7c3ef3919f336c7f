import { Refused } from '@flotilla/decider';
import { parseExact } from '../exact-json.js';
import { Fields } from '../fields.js';
import type { SessionRenewed, SessionsPort } from '../platform.js';
import { callTop, renewal, tokenOf, TopFailed } from './top.js';

const again = 'let the seller authorise the app again and give "<app key>:<session>:<refresh token>" to Channels/Renew';
/** Each is how long the session is good for calls of one kind, or the refresh token at all. Those of the highest kind (w2) hold for minutes and are called by nothing here. */
const lives = ['expires_in', 're_expires_in', 'r1_expires_in', 'r2_expires_in', 'w1_expires_in'] as const;
const dayMs = 24 * 3_600_000;

/** taobao.top.auth.token.refresh: a session and a refresh token for a refresh token, which is not good any more after that. */
export const sessions: SessionsPort = {
  canRenew: (token) => tokenOf(token).refresh !== '',
  renew: async (api): Promise<SessionRenewed> => {
    const { appKey, refresh } = tokenOf(api.token);
    try {
      const answer = await callTop(api, renewal, { refresh_token: refresh });
      const result = answer.object('token_result') ?? Fields.of(parsed(answer.text('token_result')));
      const [session, next] = [result?.text('access_token') ?? '', result?.text('refresh_token') ?? ''];
      if (!/^[^:\s]{1,300}$/.test(session) || !/^[^:\s]{0,300}$/.test(next)) return { outcome: 'refused', why: `the answer to a renewal has no session${saidBy(result)}; ${again}` };
      // Of a life that is not told a day is taken: then it is renewed again, and perhaps told.
      const ms = Math.min(...lives.map((name) => Number(result?.text(name)) * 1_000).filter((life) => life > 0), Number.MAX_SAFE_INTEGER);
      return { outcome: 'done', token: `${appKey}:${session}:${next === '' ? refresh : next}`, expiresAt: new Date(Date.now() + (ms > 10 * 365 * dayMs ? dayMs : ms)).toISOString() };
    } catch (error) {
      if (error instanceof Refused) return { outcome: 'refused', why: `the answer to a renewal cannot be read: ${error.message}; ${again}` };
      if (!(error instanceof TopFailed)) throw error;
      return error.kind === 'limited' || error.kind === 'trouble' ? { outcome: 'retry', afterMs: error.afterMs, why: error.why } : { outcome: 'refused', why: `${error.why.split('; ')[0]}; ${again}` };
    }
  },
};

const parsed = (text: string): unknown => {
  try {
    return parseExact(Buffer.from(text));
  } catch {
    return undefined;
  }
};

// Its words about an error; of anything else nothing is quoted, since it may be a session.
const saidBy = (result: Fields | undefined): string => {
  const words = (result?.firstText('error_description', 'error') ?? '').slice(0, 100).toWellFormed();
  return words === '' ? '' : ` (${words})`;
};
