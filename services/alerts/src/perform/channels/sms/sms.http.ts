import { sendSms } from '@flotilla/notify';
import { z } from 'zod';
import { channel } from '../channel.js';
import { manifest } from './manifest.js';

const account = z.strictObject({
  url: z.url().default('https://dysmsapi.aliyuncs.com/'),
  accessKeyId: z.string().min(1),
  accessKeySecret: z.string().min(1),
  signName: z.string().min(1),
  /** A registered template with the parameters `title`, `subject` and `count`. */
  template: z.string().min(1),
  phone: z.string().regex(/^\+\d{8,15}$/, 'E.164: +8613800138000'),
});

/** One text of a registered template: what it is, the first subject, and how many. */
export const sms = channel({
  manifest,
  account,
  sandbox: (url) => ({ url: `${url}/sms/`, accessKeyId: 'sandbox', accessKeySecret: 'sandbox-sms-secret', signName: 'Flotilla', template: 'SMS_ALERT', phone: '+8613800138000' }),
  connect: ({ account: { phone, template, ...gateway }, fetch, now }) => ({
    send: ({ messageId, refusals, headline, sections, more }) => {
      const count = sections.reduce((sum, { items }) => sum + items.length, more);
      const params = { title: sections.length === 0 ? headline : sections.map(({ title }) => title).join('/'), subject: sections[0]?.items[0]?.subjectId ?? '-', count: String(count) };
      return sendSms(gateway, fetch, now(), { phone, template, params, outId: messageId, nonce: `${messageId}-${refusals}` });
    },
  }),
});
