import { createHmac } from 'node:crypto';
import { Refused } from '@flotilla/decider';
import { ownOf } from '@flotilla/values';
import { z } from 'zod';
import type { Source } from '../source.js';
import { manifest } from './manifest.js';
import { readAnswer, readPush, readSubscription } from './results.js';
import { isSign, sign } from './sign.js';

const config = {
  FLOTILLA_KUAIDI100_URL: z.url().optional().describe('Kuaidi100 (https://poll.kuaidi100.com); the sandbox’s where there is one, nobody where neither is set'),
  FLOTILLA_KUAIDI100_CUSTOMER: z.string().min(1).optional().describe('our customer id at Kuaidi100'),
  FLOTILLA_KUAIDI100_KEY: z.string().min(1).optional().describe('our key at Kuaidi100'),
};

interface Account {
  readonly url: string;
  readonly customer: string;
  readonly key: string;
}

const accountOf = (settings: Readonly<Record<string, unknown>>): Account | undefined => {
  const { FLOTILLA_KUAIDI100_URL: url, FLOTILLA_KUAIDI100_CUSTOMER: customer, FLOTILLA_KUAIDI100_KEY: key, FLOTILLA_SANDBOX_URL: sandbox } = settings;
  if (typeof url === 'string') {
    if (typeof customer !== 'string' || typeof key !== 'string') throw new Error('FLOTILLA_KUAIDI100_URL is set; give FLOTILLA_KUAIDI100_CUSTOMER and FLOTILLA_KUAIDI100_KEY too');
    return { url: url.replace(/\/$/, ''), customer, key };
  }
  return typeof sandbox === 'string' ? { url: `${sandbox}/kuaidi100`, customer: 'SANDBOX', key: 'sandbox-kuaidi100' } : undefined;
};

/** Scans of the domestic carriers, by way of Kuaidi100: subscribed to and pushed, asked for where a push is missed. */
export const kuaidi100: Source = {
  manifest,
  config,
  connect: ({ config: settings, outside, callback }) => {
    const account = accountOf(settings);
    if (!account) return undefined;
    const { url, customer, key } = account;
    // Ours to choose, theirs to sign pushes with: known to nobody else, and the same on every replica.
    const salt = createHmac('sha256', key).update('flotilla.tracking.kuaidi100.push').digest('hex').slice(0, 32);
    const post = async (path: string, form: Readonly<Record<string, string>>): Promise<string> => {
      const response = await outside.fetch(`${url}${path}`, { method: 'POST', redirect: 'error', body: new URLSearchParams(form) });
      const answer = await response.text();
      if (!response.ok) throw new Refused('UNAVAILABLE', `Kuaidi100 answered HTTP ${response.status}`);
      return answer;
    };
    return {
      push: (body) => {
        const form = new URLSearchParams(Buffer.from(body).toString('utf8'));
        const param = form.get('param') ?? '';
        if (!isSign(form.get('sign') ?? '', param, salt)) throw new Refused('BAD_SIGNATURE', 'sign is missing or is not that of param');
        return readPush(param);
      },
      pushAnswer: { contentType: 'application/json; charset=utf-8', body: '{"result":true,"returnCode":"200","message":"成功"}' },
      poll: async (waybills) => {
        const answers = await Promise.all(
          waybills.map(({ carrier, waybill }) => {
            const param = JSON.stringify({ com: ownOf(manifest.carriers, carrier) ?? carrier, num: waybill, resultv2: '4', order: 'desc' });
            return post('/poll/query.do', { customer, param, sign: sign(param, key, customer) });
          }),
        );
        return answers.flatMap(readAnswer);
      },
      follow: async (waybills) => {
        const outcomes = await Promise.all(
          waybills.map(async (of) => {
            const param = JSON.stringify({ company: ownOf(manifest.carriers, of.carrier) ?? of.carrier, number: of.waybill, key, parameters: { callbackurl: callback, salt, resultv2: '4' } });
            return { of, outcome: readSubscription(await post('/poll', { schema: 'json', param })) };
          }),
        );
        return outcomes.flatMap(({ of, outcome }) => (outcome === 'impossible' ? [of] : []));
      },
    };
  },
};
