import { z } from 'zod';
import { accountOf } from '../../carriers/account.js';
import type { CarrierPort, Connecting, PlatformWaybills } from '../../carriers/carrier.js';
import { packageIdOf, readApplied, readCancelled, readReply, toApply, type CainiaoSeller, type Reply } from './cainiao.messages.js';
import { topSign, topTime } from './top.sign.js';

const apply = 'cainiao.waybill.ii.get';
const cancel = 'cainiao.waybill.ii.cancel';

interface Account {
  readonly url: string;
  readonly appKey: string;
  readonly appSecret: string;
  readonly session: string;
}

const caller = ({ url, appKey, appSecret, session }: Account, { fetch, now }: Connecting) => async (method: string, asked: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Reply> => {
  const params = { method, app_key: appKey, session, timestamp: topTime(now()), format: 'json', v: '2.0', sign_method: 'hmac', ...asked };
  try {
    const response = await fetch(url, { method: 'POST', body: new URLSearchParams({ ...params, sign: topSign(params, appSecret) }), signal });
    const answer = await response.text();
    return response.ok ? readReply(answer, method) : { kind: 'unclear', detail: `HTTP ${response.status}` };
  } catch (error) {
    const { name, message: why, cause } = error as Error & { cause?: { code?: string } };
    return { kind: 'unclear', detail: `${name}: ${cause?.code ?? why}` };
  }
};

const portOf = (call: ReturnType<typeof caller>, seller: CainiaoSeller): CarrierPort => ({
  create: async (order, signal) => readApplied(await call(apply, { param_waybill_cloud_print_apply_new_request: JSON.stringify(toApply(order, seller)) }, signal), order.reference),
  // The same trade orders and package are answered with the same number; a package without its number cannot be called off.
  ask: () => Promise.resolve({ kind: 'again' }),
  cancel: async (reference, waybill, signal) =>
    waybill === '' ? { kind: 'unclear', detail: `no number of package ${packageIdOf(reference)} to call off` } : readCancelled(await call(cancel, { cp_code: seller.cpCode, waybill_code: waybill }, signal)),
});

/** Cainiao's e-waybills (菜鸟电子面单), by which alone the masked recipients of Taobao and Tmall are reached. */
export const cainiao: PlatformWaybills = {
  platform: 'taobao',
  gateway: 'cainiao',
  limits: { ratePerSecond: 20, concurrency: 10 },
  config: {
    FLOTILLA_CAINIAO_URL: z.string().url().optional().describe('TOP’s gateway; the sandbox’s where FLOTILLA_SANDBOX_URL is set'),
    FLOTILLA_CAINIAO_APP_KEY: z.string().min(1).optional().describe('TOP’s app_key; without an account masked orders of Taobao find no carrier'),
    FLOTILLA_CAINIAO_APP_SECRET: z.string().min(1).optional().describe('TOP’s secret, which signs every call'),
    FLOTILLA_CAINIAO_SESSION: z.string().min(1).optional().describe('the seller’s session at TOP'),
    FLOTILLA_CAINIAO_USER_ID: z.string().min(1).optional().describe('the seller’s id, for which waybills are taken'),
    FLOTILLA_CAINIAO_TEMPLATE_URL: z.string().url().optional().describe('the label’s template at Cainiao'),
  },
  connect: (options) => {
    const account = accountOf(options.config, 'CAINIAO', ['URL', 'APP_KEY', 'APP_SECRET', 'SESSION', 'USER_ID', 'TEMPLATE_URL'], (sandbox) => ({
      URL: `${sandbox}/top/router/rest`, APP_KEY: '12345678', APP_SECRET: 'sandbox-top-secret', SESSION: 'sandbox-session', USER_ID: '2200000000', TEMPLATE_URL: 'http://cloudprint.cainiao.com/template/standard/1501/25',
    }));
    if (!account) return undefined;
    const call = caller({ url: account.URL, appKey: account.APP_KEY, appSecret: account.APP_SECRET, session: account.SESSION }, options);
    return (cpCode) => portOf(call, { cpCode, userId: account.USER_ID, templateUrl: account.TEMPLATE_URL });
  },
};
