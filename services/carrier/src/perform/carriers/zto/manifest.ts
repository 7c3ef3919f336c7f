import type { CarrierManifest } from '../carrier.js';

export const manifest: CarrierManifest = {
  name: 'zto',
  title: '中通快递',
  services: ['STANDARD'],
  numbers: [/^7[3-68]\d{12}$/, /^\d{12}$/], // no public check digit: prefix and length; 12 digits are the old form
  platformCodes: { taobao: 'ZTO' },
  timeZone: 'Asia/Shanghai',
  ratePerSecond: 20, // of the gateway, for all its carriers together
  concurrency: 10,
};
