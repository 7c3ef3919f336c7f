import type { CarrierManifest } from '../carrier.js';

export const manifest: CarrierManifest = {
  name: 'yto',
  title: '圆通速递',
  services: ['STANDARD'],
  numbers: [/^YT\d{13}$/, /^[A-Z]\d{9}$/], // no public check digit: prefix and length; a letter and nine digits is the old form. YT and 16 digits is another carrier's
  platformCodes: { taobao: 'YTO' },
  timeZone: 'Asia/Shanghai',
  ratePerSecond: 20, // of the gateway, for all its carriers together
  concurrency: 10,
};
