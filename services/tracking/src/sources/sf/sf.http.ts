import { randomUUID } from 'node:crypto';
import { Refused } from '@flotilla/decider';
import { z } from 'zod';
import type { Source } from '../source.js';
import { digest, isDigest } from './digest.js';
import { manifest } from './manifest.js';
import { readAnswer, readPush } from './routes.js';

const config = {
  FLOTILLA_SF_URL: z.string().url().optional().describe('SF’s gateway; the sandbox’s where there is one'),
  FLOTILLA_SF_PARTNER_ID: z.string().min(1).optional().describe('our id at SF'),
  FLOTILLA_SF_CHECKWORD: z.string().min(1).optional().describe('our secret at SF'),
};

/** The account from the environment; with a sandbox, its well-known one. Undefined if nothing of it is set: SF is not asked. Half an account must be noticed at the start. */
const accountOf = (settings: Readonly<Record<string, unknown>>): { url: string; partnerId: string; checkword: string } | undefined => {
  const sandbox = settings['FLOTILLA_SANDBOX_URL'];
  const known = typeof sandbox === 'string' ? { URL: `${sandbox}/sf/std/service`, PARTNER_ID: 'FLOTILLA', CHECKWORD: 'sandbox-checkword' } : undefined;
  if (!known && Object.keys(config).every((name) => settings[name] === undefined)) return undefined;
  const setting = (name: 'URL' | 'PARTNER_ID' | 'CHECKWORD'): string => {
    const value = settings[`FLOTILLA_SF_${name}`] ?? known?.[name];
    if (typeof value !== 'string') throw new Error(`FLOTILLA_SF_${name} is not set; give the whole account of SF's gateway, none of it, or FLOTILLA_SANDBOX_URL for the sandbox's`);
    return value;
  };
  return { url: setting('URL'), partnerId: setting('PARTNER_ID'), checkword: setting('CHECKWORD') };
};

/** Scans of SF Express: pushed by RoutePushService, asked for by EXP_RECE_SEARCH_ROUTES. */
export const sf: Source = {
  manifest,
  config,
  connect: ({ config: settings, outside, now }) => {
    const account = accountOf(settings);
    if (!account) return undefined;
    const { url, partnerId, checkword } = account;
    return {
      push: (body) => {
        const form = new URLSearchParams(Buffer.from(body).toString('utf8'));
        const field = (name: string): string => form.get(name) ?? '';
        if (!isDigest(field('msgDigest'), field('msgData'), field('timestamp'), checkword)) throw new Refused('BAD_SIGNATURE', 'msgDigest is missing or is not that of msgData and timestamp');
        return readPush(field('msgData'));
      },
      pushAnswer: { contentType: 'application/json', body: '{"return_code":"0000","return_msg":"success"}' },
      poll: async (waybills) => {
        const msgData = JSON.stringify({ language: 'zh-CN', trackingType: 1, trackingNumber: waybills.map(({ waybill }) => waybill), methodType: 1 });
        const timestamp = String(now().getTime());
        const body = new URLSearchParams({ partnerID: partnerId, requestID: randomUUID(), serviceCode: 'EXP_RECE_SEARCH_ROUTES', timestamp, msgDigest: digest(msgData, timestamp, checkword), msgData });
        const response = await outside.fetch(url, { method: 'POST', body });
        const answer = await response.text();
        if (!response.ok) throw new Refused('UNAVAILABLE', `SF answered HTTP ${response.status}`);
        return readAnswer(answer);
      },
    };
  },
};
