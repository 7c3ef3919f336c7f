import { describe, expect, it } from '@jest/globals';
import type { Meta } from '@flotilla/event-store';
import type { ChannelApi, Platform, WrittenBack } from '../channels/platform.js';
import { tellPlatform, type Telling } from './telling.js';

const meta: Meta = { correlation: 'c', causation: 'c', actor: 'spec' };
const shop = { id: 'shop', platform: 'played', apiUrl: 'http://shop', secret: new Uint8Array(), connectedAt: '', hasSkuMap: false, mapping: undefined };

/** A platform that answers so, one after the other, and what was done meanwhile. */
const told = async (answers: readonly WrittenBack[], { token = 'old', renewed = 'new', connected = true } = {}) => {
  const did: string[] = [];
  let now = token;
  let calls = 0;
  const parts = {
    platforms: new Map([['played', { name: 'played' } as Platform]]),
    channels: { get: () => Promise.resolve(connected ? { ...shop, token: now } : undefined), forget: () => void did.push('forget') },
    ctx: { outside: () => ({ fetch: () => Promise.reject(new Error('not asked')), broken: () => false }) },
    renew: () => {
      did.push('renew');
      now = renewed;
      return Promise.resolve();
    },
  } as unknown as Telling;
  const outcome = await tellPlatform(parts, {
    channel: 'shop', meta, signal: new AbortController().signal,
    tell: () => (api: ChannelApi) => {
      did.push(api.token);
      return Promise.resolve(answers[calls++] ?? answers.at(-1)!);
    },
    unknown: (why) => Promise.resolve(void did.push(why)),
  });
  return { outcome, did };
};

const done: WrittenBack = { outcome: 'done', fulfilmentId: 'f' };

describe('what a platform is told', () => {
  it('ING-13: is told once it answers, and limits and outages are no failure', async () => {
    expect(await told([{ outcome: 'retry', afterMs: 1, why: 'limited' }, done])).toEqual({ outcome: done, did: ['old', 'limited', 'old'] });
    const failed: WrittenBack = { outcome: 'failed', reason: 'PLATFORM_REFUSED', detail: 'no' };
    expect((await told([failed])).outcome).toEqual(failed);
    expect((await told([done], { connected: false })).outcome).toMatchObject({ outcome: 'failed', reason: 'UNKNOWN_CHANNEL' });
  });

  it('ING-13: begins the renewal of a session that has run out, as a pull does, and goes on with the new one', async () => {
    const over: WrittenBack = { outcome: 'retry', afterMs: 1, why: 'session', session: true };
    expect(await told([over, done])).toEqual({ outcome: done, did: ['old', 'session', 'forget', 'renew', 'forget', 'new'] });
  });
});
