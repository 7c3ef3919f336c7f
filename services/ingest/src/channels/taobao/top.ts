import { createHash, createHmac } from 'node:crypto';
import { Refused } from '@flotilla/decider';
import { bytesOf, whyNot } from '../bounded.js';
import { parseExact } from '../exact-json.js';
import { Fields } from '../fields.js';
import type { ChannelApi } from '../platform.js';

const deadlineMs = 10_000;
const mostWaits = 20;
/** Longer is for whoever called to wait, who keeps nobody from calling other shops meanwhile. */
const longestWaitMs = 10_000;
const dayMs = 24 * 3_600_000;

/** The one call that is made without a session. */
export const renewal = 'taobao.top.auth.token.refresh';

/**
 * TOP's signature: names and values, sorted, in upper-case hex. `sign_method=hmac` is HMAC-MD5, `md5` has the secret on both ends. Empty values
 * and the signature itself stay out.
 */
export const topSign = (params: Readonly<Record<string, string>>, secret: string | Uint8Array): string => {
  const text = Object.keys(params).filter((name) => name !== 'sign' && params[name] !== '').toSorted().map((name) => `${name}${params[name]}`).join('');
  const hash = params['sign_method'] === 'md5' ? createHash('md5').update(secret).update(text, 'utf8').update(secret) : createHmac('md5', secret).update(text, 'utf8');
  return hash.digest('hex').toUpperCase();
};

/** `yyyy-MM-dd HH:mm:ss` of China, as TOP wants its times. */
export const topTime = (at: Date): string => new Date(at.getTime() + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');

/**
 * TOP said no, or nothing. `limited` and `trouble` pass by themselves, `people` does not; `session` does with a new one; `refused` is about what was asked.
 */
export class TopFailed extends Error {
  constructor(
    readonly kind: 'limited' | 'trouble' | 'people' | 'session' | 'refused',
    readonly why: string,
    readonly afterMs = 1_000,
  ) {
    super(why);
  }
}

/** A channel's token: `<app key>:<session>`, and `:<refresh token>` behind it where the app has one. */
export const tokenOf = (token: string): { readonly appKey: string; readonly session: string; readonly refresh: string } => {
  const [appKey = '', session = '', refresh = ''] = token.split(':');
  return { appKey, session, refresh };
};

/** The answer under its method's name. A short limit is waited out here, since a call that met it had no effect. Throws TopFailed. */
export const callTop = async (api: ChannelApi, method: string, asked: Readonly<Record<string, string>>): Promise<Fields> => {
  for (let waits = 0; ; waits += 1) {
    try {
      return await once(api, method, asked);
    } catch (error) {
      if (!(error instanceof TopFailed) || error.kind !== 'limited' || waits === mostWaits || error.afterMs > longestWaitMs) throw error;
      // Spread out, so that all who met one limit do not meet the next together.
      await api.wait(error.afterMs * (1 + Math.random()));
    }
  }
};

const once = async (api: ChannelApi, method: string, asked: Readonly<Record<string, string>>): Promise<Fields> => {
  // Without a session TOP says what it thinks of that; a renewal has none.
  const { appKey, session } = tokenOf(api.token);
  if (appKey === '' || api.secret.length === 0) throw new TopFailed('people', 'the channel needs secret = the app’s secret and api_token = "<app key>:<session>"');
  const params: Record<string, string> = { ...asked, method, app_key: appKey, ...(method === renewal ? {} : { session }), timestamp: topTime(new Date()), format: 'json', v: '2.0', sign_method: 'hmac' };
  let status: number;
  let bytes: Uint8Array;
  try {
    const answer = await api.fetch(`${api.url.replace(/\/+$/, '').replace(/\/router\/rest$/, '')}/router/rest`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded;charset=utf-8' },
      body: new URLSearchParams({ ...params, sign: topSign(params, api.secret) }),
      signal: AbortSignal.timeout(deadlineMs),
    });
    status = answer.status;
    bytes = await bytesOf(answer);
  } catch (error) {
    throw new TopFailed('trouble', whyNot(error));
  }
  if (status === 429) throw new TopFailed('limited', 'the platform limits the rate');
  if (status !== 200) throw new TopFailed('trouble', `answered ${status}`);
  const body = bodyOf(bytes);
  const error = body?.object('error_response');
  if (error !== undefined) throw failed(error);
  const answer = body?.object(`${method.replace(/^taobao\./, '').replaceAll('.', '_')}_response`);
  if (answer === undefined) throw new TopFailed('trouble', 'neither an answer nor an error');
  return answer;
};

const bodyOf = (bytes: Uint8Array): Fields | undefined => {
  try {
    return Fields.of(parseExact(bytes));
  } catch {
    return undefined;
  }
};

// What cannot be read of its words says only that it failed.
const failed = (error: Fields): TopFailed => {
  try {
    return failureOf(error);
  } catch (unreadable) {
    if (unreadable instanceof Refused) return new TopFailed('trouble', `its error cannot be read: ${unreadable.message}`);
    throw unreadable;
  }
};

const seconds = /(\d{1,5})\s*(?:more )?(?:seconds?|秒)/i;

// 7: too many calls. 15 and 50: the service behind TOP spoke, of which isp.* is its own fault. All else is about who asks.
const failureOf = (error: Fields): TopFailed => {
  const [code, subCode] = [error.text('code'), error.text('sub_code')];
  const words = error.text('sub_msg') || error.text('msg');
  const why = `TOP ${code}${subCode === '' ? '' : ` ${subCode}`}: ${words}`.slice(0, 200).toWellFormed();
  if (code === '7' || /limited|call-limit/.test(subCode)) {
    const told = Number(seconds.exec(words)?.[1] ?? 1) * 1_000;
    return new TopFailed('limited', why, Math.min(dayMs, Math.max(200, told)));
  }
  if (/session/.test(subCode)) return new TopFailed('session', `${why}; let the seller authorise the app again and give the new session to Channels/Renew`);
  if (code === '15' || code === '50' || code === '10') return new TopFailed(subCode.startsWith('isp.') || subCode === '' ? 'trouble' : 'refused', why);
  if (code === '26' || code === '27') return new TopFailed('session', `${why}; let the seller authorise the app again and give the new session to Channels/Renew`);
  return new TopFailed('people', `${why}; look at the app’s key, secret and permissions`);
};
