import { readFileSync } from 'node:fs';
import { reasons } from '@flotilla/contracts';
import { hostileContract, type Reader } from '@flotilla/testing';
import * as kuaidi100 from './sources/kuaidi100/results.js';
import * as sf from './sources/sf/routes.js';
import { sources } from './sources/registry.js';
import * as track17 from './sources/track17/results.js';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');
const fixture = (path: string): string => readFileSync(new URL(`sources/${path}`, import.meta.url), 'utf8');

const push17 = fixture('track17/fixtures/push.json');
const result100 = JSON.stringify((JSON.parse(fixture('kuaidi100/fixtures/push.json')) as { lastResult: object }).lastResult);
const routes = JSON.stringify({ Body: { WaybillRoute: [{ id: '1', mailno: 'SF1400000000001', orderid: 'p', acceptTime: '2026-11-21 18:00:00', acceptAddress: '深圳市', opCode: '50', remark: '顺丰速运 已收取快件', reasonCode: '' }] } });

const told: readonly Omit<Reader, 'kind'>[] = [
  { name: 'a push of SF', valid: [routes], read: (bytes) => sf.readPush(text(bytes)) },
  { name: 'SF’s answer', valid: [fixture('sf/fixtures/routes-answer.json')], read: (bytes) => sf.readAnswer(text(bytes)) },
  { name: 'a push of 17TRACK', valid: [push17], read: (bytes) => track17.readPush(text(bytes)) },
  { name: '17TRACK’s answer', valid: [JSON.stringify({ code: 0, data: { accepted: [(JSON.parse(push17) as { data: object }).data], rejected: [{ number: 'LX1', error: { code: -18_019_902, message: 'no' } }] } })], read: (bytes) => [track17.readAnswer(text(bytes)), track17.readRegistration(text(bytes))] },
  { name: 'a push of Kuaidi100', valid: [fixture('kuaidi100/fixtures/push.json')], read: (bytes) => kuaidi100.readPush(text(bytes)) },
  { name: 'Kuaidi100’s answer', valid: [result100], read: (bytes) => kuaidi100.readAnswer(text(bytes)) },
  { name: 'Kuaidi100’s answer to a subscription', valid: ['{"result":true,"returnCode":"200","message":"ok"}'], read: (bytes) => kuaidi100.readSubscription(text(bytes)) },
];
// The doors themselves: nothing of these is signed.
const doors: readonly Reader[] = sources.flatMap((source) => {
  const { manifest } = source;
  const made = source.connect({ config: { FLOTILLA_SANDBOX_URL: 'http://127.0.0.1:1' }, outside: { fetch: () => Promise.reject(new Error('nobody is asked')), broken: () => false }, now: () => new Date(0), callback: '' });
  return made ? [{ name: `the door of ${manifest.name}`, kind: 'bytes' as const, valid: [], read: (bytes: Uint8Array) => made.push(bytes, { sign: text(bytes).slice(0, 100) }) }] : [];
});

hostileContract('TRK-01', Object.keys(reasons), [...told.map((reader): Reader => ({ ...reader, kind: 'json' })), ...doors]);
