import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { answer } from '../../faults/answer.js';
import type { Faults } from '../../faults/faults.js';
import type { Ledger } from '../../ledger/ledger.js';
import { CainiaoRefusal, type CainiaoWaybills } from './waybills.js';

/** TOP's signature over a form: md5 (secret on both ends), or HMAC-MD5; sorted names and values, upper-case hex. */
export const topSignOf = (form: URLSearchParams, secret: string): string => {
  const text = [...form].filter(([name, value]) => name !== 'sign' && value !== '').sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => name + value).join('');
  const hash = form.get('sign_method') === 'hmac' ? createHmac('md5', secret).update(text) : createHash('md5').update(secret + text + secret);
  return hash.digest('hex').toUpperCase();
};

const person = z.looseObject({ name: z.string().default(''), oaid: z.string().default(''), address: z.looseObject({ province: z.string().default(''), city: z.string().default(''), district: z.string().default(''), detail: z.string().default('') }) });
const apply = z.looseObject({
  cp_code: z.string(),
  need_encrypt: z.boolean().default(false),
  sender: person,
  trade_order_info_dtos: z.array(z.looseObject({ object_id: z.string(), order_info: z.looseObject({ trade_order_list: z.array(z.string()) }), package_info: z.looseObject({ id: z.string() }), recipient: person })).min(1).max(10),
});

/** `POST /top/router/rest`: TOP, with Cainiao's e-waybills behind it. */
export function topGateway(app: FastifyInstance, options: { waybills: CainiaoWaybills; faults: Faults; ledger: Ledger; appKey: string; appSecret: string; session: string }): void {
  const { waybills, faults, ledger, appKey, appSecret, session } = options;
  const send = (body: object): { status: number; body: string } => ({ status: 200, body: JSON.stringify(body) });
  const error = (code: number, msg: string, sub?: readonly [string, string]): { status: number; body: string } => send({ error_response: { code, msg, ...(sub ? { sub_code: sub[0], sub_msg: sub[1] } : {}), request_id: requestId() } });

  app.post('/top/router/rest', async (request, reply) => {
    const form = new URLSearchParams(Buffer.isBuffer(request.body) ? request.body.toString() : '');
    const field = (name: string): string => form.get(name) ?? '';
    const method = field('method');
    let orderId = '';
    const call = (): { status: number; body: string } => {
      if (field('app_key') !== appKey) return error(29, 'Invalid app Key');
      if (field('sign') !== topSignOf(form, appSecret)) return error(25, 'Invalid signature');
      if (field('session') !== session) return error(27, 'Invalid session');
      const age = Math.abs(Date.now() - Date.parse(`${field('timestamp').replace(' ', 'T')}+08:00`));
      if (!(age < 600_000)) return error(31, 'Invalid timestamp');
      try {
        if (method === 'cainiao.waybill.ii.cancel') {
          waybills.cancel(field('cp_code'), field('waybill_code'));
          return send({ cainiao_waybill_ii_cancel_response: { cancel_result: true, request_id: requestId() } });
        }
        if (method !== 'cainiao.waybill.ii.get') return error(22, 'Invalid method');
        const asked = apply.parse(JSON.parse(field('param_waybill_cloud_print_apply_new_request')));
        orderId = asked.trade_order_info_dtos[0]?.order_info.trade_order_list[0] ?? '';
        const made = asked.trade_order_info_dtos.map(({ object_id, order_info, package_info, recipient }) => {
          const { province, city, district, detail } = recipient.address;
          const { waybill } = waybills.get({ cpCode: asked.cp_code, packageId: package_info.id, orders: order_info.trade_order_list, oaid: recipient.oaid, name: recipient.name, address: province + city + district + detail, city });
          const sealed = { encryptedData: `AES:${randomBytes(48).toString('base64')}`, signature: `MD:${createHash('md5').update(waybill).digest('base64')}`, templateURL: 'http://cloudprint.cainiao.com/template/standard/1501/25', ver: 'waybill_print_secret_version_1' };
          return { object_id, waybill_code: waybill, cp_code: asked.cp_code, real_cp_code: asked.cp_code, print_data: JSON.stringify(sealed) };
        });
        // One element is an object, not a list of one.
        return send({ cainiao_waybill_ii_get_response: { modules: { waybill_cloud_print_response: made.length === 1 ? made[0] : made }, request_id: requestId() } });
      } catch (failure) {
        if (failure instanceof CainiaoRefusal) return error(15, 'Remote service error', [failure.subCode, failure.message]);
        if (failure instanceof z.ZodError || failure instanceof SyntaxError) return error(15, 'Remote service error', ['isv.param-invalid', '参数不合法']);
        throw failure;
      }
    };
    const noted = (status: string): void => void ledger.note({ world: 'cainiao', direction: 'in', kind: method === '' ? 'unknown' : method, orderId, status });
    return answer({ faults, target: 'cainiao', operation: method, orderId, reply, limited: () => error(7, 'App Call Limited', ['accesscontrol.limited-by-app-access-count', '请求过于频繁']), noted }, call);
  });
}

const requestId = (): string => randomBytes(6).toString('hex');
