import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { inBeijing } from '../../clock.js';
import { answer } from '../../faults/answer.js';
import type { Faults } from '../../faults/faults.js';
import type { Ledger } from '../../ledger/ledger.js';
import { digestOf } from './digest.js';
import { SfRefusal, type SfParcel, type SfParcels } from './parcels.js';

const text = z.coerce.string();
const contact = z.looseObject({ contactType: z.number().optional(), province: text.optional(), city: text.optional(), county: text.optional(), address: text.optional(), country: text.optional() });
const createOrder = z.looseObject({ orderId: text.optional(), contactInfoList: z.array(contact).optional(), expressTypeId: z.number().optional() });
const searchOrder = z.looseObject({ orderId: text });
const updateOrder = z.looseObject({ orderId: text, dealType: z.coerce.number(), waybillNoInfoList: z.array(z.looseObject({ waybillType: z.number().optional(), waybillNo: text })).optional() });
const searchRoutes = z.looseObject({ trackingType: z.coerce.number().default(1), trackingNumber: z.union([z.array(text), text.transform((one) => one.split(','))]) });

/** `POST /sf/std/service`: SF's 丰桥 gateway. */
export function sfGateway(app: FastifyInstance, options: { parcels: SfParcels; faults: Faults; ledger: Ledger; partnerId: string; checkword: string }): void {
  const { parcels, faults, ledger } = options;
  const envelope = (code: string, message: string, data = ''): { status: number; body: string } => ({
    status: 200,
    body: JSON.stringify({ apiErrorMsg: message, apiResponseID: randomUUID().replaceAll('-', '').toUpperCase(), apiResultCode: code, apiResultData: data }),
  });
  const success = (msgData: unknown): string => JSON.stringify({ success: true, errorCode: 'S0000', errorMsg: null, msgData });
  const refusal = (code: string, message: string): string => JSON.stringify({ success: false, errorCode: code, errorMsg: message, msgData: null });

  app.post('/sf/std/service', async (request, reply) => {
    const form = new URLSearchParams(Buffer.isBuffer(request.body) ? request.body.toString() : '');
    const field = (name: string): string => form.get(name) ?? '';
    const [service, msgData] = [field('serviceCode'), field('msgData')];
    const asked = readObject(msgData);
    const orderId = typeof asked?.['orderId'] === 'string' ? asked['orderId'] : '';
    const call = (): { status: number; body: string } => {
      if (['partnerID', 'requestID', 'serviceCode', 'timestamp', 'msgDigest', 'msgData'].some((name) => field(name) === '')) return envelope('A1001', '必传参数不可为空');
      const signed = field('partnerID') === options.partnerId && field('msgDigest') === digestOf(msgData, field('timestamp'), options.checkword);
      if (!signed) return envelope('A1006', '数字签名无效');
      const serve = SERVICES[service];
      if (serve === undefined) return envelope('A1004', '无对应服务权限');
      try {
        return envelope('A1000', '', success(serve(asked, parcels)));
      } catch (error) {
        if (error instanceof SfRefusal) return envelope('A1000', '', refusal(error.code, error.message));
        if (error instanceof z.ZodError) return envelope('A1000', '', refusal('S0001', z.prettifyError(error)));
        throw error;
      }
    };
    const noted = (status: string): void => void ledger.note({ world: 'sf', direction: 'in', kind: service === '' ? 'unknown' : service, orderId, status });
    return answer({ faults, target: 'sf', operation: service, orderId, reply, limited: () => envelope('A1005', '流量受控'), noted }, call);
  });
}

const SERVICES: Record<string, (asked: unknown, parcels: SfParcels) => unknown> = {
  EXP_RECE_CREATE_ORDER: (asked, parcels) => created(parcels.create(createOrder.parse(asked) as Parameters<SfParcels['create']>[0])),
  EXP_RECE_SEARCH_ORDER_RESP: (asked, parcels) => created(parcels.find(searchOrder.parse(asked).orderId)),
  EXP_RECE_UPDATE_ORDER: (asked, parcels) => {
    const { orderId, dealType, waybillNoInfoList } = updateOrder.parse(asked);
    // 1 confirms, which needs nothing here; 2 cancels.
    const parcel = dealType === 2 ? parcels.cancel(orderId, waybillNoInfoList?.find(({ waybillType }) => (waybillType ?? 1) === 1)?.waybillNo) : parcels.find(orderId);
    return { orderId, waybillNoInfoList: numbers(parcel), resStatus: 2, extraInfoList: null };
  },
  EXP_RECE_SEARCH_ROUTES: (asked, parcels) => {
    const { trackingType, trackingNumber } = searchRoutes.parse(asked);
    if (trackingNumber.length > 10) throw new SfRefusal('8119', '单次查询不能超过10个单号');
    return {
      routeResps: trackingNumber.map((number) => {
        const parcel = trackingType === 2 ? parcels.byOrder.get(number) : parcels.byWaybill(number);
        const routes = parcel === undefined ? [] : parcels.scans(parcel);
        return {
          mailNo: parcel?.waybill ?? number,
          routes: routes.map((scan) => ({
            acceptAddress: scan.place, acceptTime: inBeijing(scan.at), remark: scan.remark, opCode: scan.opCode, firstStatusCode: scan.first, secondaryStatusCode: scan.secondary,
          })),
        };
      }),
    };
  },
};

const numbers = (parcel: SfParcel): unknown => (parcel.waybill === '' ? null : [{ waybillType: 1, waybillNo: parcel.waybill }]);

function created(parcel: SfParcel): unknown {
  const base = { orderId: parcel.orderId, filterResult: parcel.filterResult, remark: parcel.filterResult === 3 ? '1' : null, waybillNoInfoList: numbers(parcel), extraInfoList: null };
  if (parcel.filterResult === 3) return { ...base, originCode: '', destCode: '', routeLabelInfo: null };
  const digits = parcel.waybill.slice(2);
  const destination = `${Number(digits.slice(-3)) % 900 + 20}`.padStart(3, '0');
  const team = `${destination}${'ABCDEFGHJK'[Number(digits.at(-1))] ?? 'A'}-${digits.slice(-6, -4)}`;
  const product = parcel.expressType === '1' ? { proCode: '特快', expressTypeCode: 'T4' } : { proCode: '标快', expressTypeCode: 'T6' };
  const code = `MMM={'k1':'${destination}W','k2':'${destination}AA','k3':'${digits.slice(-3)}','k4':'${product.expressTypeCode}','k5':'${parcel.waybill}','k6':'','k7':'${digits.slice(-8)}'}`;
  return {
    ...base, originCode: '755', destCode: destination,
    routeLabelInfo: [{
      code: '1000', message: null,
      routeLabelData: {
        waybillNo: parcel.waybill, sourceTransferCode: '755WF', sourceCityCode: '755', sourceDeptCode: '755AQ', destCityCode: destination, destDeptCode: `${destination}AA`, destDeptCodeMapping: `${destination}W`,
        destTeamCode: digits.slice(-3), destTeamCodeMapping: '', destTransferCode: `${destination}W`, destRouteLabel: team, ...product, limitTypeCode: product.expressTypeCode, cargoTypeCode: 'C201',
        codingMapping: `${digits.slice(-4, -2)}A`, codingMappingOut: '1A', xbFlag: '0', printFlag: '000000000', twoDimensionCode: code, checkCode: digits.slice(0, 8), printIcon: '00000000', abFlag: 'A',
      },
    }],
  };
}

const readObject = (json: string): Record<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
};
