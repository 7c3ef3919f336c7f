import { readFileSync } from 'node:fs';
import { reasons } from '@flotilla/contracts';
import { hostileContract, type Reader } from '@flotilla/testing';
import { readExternal } from './accept/external-csv.js';
import { readRates } from './accept/rate-csv.js';
import * as sf from './perform/carriers/sf/sf.messages.js';
import { carriers } from './perform/carriers/registry.js';
import * as cainiao from './perform/gateways/cainiao/cainiao.messages.js';
import * as kdniao from './perform/gateways/kdniao/kdniao.messages.js';

const known = new Map(carriers.map(({ manifest }) => [manifest.name, manifest.services]));
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');
const fixture = (path: string): string => readFileSync(new URL(`perform/${path}`, import.meta.url), 'utf8');

// Rows are written, faults are told.
const kept = ({ rows, faults }: { readonly rows: readonly unknown[]; readonly faults: readonly { readonly reason: string }[] }): unknown => ({ rows, faults: faults.map(({ reason }) => reason) });

const created = JSON.stringify({
  apiErrorMsg: '', apiResponseID: '1', apiResultCode: 'A1000',
  apiResultData: JSON.stringify({ success: true, errorCode: 'S0000', errorMsg: null, msgData: { orderId: 'p1', originCode: '755', destCode: '010', filterResult: 2, remark: null, waybillNoInfoList: [{ waybillType: 1, waybillNo: 'SF7444400031887' }], routeLabelInfo: [{ routeLabelData: { destRouteLabel: '010W-AB', twoDimensionCode: "MMM={'k1':'010W'}" } }] } }),
});
const cancelled = JSON.stringify({ apiResultCode: 'A1000', apiResultData: JSON.stringify({ success: true, errorCode: 'S0000', msgData: { orderId: 'p1', resStatus: 2 } }) });

const answers: readonly Reader[] = [
  { name: 'SF’s answer to an order', valid: [created, fixture('carriers/sf/fixtures/envelope.response.json')], read: (bytes: Uint8Array) => [sf.readCreated(sf.readReply(text(bytes))), sf.readFound(sf.readReply(text(bytes)))] },
  { name: 'SF’s answer to a cancellation', valid: [cancelled], read: (bytes: Uint8Array) => sf.readCancelled(sf.readReply(text(bytes))) },
  { name: 'kdniao’s answer', valid: [fixture('gateways/kdniao/fixtures/order.response.json')], read: (bytes: Uint8Array) => [kdniao.readOrdered(kdniao.readReply(text(bytes), '1350174'), 'p1', 'ZTO'), kdniao.readCancelled(kdniao.readReply(text(bytes), '1350174'))] },
  { name: 'Cainiao’s answer to an order', valid: [fixture('gateways/cainiao/fixtures/get.response.json')], read: (bytes: Uint8Array) => cainiao.readApplied(cainiao.readReply(text(bytes), 'cainiao.waybill.ii.get'), 'p1-c1') },
  { name: 'Cainiao’s answer to a cancellation', valid: ['{"cainiao_waybill_ii_cancel_response":{"cancel_result":true,"request_id":"1"}}', '{"error_response":{"code":15,"msg":"Remote service error","sub_code":"isv.invalid","sub_msg":"面单不存在"}}'], read: (bytes: Uint8Array) => cainiao.readCancelled(cainiao.readReply(text(bytes), 'cainiao.waybill.ii.cancel')) },
].map((reader) => ({ ...reader, kind: 'json', neverThrows: true }));

hostileContract('CAR-03', Object.keys(reasons), [
  { name: 'a rate card', kind: 'table', valid: [readFileSync('deploy/seed/rate-cards.csv').subarray(0, 4_000)], read: (bytes) => kept(readRates(bytes, known)) },
  { name: 'numbers of others', kind: 'table', valid: ['parcel_id,carrier,waybill,shipped_at\n5f0c2a4e-3f0b-5d4e-9c3a-1a2b3c4d5e6f,ups,1Z5R89390357567127,2026-11-29T18:00:00+08:00\n'], read: (bytes) => kept(readExternal(bytes)) },
  ...answers,
]);
