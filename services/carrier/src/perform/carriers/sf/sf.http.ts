import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { accountOf } from '../account.js';
import type { CarrierAdapter, Connecting } from '../carrier.js';
import { manifest } from './manifest.js';
import { digest } from './sf.digest.js';
import { readCancelled, readCreated, readFound, readReply, toCancelOrder, toCreateOrder, toSearchOrder, type Reply } from './sf.messages.js';

interface Account {
  readonly url: string;
  readonly partnerId: string;
  readonly checkword: string;
  readonly monthlyCard: string;
}

const config = {
  FLOTILLA_SF_URL: z.string().url().optional().describe('SF’s gateway; the sandbox’s where FLOTILLA_SANDBOX_URL is set'),
  FLOTILLA_SF_PARTNER_ID: z.string().min(1).optional().describe('SF’s partnerID (顾客编码)'),
  FLOTILLA_SF_CHECKWORD: z.string().min(1).optional().describe('SF’s checkword (校验码), which signs every call'),
  FLOTILLA_SF_MONTHLY_CARD: z.string().min(1).optional().describe('SF’s monthly account (月结卡号)'),
};

/** The account from the environment; with a sandbox, its well-known one. */
export const sfAccount = (settings: Readonly<Record<string, unknown>>): Account | undefined => {
  const found = accountOf(settings, 'SF', ['URL', 'PARTNER_ID', 'CHECKWORD', 'MONTHLY_CARD'], (sandbox) => ({ URL: `${sandbox}/sf/std/service`, PARTNER_ID: 'FLOTILLA', CHECKWORD: 'sandbox-checkword', MONTHLY_CARD: '7551234567' }));
  return found && { url: found.URL, partnerId: found.PARTNER_ID, checkword: found.CHECKWORD, monthlyCard: found.MONTHLY_CARD };
};

const caller = ({ url, partnerId, checkword }: Account, { fetch, now }: Connecting) => async (serviceCode: string, message: object, signal: AbortSignal): Promise<Reply> => {
  const msgData = JSON.stringify(message);
  const timestamp = String(now().getTime());
  const body = new URLSearchParams({ partnerID: partnerId, requestID: randomUUID(), serviceCode, timestamp, msgDigest: digest(msgData, timestamp, checkword), msgData });
  try {
    const response = await fetch(url, { method: 'POST', body, signal });
    const answer = await response.text();
    return response.ok ? readReply(answer) : { kind: 'unclear', detail: `HTTP ${response.status}` };
  } catch (error) {
    const { name, message: why, cause } = error as Error & { cause?: { code?: string } };
    return { kind: 'unclear', detail: `${name}: ${cause?.code ?? why}` };
  }
};

/** SF Express through its open gateway (丰桥). */
export const sf: CarrierAdapter = {
  manifest,
  config,
  connect: (options) => {
    const account = sfAccount(options.config);
    if (!account) return undefined;
    const call = caller(account, options);
    return {
      create: async (order, signal) => readCreated(await call('EXP_RECE_CREATE_ORDER', toCreateOrder(order, account.monthlyCard), signal)),
      ask: async ({ reference }, signal) => readFound(await call('EXP_RECE_SEARCH_ORDER_RESP', toSearchOrder(reference), signal)),
      cancel: async (reference, waybill, signal) => readCancelled(await call('EXP_RECE_UPDATE_ORDER', toCancelOrder(reference, waybill), signal)),
    };
  },
};
