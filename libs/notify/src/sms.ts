import { createHmac } from 'node:crypto';
import { jsonOf } from '@flotilla/values';
import { z } from 'zod';
import { broken, notTaken, type Handed } from './handed.js';

/** An account at Alibaba Cloud's SMS service. */
export interface SmsAccount {
  readonly url: string;
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  /** The sender's registered name, shown in 【】. */
  readonly signName: string;
}

/** A text of a registered template: the gateway takes no free words. */
export interface Sms {
  /** E.164. */
  readonly phone: string;
  readonly template: string;
  /** Cut to what the gateway takes of one. */
  readonly params: Readonly<Record<string, string>>;
  /** Comes back in the gateway's receipts. */
  readonly outId: string;
  /** The same for the try after a lost answer: the gateway refuses a nonce that it has seen, so the person is not told twice. Another one after a refusal. */
  readonly nonce: string;
}

/** Percent-encoding as the gateway has it: letters, digits and `- _ . ~` stay. */
const encoded = (text: string): string => encodeURIComponent(text.toWellFormed()).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

/** The gateway's signature of a request: HMAC-SHA1 over method and the sorted parameters. */
export const smsSignature = (method: 'GET' | 'POST', params: Readonly<Record<string, string>>, secret: string): string => {
  const query = Object.keys(params)
    .toSorted()
    .map((name) => `${encoded(name)}=${encoded(params[name] ?? '')}`)
    .join('&');
  return createHmac('sha1', `${secret}&`).update(`${method}&${encoded('/')}&${encoded(query)}`).digest('base64');
};

/** How the gateway wants a phone: mainland numbers bare, others with their country code and no plus. */
const numberOf = (e164: string): string => (e164.startsWith('+86') ? e164.slice(3) : e164.replace(/^\+/, ''));

// The gateway refuses a parameter of more than so many characters.
const longest = 35;
const short = (text: string): string => (text.length <= longest ? text : `${Array.from(text).slice(0, longest - 1).join('')}…`);

const answerShape = z.looseObject({ Code: z.string() });
const minute = 60_000;

/** What a code of the gateway means for the message; a code that nobody knows is final, and visible. */
const outcomeOf = (code: string): Handed => {
  if (code === 'OK') return { accepted: true };
  // Its nonce was seen before: the first try was taken after all.
  if (code === 'SignatureNonceUsed') return { accepted: true };
  if (code === 'isv.BUSINESS_LIMIT_CONTROL') return notTaken(code, { retryAfterMs: minute });
  if (/^(?:Throttling|ServiceUnavailable|isp\.)/.test(code)) return notTaken(code, { retryAfterMs: 5_000 });
  return notTaken(code, { final: true });
};

/** Hands one text to the gateway (`SendSms`, version 2017-05-25). */
export const sendSms = async (account: SmsAccount, fetch: (url: string, init: RequestInit) => Promise<Response>, now: Date, { phone, template, params, outId, nonce }: Sms): Promise<Handed> => {
  const { url, accessKeyId, accessKeySecret, signName } = account;
  const fields: Record<string, string> = {
    AccessKeyId: accessKeyId, Action: 'SendSms', Format: 'JSON', OutId: outId, PhoneNumbers: numberOf(phone), RegionId: 'cn-hangzhou', SignName: signName, SignatureMethod: 'HMAC-SHA1', SignatureNonce: nonce,
    SignatureVersion: '1.0', TemplateCode: template, TemplateParam: JSON.stringify(Object.fromEntries(Object.entries(params).map(([name, text]) => [name, short(text)]))), Timestamp: now.toISOString().replace(/\.\d+Z$/, 'Z'), Version: '2017-05-25',
  };
  try {
    const response = await fetch(url, { method: 'POST', body: new URLSearchParams({ ...fields, Signature: smsSignature('POST', fields, accessKeySecret) }), redirect: 'error' });
    const read = answerShape.safeParse(jsonOf(await response.text()));
    if (read.success) return outcomeOf(read.data.Code);
    return { accepted: false, certain: response.status === 429, final: false, detail: `HTTP ${response.status}` };
  } catch (error) {
    return broken(error);
  }
};
