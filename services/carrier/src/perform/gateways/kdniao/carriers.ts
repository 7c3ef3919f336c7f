import { upu } from '../../carriers/number-forms.js';
import type { CarrierAdapter, CarrierManifest } from '../../carriers/carrier.js';
import { throughKdniao } from './kdniao.http.js';

/** What differs from one carrier of kdniao to the next. */
interface Row {
  /** The gateway's code for it (快递公司编码). */
  readonly code: string;
  readonly title: CarrierManifest['title'];
  readonly numbers: CarrierManifest['numbers'];
  /** At Cainiao, where masked recipients of its carriers are taken; absent: not taken. */
  readonly taobao?: string;
  /** Label templates other than the common ones. */
  readonly label?: string;
}

// None of them publishes a check digit, except for the international numbers of the posts: prefix and length are all there is.
const rows: Readonly<Record<string, Row>> = {
  zto: { code: 'ZTO', title: { zh: '中通快递', en: 'ZTO Express' }, numbers: [/^7[3-68]\d{12}$/, /^\d{12}$/], taobao: 'ZTO', label: 'zto' },
  yto: { code: 'YTO', title: { zh: '圆通速递', en: 'YTO Express' }, numbers: [/^YT\d{13}$/, /^[A-Z]\d{9}$/], taobao: 'YTO' }, // YT and sixteen digits is YunExpress's
  sto: { code: 'STO', title: { zh: '申通快递', en: 'STO Express' }, numbers: [/^(?:77|43)\d{12,15}$/, /^\d{12,13}$/], taobao: 'STO' },
  yunda: { code: 'YD', title: { zh: '韵达速递', en: 'Yunda Express' }, numbers: [/^[34]\d{14}$/, /^5\d{12}$/, /^\d{13}$/], taobao: 'YUNDA' },
  jt: { code: 'JTSD', title: { zh: '极兔速递', en: 'J&T Express' }, numbers: [/^JT\d{12,13}$/] },
  jd: { code: 'JD', title: { zh: '京东物流', en: 'JD Logistics' }, numbers: [/^JD[0-9A-Z]{2}\d{11}(?:-\d{1,3}-\d{1,3}-?)?$/] },
  ems: { code: 'EMS', title: { zh: '邮政特快专递', en: 'EMS' }, numbers: [upu, /^1[0-2]\d{11}$/, /^9\d{12}$/], taobao: 'EMS' },
  'china-post': { code: 'YZPY', title: { zh: '邮政快递包裹', en: 'China Post' }, numbers: [upu, /^[189]\d{12}$/, /^P[A-Z]\d{11}$/], taobao: 'POSTB' },
  deppon: { code: 'DBL', title: { zh: '德邦快递', en: 'Deppon Express' }, numbers: [/^DPK\d{11,12}$/, /^\d{8,10}$/] },
  best: { code: 'HTKY', title: { zh: '百世快递', en: 'Best Express' }, numbers: [/^\d{14}$/] },
};

/** The carriers that are bought through kdniao, one row each (CAR-03). */
export const kdniaoCarriers: readonly CarrierAdapter[] = Object.entries(rows).map(([name, { code, title, numbers, taobao, label = 'express' }]) =>
  throughKdniao({
    name, title, numbers, label,
    services: ['STANDARD'],
    platformCodes: taobao === undefined ? {} : { taobao },
    timeZone: 'Asia/Shanghai',
    ratePerSecond: 20, // of the gateway, for all its carriers together
    concurrency: 10,
  }, code),
);

/** Our names by the gateway's codes, in small letters. */
export const codesOfKdniao: ReadonlyMap<string, string> = new Map(Object.entries(rows).map(([name, { code }]) => [code.toLowerCase(), name]));
