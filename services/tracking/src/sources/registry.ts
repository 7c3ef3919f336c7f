import { kuaidi100 } from './kuaidi100/kuaidi100.http.js';
import { own } from './own/own.staff.js';
import { sf } from './sf/sf.http.js';
import type { Source } from './source.js';
import { track17 } from './track17/track17.http.js';

/** Every source of scans, one folder each. */
export const sources: readonly Source[] = [sf, own, kuaidi100, track17];

// Carriers that only aggregators tell of.
const titles: Readonly<Record<string, { readonly zh: string; readonly en: string }>> = {
  zto: { zh: '中通快递', en: 'ZTO Express' }, yto: { zh: '圆通速递', en: 'YTO Express' }, sto: { zh: '申通快递', en: 'STO Express' }, yunda: { zh: '韵达速递', en: 'Yunda Express' }, jt: { zh: '极兔速递', en: 'J&T Express' },
  jd: { zh: '京东物流', en: 'JD Logistics' }, ems: { zh: '中国邮政 EMS', en: 'EMS (China Post)' }, deppon: { zh: '德邦快递', en: 'Deppon Express' }, usps: { zh: '美国邮政', en: 'USPS' }, dhl: { zh: 'DHL', en: 'DHL' }, ups: { zh: 'UPS', en: 'UPS' }, fedex: { zh: '联邦快递', en: 'FedEx' },
};

/** What a carrier is called; its own name if nobody here knows it. */
export const carrierTitle = (carrier: string, language: 'zh' | 'en'): string => sources.find(({ manifest }) => manifest.name === carrier)?.manifest.title[language] ?? titles[carrier]?.[language] ?? carrier.toUpperCase();
