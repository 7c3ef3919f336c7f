import { createHash } from 'node:crypto';
import { orderCodeOf } from '../src/perform/gateways/kdniao/kdniao.messages.js';
import { fakeGateway, takenNumber, type FakeGateway } from './fake-gateway.js';

export const kdniaoAccount = { FLOTILLA_KDNIAO_BUSINESS_ID: '1350174', FLOTILLA_KDNIAO_APP_KEY: 'sandbox-app-key', FLOTILLA_ZTO_CUSTOMER_NAME: 'flotilla', FLOTILLA_ZTO_CUSTOMER_PWD: 'secret', FLOTILLA_YTO_CUSTOMER_NAME: 'flotilla', FLOTILLA_YTO_CUSTOMER_PWD: 'secret' };

// Of the process: numbers of two gateways must not meet.
let issued = 1_000;
const numbers: Readonly<Record<string, (serial: number) => string>> = { ZTO: (serial) => `73${String(serial).padStart(12, '0')}`, YTO: (serial) => `YT${String(serial).padStart(13, '0')}` };

/** kdniao's gateway as its documents tell it: an order code is taken once, and answered with what was bought under it. */
export const fakeKdniao = (): Promise<FakeGateway> =>
  fakeGateway({
    operations: { create: '1007', cancel: '1147' },
    nameOf: orderCodeOf,
    operationOf: (form) => form.get('RequestType') ?? '',
    barred: (form, closed) => {
      if (closed) return said('104', '请求过于频繁');
      // md5 in lower-case hex, and that text in base64: written out here once more.
      const hex = createHash('md5').update((form.get('RequestData') ?? '') + kdniaoAccount.FLOTILLA_KDNIAO_APP_KEY).digest('hex');
      return form.get('EBusinessID') !== kdniaoAccount.FLOTILLA_KDNIAO_BUSINESS_ID || form.get('DataSign') !== Buffer.from(hex).toString('base64') || form.get('DataType') !== '2' ? said('104', '数据签名验证失败') : undefined;
    },
    serve: (operation, form, booked, mishap) => {
      const data = JSON.parse(form.get('RequestData') ?? '') as Record<string, unknown>;
      const [code, shipper] = [String(data['OrderCode']), String(data['ShipperCode'])];
      if (code.length > 30) return said('103', 'OrderCode 超过长度');
      if (data['CustomerName'] !== 'flotilla' || data['CustomerPwd'] !== 'secret') return said('105', '电子面单账号错误');
      const found = booked.get(code);
      if (operation === '1007') {
        if (found?.cancelled) return said('105', '该订单号已取消');
        if (found) return order(code, shipper, found.waybill, '106', '该订单号已下单成功');
        if (mishap === 'undeliverable') return said('105', '收件地址不可达');
        if (mishap === 'refused') return said('105', '网点电子面单余额不足');
        if (textsOf(data).some((text) => /['"#&+<>%\\]/.test(text))) return said('103', '含有特殊字符');
        const waybill = mishap === 'wrong-number' ? 'ZZ12' : (mishap === 'taken-number' && takenNumber(booked)) || numbers[shipper]!(issued += 7);
        booked.set(code, { waybill, cancelled: false, asked: data });
        return order(code, shipper, waybill, '100', '成功');
      }
      if (operation !== '1147') return said('102', '不支持的请求类型');
      if (mishap === 'refused') return said('105', '快件已揽收，不允许取消');
      if (!found) return said('105', '订单不存在');
      if (found.cancelled) return said('105', '该订单已取消');
      if (data['ExpNo'] !== '' && data['ExpNo'] !== found.waybill) return said('102', '订单号与运单号不匹配');
      found.cancelled = true;
      return { ...said('100', '成功'), Success: true };
    },
  }).then((gateway) => ({ ...gateway, url: `${gateway.url}/api/Eorderservice` }));

// Whatever it is in: names, phones and goods, too.
const textsOf = (value: unknown): readonly string[] => (typeof value === 'string' ? [value] : typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : []);
const said = (ResultCode: string, Reason: string): object => ({ EBusinessID: kdniaoAccount.FLOTILLA_KDNIAO_BUSINESS_ID, Success: false, ResultCode, Reason });
const order = (OrderCode: string, ShipperCode: string, LogisticCode: string, ResultCode: string, Reason: string): object => ({
  EBusinessID: kdniaoAccount.FLOTILLA_KDNIAO_BUSINESS_ID, Success: true, ResultCode, Reason, UniquerRequestNumber: 'e27a9e40',
  Order: { OrderCode, ShipperCode, LogisticCode, MarkDestination: '520-C03-05 02', OriginCode: '755', DestinatioCode: '010', SortingCode: '02', PackageCode: '北京转朝阳', KDNOrderCode: 'KDN1903111600000041' },
});
