import { sendSms, type Handed, type SmsAccount } from '@flotilla/notify';
import { BadConfiguration, type Outside } from '@flotilla/service-kit';
import { jsonOf } from '@flotilla/values';
import { z } from 'zod';
import type { Notice, NoticeKind } from '../decide/notice.events.js';

export const smsConfig = {
  FLOTILLA_SMS_URL: z.url().optional().describe('the SMS gateway (https://dysmsapi.aliyuncs.com/); the sandbox’s where there is one, no texts where neither is set'),
  FLOTILLA_SMS_ACCESS_KEY_ID: z.string().min(1).optional().describe('our key id at the SMS gateway'),
  FLOTILLA_SMS_ACCESS_KEY_SECRET: z.string().min(1).optional().describe('our secret at the SMS gateway'),
  FLOTILLA_SMS_SIGN_NAME: z.string().min(1).optional().describe('the registered name of the sender'),
  FLOTILLA_SMS_TEMPLATES: z.string().optional().describe('JSON: the registered template of each kind and language, such as {"SHIPPED.zh": "SMS_1"}, CODE of the look-up code among them; their parameters are number, carrier, waybill and code'),
};

type Settings = Readonly<{ [Name in keyof typeof smsConfig]?: string | undefined } & { FLOTILLA_SANDBOX_URL?: string | undefined }>;

/** Sends a notice as a text. */
export type Texter = (notice: Notice, phone: string, words: { readonly carrier: string; readonly code: string }, refusals: number) => Promise<Handed>;

/** Sends a look-up code to a phone (E.164). */
export type CodeTexter = (phone: string, language: string, code: string, id: string) => Promise<Handed>;

const templatesOf = (json: string | undefined): Readonly<Record<string, string>> => {
  const read = z.record(z.string(), z.string()).safeParse(jsonOf(json ?? '{}'));
  if (!read.success) throw new BadConfiguration('FLOTILLA_SMS_TEMPLATES is not JSON of names and templates');
  return read.data;
};

/** The ways to write texts; undefined if there is no gateway. */
export const createTexters = (settings: Settings, outside: Outside, now: () => Date): { readonly notices: Texter; readonly codes: CodeTexter } | undefined => {
  const { FLOTILLA_SMS_URL: url, FLOTILLA_SMS_ACCESS_KEY_ID: accessKeyId, FLOTILLA_SMS_ACCESS_KEY_SECRET: accessKeySecret, FLOTILLA_SMS_SIGN_NAME: signName, FLOTILLA_SANDBOX_URL: sandbox } = settings;
  if (url !== undefined && (accessKeyId === undefined || accessKeySecret === undefined || signName === undefined)) throw new BadConfiguration('FLOTILLA_SMS_URL is set; give FLOTILLA_SMS_ACCESS_KEY_ID, FLOTILLA_SMS_ACCESS_KEY_SECRET and FLOTILLA_SMS_SIGN_NAME too');
  const account: SmsAccount | undefined =
    url !== undefined ? { url, accessKeyId: accessKeyId!, accessKeySecret: accessKeySecret!, signName: signName! } : sandbox !== undefined ? { url: `${sandbox}/sms/`, accessKeyId: 'sandbox', accessKeySecret: 'sandbox-sms-secret', signName: 'Flotilla' } : undefined;
  if (!account) return undefined;
  const templates = templatesOf(settings.FLOTILLA_SMS_TEMPLATES);
  const templateOf = (kind: NoticeKind | 'CODE', language: string): string | undefined => templates[`${kind}.${language}`] ?? (url === undefined ? `SMS_${kind}_${language.toUpperCase()}` : undefined);
  const send = (template: string | undefined, phone: string, params: Readonly<Record<string, string>>, id: string, nonce: string): Promise<Handed> =>
    template === undefined ? Promise.resolve({ accepted: false, certain: true, final: true, detail: 'no such template' }) : sendSms(account, (at, init) => outside.fetch(at, init), now(), { phone, template, params, outId: id, nonce });
  const notices: Texter = ({ noticeId, kind, language, number, waybill }, phone, { carrier, code }, refusals) => {
    const params = { number, carrier, waybill, ...(code === '' ? {} : { code }) };
    return send(templateOf(kind, language), phone, params, noticeId, `${noticeId}-${refusals}`);
  };
  return { notices, codes: (phone, language, code, id) => send(templateOf('CODE', language), phone, { code }, id, id) };
};
