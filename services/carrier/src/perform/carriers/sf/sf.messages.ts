import type { AskAnswer, CancelAnswer, CreateAnswer, Issued, Party, PurchaseOrder, Unclear } from '../carrier.js';
import { list, number, parse, record, text, unclear } from '../../json.js';

const expressTypes: Readonly<Record<string, number>> = { EXPRESS: 1, STANDARD: 2 }; // 1 特快, 2 标快

/** `msgData` of EXP_RECE_CREATE_ORDER. Weights are kilograms. */
export const toCreateOrder = (order: PurchaseOrder, monthlyCard: string): object => ({
  language: 'zh-CN',
  orderId: order.reference,
  cargoDetails: order.items.map(({ name, quantity, grams }) => ({ name: Array.from(name).slice(0, 60).join('') || '商品', count: quantity, unit: '件', weight: kilograms(grams * quantity) })),
  contactInfoList: [contact(1, order.sender), contact(2, order.recipient)],
  monthlyCard,
  payMethod: 1,
  expressTypeId: expressTypes[order.service] ?? 2,
  parcelQty: 1,
  totalWeight: kilograms(order.grams),
  isReturnRoutelabel: 1,
});

/** `msgData` of EXP_RECE_SEARCH_ORDER_RESP. */
export const toSearchOrder = (reference: string): object => ({ language: 'zh-CN', orderId: reference, searchType: '1' });

/** `msgData` of EXP_RECE_UPDATE_ORDER that cancels. */
export const toCancelOrder = (reference: string, waybill: string): object => ({
  orderId: reference,
  dealType: 2,
  language: 'zh-CN',
  waybillNoInfoList: waybill === '' ? [] : [{ waybillType: 1, waybillNo: waybill }],
});

/** What the gateway and the service behind it said. */
export type Reply = { readonly kind: 'success'; readonly data: Readonly<Record<string, unknown>> } | { readonly kind: 'error'; readonly code: string; readonly detail: string } | Unclear;

/**
 * Reads an answer's body. A1000 says only that the gateway let the call through; any other code says nothing about the
 * service behind it, so it is unclear. S0003 is a fault of SF's own system, not a decision about the parcel.
 */
export const readReply = (body: string): Reply => {
  const envelope = parse(body);
  if (!envelope) return unclear(`not JSON: ${body.slice(0, 80)}`);
  if (envelope['apiResultCode'] !== 'A1000') return unclear(`gateway ${text(envelope['apiResultCode'])} ${text(envelope['apiErrorMsg'])}`);
  const inner = envelope['apiResultData'];
  const result = typeof inner === 'string' ? parse(inner) : record(inner);
  if (!result) return unclear('apiResultData is not JSON');
  const code = text(result['errorCode']);
  const detail = `${code} ${text(result['errorMsg'])}`.trim();
  if (result['success'] === true || result['success'] === 'true') return { kind: 'success', data: record(result['msgData']) ?? parse(result['msgData']) ?? {} };
  return code === '' || code === 'S0003' ? unclear(detail || 'refused without a code') : { kind: 'error', code, detail };
};

// General knowledge of the protocol, not seen in a published sample: 8016 duplicate order, 8024 no such order, 8037 cancelled already.
const duplicate = '8016';
const noSuchOrder = '8024';
const cancelledAlready = '8037';

export const readCreated = (reply: Reply): CreateAnswer => {
  if (reply.kind === 'error') return reply.code === duplicate ? { kind: 'known' } : { kind: 'refused', reason: 'CARRIER_REFUSED', detail: reply.detail };
  return reply.kind === 'success' ? order(reply.data) : reply;
};

export const readFound = (reply: Reply): AskAnswer => {
  if (reply.kind === 'error') return reply.code === noSuchOrder ? { kind: 'not-known' } : { kind: 'unclear', detail: reply.detail };
  return reply.kind === 'success' ? order(reply.data) : reply;
};

export const readCancelled = (reply: Reply): CancelAnswer => {
  if (reply.kind === 'unclear') return reply;
  if (reply.kind === 'error') return reply.code === cancelledAlready || reply.code === noSuchOrder ? { kind: 'voided' } : { kind: 'refused', detail: reply.detail };
  // resStatus 1: number and order do not belong together; 2 or absent: done.
  return number(reply.data['resStatus'], 2) === 1 ? { kind: 'refused', detail: 'the waybill does not belong to the order (resStatus 1)' } : { kind: 'voided' };
};

const order = (data: Readonly<Record<string, unknown>>): Issued | Exclude<CreateAnswer, Issued | { kind: 'known' }> => {
  const filter = number(data['filterResult'], 0);
  if (filter === 3) return { kind: 'refused', reason: 'NOT_DELIVERABLE', detail: `filterResult 3 ${text(data['remark'])}`.trim() };
  const numbers = list(data['waybillNoInfoList']);
  const mother = numbers.find((one) => number(one['waybillType'], 0) === 1) ?? numbers[0];
  const waybill = text(mother?.['waybillNo']).trim();
  // filterResult 1: a person at the carrier looks at the address first; the number comes with a later answer.
  if (waybill === '') return unclear(`no waybill yet (filterResult ${filter})`);
  const label = record(list(data['routeLabelInfo'])[0]?.['routeLabelData']) ?? {};
  return {
    kind: 'issued',
    waybill: text(waybill, 64),
    routing: {
      origin: text(data['originCode'] ?? data['origincode']),
      destination: text(data['destCode'] ?? data['destcode']),
      sorting: text(label['destRouteLabel']),
      matrix: text(label['twoDimensionCode']),
    },
  };
};

const contact = (contactType: 1 | 2, party: Party): object => ({
  contactType,
  contact: party.name,
  company: party.company,
  mobile: party.phone,
  country: party.country,
  province: party.province,
  city: party.city,
  county: party.district,
  address: party.street,
  postCode: party.postcode,
});

const kilograms = (grams: number): number => grams / 1000;
