import type { CarrierManifest } from '../carrier.js';

export const manifest: CarrierManifest = {
  name: 'sf',
  title: '顺丰速运',
  services: ['STANDARD', 'EXPRESS'],
  numbers: [/^SF[0-9A-Z]\d{12}$/, /^\d{12}$/], // no public check digit: prefix and length are all there is
  platformCodes: { taobao: 'SF' },
  timeZone: 'Asia/Shanghai',
  ratePerSecond: 30, // of its sandbox; the contract's own limit is higher
  concurrency: 16,
};
