import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { answer } from '../../faults/answer.js';
import type { Faults } from '../../faults/faults.js';
import type { Ledger } from '../../ledger/ledger.js';
import { KdniaoRefusal, type Asked, type KdniaoOrder, type KdniaoOrders } from './orders.js';

/** base64 of the lower-case hex of md5(RequestData + AppKey). */
export const dataSignOf = (requestData: string, appKey: string): string => Buffer.from(createHash('md5').update(requestData + appKey).digest('hex')).toString('base64');

/** `POST /kdniao/api/Eorderservice`: waybills through kdniao, 1007 orders and 1147 calls off. */
export function kdniaoGateway(app: FastifyInstance, options: { orders: KdniaoOrders; faults: Faults; ledger: Ledger; businessId: string; appKey: string }): void {
  const { orders, faults, ledger, businessId, appKey } = options;
  const said = (code: string, reason: string, more: object = {}): { status: number; body: string } => ({ status: 200, body: JSON.stringify({ EBusinessID: businessId, Success: code === '100' || code === '106', ResultCode: code, Reason: reason, ...more }) });

  app.post('/kdniao/api/Eorderservice', async (request, reply) => {
    const form = new URLSearchParams(Buffer.isBuffer(request.body) ? request.body.toString() : '');
    const field = (name: string): string => form.get(name) ?? '';
    const [type, requestData] = [field('RequestType'), field('RequestData')];
    const asked = readObject(requestData);
    const orderId = typeof asked?.OrderCode === 'string' ? asked.OrderCode : '';
    const call = (): { status: number; body: string } => {
      if (field('EBusinessID') !== businessId) return said('104', '用户不存在');
      if (field('DataSign') !== dataSignOf(requestData, appKey)) return said('104', '数据签名验证失败');
      if (asked === undefined || field('DataType') !== '2') return said('103', 'RequestData 不是 JSON');
      try {
        if (type === '1007') {
          const { order, again } = orders.order(asked);
          return again ? said('106', '该订单号已下单成功', ordered(order)) : said('100', '成功', ordered(order));
        }
        if (type !== '1147') return said('102', '不支持的请求类型');
        orders.cancel(asked);
        return said('100', '成功');
      } catch (error) {
        if (error instanceof KdniaoRefusal) return said(error.code, error.message);
        throw error;
      }
    };
    const noted = (status: string): void => void ledger.note({ world: 'kdniao', direction: 'in', kind: type === '' ? 'unknown' : type, orderId, status });
    return answer({ faults, target: 'kdniao', operation: type, orderId, reply, limited: () => said('104', '请求过于频繁，请稍后重试'), noted }, call);
  });
}

// `DestinatioCode` is the gateway's spelling.
const ordered = ({ orderCode, shipper, waybill }: KdniaoOrder): object => {
  const team = waybill.slice(-3);
  return {
    Order: {
      OrderCode: orderCode, ShipperCode: shipper, LogisticCode: waybill, MarkDestination: `${team}-C${waybill.slice(-5, -3)}-${waybill.slice(-2)}`, OriginCode: '755', DestinatioCode: team, SortingCode: waybill.slice(-2),
      PackageCode: `集包 ${team}`, KDNOrderCode: `KDN${waybill.slice(-10)}`,
    },
    PrintTemplate: null,
  };
};

const readObject = (json: string): Asked | undefined => {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Asked) : undefined;
  } catch {
    return undefined;
  }
};
