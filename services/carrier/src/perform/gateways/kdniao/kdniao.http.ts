import { z } from 'zod';
import { accountOf } from '../../carriers/account.js';
import type { CarrierAdapter, CarrierManifest, CarrierPort, Connecting } from '../../carriers/carrier.js';
import { dataSign } from './kdniao.sign.js';
import { readCancelled, readOrdered, readReply, toCancel, toOrder, type KdniaoCustomer, type Reply } from './kdniao.messages.js';

const order = '1007';
const cancel = '1147';

const gateway = {
  FLOTILLA_KDNIAO_URL: z.string().url().optional().describe('kdniao’s gateway for waybills; the sandbox’s where FLOTILLA_SANDBOX_URL is set'),
  FLOTILLA_KDNIAO_BUSINESS_ID: z.string().min(1).optional().describe('kdniao’s EBusinessID (用户ID)'),
  FLOTILLA_KDNIAO_APP_KEY: z.string().min(1).optional().describe('kdniao’s API key, which signs every call'),
};

interface Account {
  readonly url: string;
  readonly businessId: string;
  readonly appKey: string;
}

const caller = ({ url, businessId, appKey }: Account, { fetch }: Connecting) => async (requestType: string, message: object, signal: AbortSignal): Promise<Reply> => {
  const requestData = JSON.stringify(message);
  const body = new URLSearchParams({ RequestData: requestData, EBusinessID: businessId, RequestType: requestType, DataSign: dataSign(requestData, appKey), DataType: '2' });
  try {
    const response = await fetch(url, { method: 'POST', body, signal });
    const answer = await response.text();
    return response.ok ? readReply(answer, businessId) : { kind: 'unclear', detail: `HTTP ${response.status}` };
  } catch (error) {
    const { name, message: why, cause } = error as Error & { cause?: { code?: string } };
    return { kind: 'unclear', detail: `${name}: ${cause?.code ?? why}` };
  }
};

const portOf = (call: ReturnType<typeof caller>, customer: KdniaoCustomer): CarrierPort => {
  const place: CarrierPort['create'] = async (wanted, signal) => readOrdered(await call(order, toOrder(wanted, customer), signal), wanted.reference, customer.shipperCode);
  const drop: CarrierPort['cancel'] = async (reference, waybill, signal) => readCancelled(await call(cancel, toCancel(reference, waybill, customer), signal));
  return {
    create: place,
    // The gateway answers no questions about an order, but takes an order code once: to order again is to ask. What nobody wants any more
    // is not ordered again, it is called off: then nothing stands under the reference.
    ask: async ({ reference, wanted }, signal) => {
      if (wanted) return { kind: 'again' };
      const dropped = await drop(reference, '', signal);
      return dropped.kind === 'voided' ? { kind: 'not-known' } : { kind: 'unclear', detail: `not called off: ${dropped.detail}` };
    },
    cancel: drop,
  };
};

/**
 * A carrier that is bought through kdniao (快递鸟): its manifest, and the gateway's code for it. The carrier's own account is
 * `FLOTILLA_<NAME>_CUSTOMER_NAME` and `…_CUSTOMER_PWD` (电子面单账号), with `…_SEND_SITE` and `…_MONTH_CODE` where the carrier wants them.
 */
export const throughKdniao = (manifest: CarrierManifest, shipperCode: string): CarrierAdapter => {
  const prefix = manifest.name.toUpperCase().replaceAll('-', '_');
  const config = {
    ...gateway,
    [`FLOTILLA_${prefix}_CUSTOMER_NAME`]: z.string().min(1).optional().describe(`${manifest.title.en}’s (${manifest.title.zh}) account for waybills (电子面单客户号); without it the carrier is not used`),
    [`FLOTILLA_${prefix}_CUSTOMER_PWD`]: z.string().optional().describe('its password'),
    [`FLOTILLA_${prefix}_SEND_SITE`]: z.string().optional().describe('its branch (网点), where it wants one'),
    [`FLOTILLA_${prefix}_MONTH_CODE`]: z.string().optional().describe('its monthly account (月结编码); without it the sender pays each parcel'),
  };
  return {
    manifest,
    gateway: 'kdniao',
    config,
    connect: (options) => {
      const customer = accountOf(options.config, prefix, ['CUSTOMER_NAME', 'CUSTOMER_PWD'], () => ({ CUSTOMER_NAME: 'flotilla', CUSTOMER_PWD: 'sandbox-customer' }));
      if (!customer) return undefined;
      const account = accountOf(options.config, 'KDNIAO', ['URL', 'BUSINESS_ID', 'APP_KEY'], (sandbox) => ({ URL: `${sandbox}/kdniao/api/Eorderservice`, BUSINESS_ID: 'FLOTILLA', APP_KEY: 'sandbox-app-key' }));
      if (!account) throw new Error(`FLOTILLA_KDNIAO_URL is not set; ${manifest.name} is bought through kdniao`);
      const text = (name: string): string => (options.config[`FLOTILLA_${prefix}_${name}`] as string | undefined) ?? '';
      const call = caller({ url: account.URL, businessId: account.BUSINESS_ID, appKey: account.APP_KEY }, options);
      return portOf(call, { shipperCode, customerName: customer.CUSTOMER_NAME, customerPwd: customer.CUSTOMER_PWD, sendSite: text('SEND_SITE'), monthCode: text('MONTH_CODE') });
    },
  };
};
