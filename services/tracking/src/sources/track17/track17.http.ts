import { Refused } from '@flotilla/decider';
import { ownOf } from '@flotilla/values';
import { z } from 'zod';
import type { Source } from '../source.js';
import { manifest } from './manifest.js';
import { readAnswer, readPush, readRegistration } from './results.js';
import { isSign } from './sign.js';

const config = {
  FLOTILLA_TRACK17_URL: z.url().optional().describe('17TRACK’s API (https://api.17track.net/track/v2.2); the sandbox’s where there is one, nobody where neither is set'),
  FLOTILLA_TRACK17_KEY: z.string().min(1).optional().describe('our key at 17TRACK'),
};

const accountOf = (settings: Readonly<Record<string, unknown>>): { readonly url: string; readonly key: string } | undefined => {
  const { FLOTILLA_TRACK17_URL: url, FLOTILLA_TRACK17_KEY: key, FLOTILLA_SANDBOX_URL: sandbox } = settings;
  if (typeof url === 'string') {
    if (typeof key !== 'string') throw new Error('FLOTILLA_TRACK17_URL is set; give FLOTILLA_TRACK17_KEY too');
    return { url: url.replace(/\/$/, ''), key };
  }
  return typeof sandbox === 'string' ? { url: `${sandbox}/track17/track/v2.2`, key: 'sandbox-17track' } : undefined;
};

/** Scans of carriers all over the world, by way of 17TRACK: registered and pushed, asked for where a push is missed. */
export const track17: Source = {
  manifest,
  config,
  connect: ({ config: settings, outside }) => {
    const account = accountOf(settings);
    if (!account) return undefined;
    const { url, key } = account;
    const post = async (path: string, body: object): Promise<string> => {
      const response = await outside.fetch(`${url}/${path}`, { method: 'POST', redirect: 'error', headers: { 'content-type': 'application/json', '17token': key }, body: JSON.stringify(body) });
      const answer = await response.text();
      if (!response.ok) throw new Refused('UNAVAILABLE', `17TRACK answered HTTP ${response.status}`);
      return answer;
    };
    const numberOf = ({ carrier, waybill }: { readonly carrier: string; readonly waybill: string }): object => {
      const theirs = ownOf(manifest.carriers, carrier);
      return { number: waybill, ...(theirs === undefined ? {} : { carrier: Number(theirs) }) };
    };
    return {
      push: (body, headers) => {
        if (!isSign(headers['sign'] ?? '', body, key)) throw new Refused('BAD_SIGNATURE', 'sign is missing or is not that of the body');
        return readPush(Buffer.from(body).toString('utf8'));
      },
      pushAnswer: { contentType: 'text/plain', body: 'ok' },
      poll: async (waybills) => readAnswer(await post('gettrackinfo', waybills.map(numberOf))),
      follow: async (waybills) => {
        const refused = readRegistration(await post('register', waybills.map((of) => ({ ...numberOf(of), auto_detection: true, tag: of.carrier }))));
        return waybills.filter(({ waybill }) => refused.includes(waybill));
      },
    };
  },
};
