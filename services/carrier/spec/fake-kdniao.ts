import { createHash } from 'node:crypto';
import { kdniaoCarriers } from '../src/perform/gateways/kdniao/carriers.js';
import { orderCodeOf } from '../src/perform/gateways/kdniao/kdniao.messages.js';
import { fakeGateway, takenNumber, type FakeGateway } from './fake-gateway.js';

// Every carrier's own account there, by its settings.
const settings = kdniaoCarriers.flatMap(({ config }) => Object.keys(config));
export const kdniaoAccount: Readonly<Record<string, string>> = {
  FLOTILLA_KDNIAO_BUSINESS_ID: '1350174', FLOTILLA_KDNIAO_APP_KEY: 'sandbox-app-key',
  ...Object.fromEntries(settings.flatMap((name) => (name.endsWith('_CUSTOMER_NAME') ? [[name, 'flotilla']] : name.endsWith('_CUSTOMER_PWD') ? [[name, 'secret']] : []))),
};

// Of the process: numbers of two gateways must not meet.
let issued = 1_000;
const serial = (before: string, digits: number) => (n: number): string => before + String(n).padStart(digits, '0');
const numbers: Readonly<Record<string, (n: number) => string>> = {
  ZTO: serial('73', 12), YTO: serial('YT', 13), STO: serial('773', 12), YD: serial('4', 14), JTSD: serial('JT', 13), JD: serial('JDX0', 11), EMS: serial('11', 11), YZPY: serial('9', 12), DBL: serial('DPK', 11), HTKY: serial('6', 13),
};

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
      const numberOf = Object.hasOwn(numbers, shipper) ? numbers[shipper] : undefined;
      if (!numberOf) return said('102', `不支持的快递公司编码 ${shipper}`);
      if (operation === '1007') {
        if (found?.cancelled) return said('105', '该订单号已取消');
        if (found) return order(code, shipper, found.waybill, '106', '该订单号已下单成功');
        if (mishap === 'undeliverable') return said('105', '收件地址不可达');
        if (mishap === 'refused') return said('105', '网点电子面单余额不足');
        if (textsOf(data).some((text) => /['"#&+<>%\\]/.test(text))) return said('103', '含有特殊字符');
        const waybill = mishap === 'wrong-number' ? 'ZZ12' : (mishap === 'taken-number' && takenNumber(booked)) || numberOf(issued += 7);
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
