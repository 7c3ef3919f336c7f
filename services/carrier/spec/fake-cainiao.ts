import { createHmac } from 'node:crypto';
import { fakeGateway, takenNumber, type FakeGateway } from './fake-gateway.js';

export const cainiaoAccount = {
  FLOTILLA_CAINIAO_APP_KEY: '12345678', FLOTILLA_CAINIAO_APP_SECRET: 'sandbox-top-secret', FLOTILLA_CAINIAO_SESSION: 'sandbox-session', FLOTILLA_CAINIAO_USER_ID: '2200000000',
  FLOTILLA_CAINIAO_TEMPLATE_URL: 'http://cloudprint.cainiao.com/template/standard/1501/25',
};

// Of the process: numbers of two gateways must not meet.
let issued = 500_000;
const numbers: Readonly<Record<string, (serial: number) => string>> = { ZTO: (serial) => `75${String(serial).padStart(12, '0')}`, YTO: (serial) => `YT9${String(serial).padStart(12, '0')}`, SF: (serial) => `SF2${String(serial).padStart(12, '0')}`, STO: (serial) => `775${String(serial).padStart(12, '0')}`, YUNDA: (serial) => `3${String(serial).padStart(14, '0')}`, EMS: (serial) => `12${String(serial).padStart(11, '0')}`, POSTB: (serial) => `98${String(serial).padStart(11, '0')}` };

/** TOP with Cainiao's waybills behind it, as its documents tell it: the same trade orders and package get the same number. */
export const fakeCainiao = (): Promise<FakeGateway> =>
  fakeGateway({
    operations: { create: 'cainiao.waybill.ii.get', cancel: 'cainiao.waybill.ii.cancel' },
    nameOf: (reference) => reference.replaceAll('-', '_'),
    operationOf: (form) => form.get('method') ?? '',
    barred: (form, closed) => {
      if (closed) return error('7', 'App Call Limited', 'accesscontrol.limited-by-app-access-count', '请求过于频繁');
      // Written out here once more: the one under test must not check itself.
      const named = [...form].filter(([name]) => name !== 'sign').sort(([a], [b]) => (a < b ? -1 : 1));
      const mac = createHmac('md5', cainiaoAccount.FLOTILLA_CAINIAO_APP_SECRET).update(named.map(([name, value]) => name + value).join('')).digest('hex').toUpperCase();
      if (form.get('sign_method') !== 'hmac' || form.get('sign') !== mac) return error('25', 'Invalid signature', '', '');
      return form.get('session') !== cainiaoAccount.FLOTILLA_CAINIAO_SESSION ? error('27', 'Invalid session', '', '') : undefined;
    },
    serve: (method, form, booked, mishap) => {
      if (method === 'cainiao.waybill.ii.cancel') {
        if (mishap === 'refused') return error('15', 'Remote service error', 'isv.waybill-collected', '面单已揽收，不能取消');
        const found = [...booked.values()].find(({ waybill }) => waybill === form.get('waybill_code'));
        if (!found) return error('15', 'Remote service error', 'isv.waybill-not-exist', '面单号不存在');
        if (found.cancelled) return error('15', 'Remote service error', 'isv.waybill-cancelled', '面单已取消');
        found.cancelled = true;
        return { cainiao_waybill_ii_cancel_response: { cancel_result: true, request_id: 'r' } };
      }
      const asked = JSON.parse(form.get('param_waybill_cloud_print_apply_new_request') ?? '') as { cp_code: string; need_encrypt: boolean; trade_order_info_dtos: readonly { object_id: string; package_info: { id: string }; recipient: { oaid?: string } }[] };
      const [one] = asked.trade_order_info_dtos;
      if (!one || !/^\w+$/.test(one.package_info.id)) return error('15', 'Remote service error', 'isv.package-id', '包裹ID只能是数字、字母和下划线');
      if (!one.recipient.oaid) return error('15', 'Remote service error', 'isv.oaid-missing', 'oaid不能为空');
      const found = booked.get(one.package_info.id);
      if (found) return answer(one.object_id, found.waybill, asked.cp_code);
      if (mishap === 'undeliverable') return error('15', 'Remote service error', 'isv.address-not-reachable', '收件地址不可达');
      if (mishap === 'refused') return error('15', 'Remote service error', 'isv.balance', '网点可用单号余额不足');
      const waybill = mishap === 'wrong-number' ? 'ZZ12' : (mishap === 'taken-number' && takenNumber(booked)) || numbers[asked.cp_code]!(issued += 7);
      booked.set(one.package_info.id, { waybill, cancelled: false, asked: asked as unknown as Record<string, unknown> });
      return answer(one.object_id, waybill, asked.cp_code);
    },
  }).then((gateway) => ({ ...gateway, url: `${gateway.url}/router/rest` }));

const error = (code: string, msg: string, sub_code: string, sub_msg: string): object => ({ error_response: { code: Number(code), msg, ...(sub_code === '' ? {} : { sub_code, sub_msg }), request_id: 'r' } });
// One element, which TOP gives as an object.
const answer = (object_id: string, waybill_code: string, cp_code: string): object => ({
  cainiao_waybill_ii_get_response: {
    modules: { waybill_cloud_print_response: { object_id, waybill_code, cp_code, print_data: JSON.stringify({ encryptedData: 'AES:c2VhbGVk', signature: 'MD:nMa3dYccRsjbm1dPBFYQdw==', templateURL: 'http://cloudprint.cainiao.com/template/standard/1501/25', ver: 'waybill_print_secret_version_1' }) } },
    request_id: 'r',
  },
});
